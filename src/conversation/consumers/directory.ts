/** What the directory gets of a conversation: the first consumer of its changes. */

import { openDirectory } from "../../directory/database.ts";
import { type Known, renewEpoch } from "../../directory/epoch.ts";
import { clearMessages, type Flush, project } from "../../directory/projection.ts";
import { forgetLater } from "../../directory/recovered.ts";
import type { Restored } from "../../directory/restored.ts";
import { isCurrent } from "../../domain/access.ts";
import { discretionOf, summaryOf } from "../../domain/caller.ts";
import { forgottenUpTo } from "../../domain/recovery.ts";
import { mustMark } from "../../domain/sync.ts";
import { marksOf } from "../messages/attachments.ts";
import { tellsReads } from "../receipts/shown-marks.ts";
import { type Cursor, DIRECTORY, isSetBack, setBackTo } from "../state/cursor.ts";
import type { EpochMemory } from "../state/epoch-memory.ts";
import type { HiddenRow } from "../state/hidden.ts";
import { wholePositions } from "../state/missed.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import type { Batch, Consumer } from "./consumer.ts";

/** A batch for the directory. */
interface DirectoryRows {
  flush: Flush;
  /** Members in whose list the conversation appears with this batch; see {@link newlyListed}. */
  listed: ReadonlySet<string>;
}

/** Messages in one batch, at most. */
const BATCH = 100;
/** Characters of their texts, at most: D1 takes 2 MB a parameter, and a character is up to 6 bytes of JSON. */
const BATCH_CHARACTERS = 250_000;

/** What the consumer needs of its object. */
export interface DirectoryHost {
  /** Opened for each batch. */
  d1: D1Database;
  /** The conversation is in the lists of these members now. If it throws, it is called again later. */
  onListed(userIds: ReadonlySet<string>): Promise<void>;
  /** The directory has this conversation back, which it had lost. */
  onRestored(): Promise<void>;
  epochs: EpochMemory;
  /** Whether retention has been at this place: a tombstone there is not in the directory. */
  isGone(seq: number): boolean;
}

/**
 * A batch costs D1, and the bill, about as much as many rows, so changes gather first. A REST write does not wait for
 * that.
 */
export function directoryConsumer(host: DirectoryHost): Consumer<Room, DirectoryRows> {
  const { d1, epochs } = host;
  return {
    name: DIRECTORY,
    gatherMs: 200,
    intervalMs: 2_000,
    nextBatch: (room, cursor) => nextBatch(room, cursor, host.isGone),
    write: async ({ flush, listed }) => {
      const known = await project(openDirectory(d1), flush);
      if (known.seq < (flush.known_seq ?? 0)) return await setBack(d1, epochs, known);
      epochs.seen(known.epoch);
      if (listed.size > 0) await host.onListed(listed);
      if (flush.restored) await host.onRestored();
      return undefined;
    },
    save: () => epochs.save(),
    // Messages from after the loss of the directory would otherwise get lower ids than older messages.
    reset: async ({ id, store }) => {
      const upTo = forgottenUpTo(store.recoveries.forgotten);
      if (upTo > 0) await forgetLater(openDirectory(d1), id, upTo);
      await clearMessages(openDirectory(d1), id);
    },
  };
}

/**
 * The directory has less than it had: it was lost, or put back to an earlier state. One that was put back has the identity
 * that it had, so it gets another: what clients know of its revisions does not hold any more.
 */
async function setBack(d1: D1Database, epochs: EpochMemory, known: Known): Promise<Cursor> {
  if (known.epoch === epochs.last()) await renewEpoch(openDirectory(d1), known.epoch);
  return setBackTo(known.seq);
}

/** What the directory lacks, at most one batch of it. */
function nextBatch(room: Room, cursor: Cursor, isGone: DirectoryHost["isGone"]): Batch<DirectoryRows> {
  const { rows: missed, isAll } = room.store.missedSince(cursor.seq, BATCH);
  const taken = fitting(missed);
  const hasNewRows = room.rev > cursor.rev;
  const members = hasNewRows ? room.store.membersChangedAfter(cursor.rev) : [];
  const isComplete = isAll && taken.length === missed.length;
  const seq = isComplete ? room.head : (taken.at(-1)?.position ?? room.head);
  const messages = taken.map(({ message }) => message);
  const isGoneRow = ({ seq: place, deleted_at }: MessageRow) =>
    deleted_at !== null && isGone(place) && place !== room.newest.seq;
  const hidden = hasNewRows ? room.hidden.afterRev(cursor.rev) : [];
  const isQuiet = seq === cursor.seq && members.length > 0 && members.every(isQuietRow);
  const written = toFlush(room, seq, members, messages, hidden);
  const flush = {
    ...written,
    isMarked: isMarked(room, cursor.seq),
    isQuiet,
    ...(messages.some(isGoneRow) && {
      messages: messages.filter((row) => !isGoneRow(row)).map(toProjected),
      gone: messages.filter(isGoneRow).map(({ seq: place }) => place),
    }),
    known_seq: cursor.seq,
    ...(isSetBack(cursor) && { restored: restoredOf(room) }),
  };
  return { rows: { flush, listed: newlyListed(room, cursor) }, cursor: { seq, rev: room.rev } };
}

/** Whether others learn nothing of what has changed in a row without a number: not of a former member's name, for one. */
function isQuietRow(row: MemberRow): boolean {
  return isCurrent(row) && !tellsReads(row);
}

/** @param known the `seq` that the directory had before. */
function isMarked(room: Room, known: number): boolean {
  return room.currentMembers().some((member) => {
    // Hardly anybody hides a conversation, so hardly ever is this looked up.
    const newest = member.hidden_seq === null ? 0 : room.messageAt(known);
    return mustMark(member, { seq: known, newest });
  });
}

/**
 * The members in whose list the conversation appears with what was changed after a cursor: they have joined, or a message
 * has brought back what they had left. Who is named without need learns nothing new; who is left out may never know.
 */
function newlyListed(room: Room, { seq }: Cursor): ReadonlySet<string> {
  const { newest } = room;
  const isBack = (hiddenSeq: number) => hiddenSeq < newest.seq && room.messageAt(seq) <= hiddenSeq;
  const isNew = ({ joined_seq, hidden_seq }: MemberRow) =>
    joined_seq > seq || (hidden_seq !== null && isBack(hidden_seq));
  const members = room.currentMembers().filter(isNew);
  return new Set(members.map((member) => member.user_id));
}

/** As many of the first messages as fit into a batch: at least one, and those that have changed with one number together. */
function fitting<T extends { position: number; message: MessageRow }>(missed: T[]): T[] {
  let characters = 0;
  const tooMany = missed.findIndex(({ message }, i) => {
    characters += message.content.length;
    return i > 0 && characters > BATCH_CHARACTERS;
  });
  return tooMany < 0 ? missed : wholePositions(missed, tooMany);
}

function toFlush(
  room: Room,
  seq: number,
  members: MemberRow[],
  messages: MessageRow[],
  hidden: HiddenRow[],
): Omit<Flush, "isMarked" | "isQuiet" | "known_seq"> {
  const { changed_seq: _, settings: __, ...info } = room.info;
  const sent_counts = sentCounts(room);
  const senders = sent_counts ? [] : new Set(messages.map((message) => message.sender_id));
  return {
    conversation: {
      ...info,
      member_count: room.audience.size,
      seq,
      message_no: room.messageNo,
      last_message_seq: room.newest.seq,
      last_activity_at: room.newest.created_at || info.created_at,
      sent_counts,
    },
    members: members.map((row) => toProjectedMember(room, row)),
    messages: messages.map(toProjected),
    hidden,
    attachments: marksOf(room, messages),
    sent: [...senders].map((user_id) => ({ user_id, sent_no: room.sentNo(user_id) })),
  };
}

/** What a directory that was lost gets beside the projection. */
function restoredOf(room: Room): Restored {
  const people = [...room.roster.values()].map((row) => ({
    ...summaryOf(row),
    ...discretionOf(row),
    profile_version: row.profile_version,
  }));
  const [one, other] = people;
  // With an erased person nobody begins anything (rule 28).
  const isLasting = people.every(({ user_id }) => !room.erased.has(user_id));
  const isPair = room.info.type === "direct" && one && other && people.length === 2 && isLasting;
  return {
    people,
    created_at: room.info.created_at,
    erased: [...room.erased],
    ...(isPair && { pair: [one.user_id, other.user_id] as const }),
  };
}

/** People whose counts fit into the conversation's own row, which is written anyway. */
const FEW = 16;

/** What everyone has sent so far, as JSON; null if they are many. */
function sentCounts(room: Room): string | null {
  if (room.roster.size > FEW) return null;
  const counts = [...room.roster.keys()].map((userId) => [userId, room.sentNo(userId)] as const);
  return JSON.stringify(Object.fromEntries(counts.filter(([, count]) => count > 0)));
}

/** What the directory keeps of a member: names and photos are its own. */
function toProjectedMember(room: Room, row: MemberRow): Flush["members"][number] {
  const { user_id, role, joined_seq, left_seq, last_read_seq, read_no, read_sent_no } = row;
  const { unread_deleted, unread_mentions, hidden_seq, visible_from, read_blocked_no, muted_until, rev } =
    row;
  const blocked = room.blocks.unseenBy(user_id);
  return {
    user_id,
    role,
    joined_seq,
    left_seq,
    last_read_seq,
    read_no,
    read_sent_no,
    unread_deleted,
    unread_mentions,
    hidden_seq,
    visible_from,
    blocked: blocked.size === 0 ? null : JSON.stringify([...blocked]),
    read_blocked_no,
    muted_until,
    request: row.request?.state ?? null,
    sent_no: room.sentNo(user_id),
    rev,
  };
}

/** What the directory keeps of a message. */
function toProjected(row: MessageRow): Flush["messages"][number] {
  const { seq, changed_seq, sender_id, type, content, created_at, edited_at, deleted_at, expires_at } = row;
  return { seq, changed_seq, sender_id, type, content, created_at, edited_at, deleted_at, expires_at };
}
