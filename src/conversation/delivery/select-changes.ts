/** Which messages and members a client that was away needs, and when they replace all that it has (rule 21). */

import {
  type FetchedMessage,
  LIMITED_SYNC_MESSAGES,
  MAX_PAGE_BYTES,
  MAX_SEQ,
  MAX_SYNC_ANNOTATIONS,
} from "@rocket-chat-api/protocol";
import { fitting } from "../../domain/page-bytes.ts";
import { toFetched } from "../messages/history.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { leftOutFor, visibleAmong, visibleFrom } from "../state/visibility.ts";
import { planResume } from "./plan-resume.ts";

/** The messages and members that a client needs. */
export interface Selection {
  messages: FetchedMessage[];
  roster: MemberRow[];
  /** The `seq` of messages that the member has hidden. */
  hidden: number[];
  /** Whether this replaces all that the client has. */
  limited: boolean;
  /** Whether it does so even if the client has as much. */
  reset: boolean;
  /** If it is limited: whether there are older messages. */
  has_more: boolean;
}

/**
 * What has changed since a position, or the newest page where the client cannot go on from there.
 * @param since null for a client that wants only the newest page: it has nothing, or {@link mayHaveCopy}, from a time that nobody
 *   knows.
 */
export function selectRows(
  room: Room,
  member: MemberRow,
  since: number | null,
  maxMessages: number,
  mayHaveCopy = false,
): Selection {
  const { joined_seq: joinedSeq, blocks_seq: blocksSeq } = member;
  const state = { head: room.head, joinedSeq, blocksSeq, forgotten: room.store.recoveries.forgotten };
  const plan = since === null ? "limited" : planResume({ since, ...state });
  return (
    (plan === "changes" && selectChanges(room, member, since ?? 0, maxMessages)) || {
      ...selectNewest(room, member, maxMessages),
      // What the client has is from before the block, whatever else it cannot go on from.
      reset: blocksSeq !== null && (since === null ? mayHaveCopy : since <= blocksSeq),
    }
  );
}

/** What has changed since a position; undefined if that is too much of anything for one answer. */
function selectChanges(
  room: Room,
  member: MemberRow,
  since: number,
  maxMessages: number,
): Selection | undefined {
  const changed = room.store.messagesChangedAfter(since, maxMessages + 1);
  if (changed.length > maxMessages) return undefined;
  const roster = changedMembers(room, since);
  const hidden = room.hidden.since(member.user_id, since, MAX_SYNC_ANNOTATIONS + 1);
  // A client that begins with nothing gets all members, however many they are.
  const tooMany = since > 0 && roster.length > MAX_SYNC_ANNOTATIONS;
  if (tooMany || hidden.length > MAX_SYNC_ANNOTATIONS) return undefined;
  const rows = shownTo(room, member, changed, maxMessages);
  const messages = rows && toFetched(room, member, rows);
  if (!messages || fitting(messages, MAX_PAGE_BYTES).length < messages.length) return undefined;
  return { messages, has_more: false, roster, hidden, limited: false, reset: false };
}

function changedMembers(room: Room, since: number): MemberRow[] {
  const changed: MemberRow[] = [];
  for (const row of room.roster.values()) if (row.changed_seq > since) changed.push(row);
  return changed;
}

/** The newest page, in place of all that the client has. */
function selectNewest(room: Room, member: MemberRow, maxMessages: number): Omit<Selection, "reset"> {
  const range = { after: visibleFrom(member) - 1, before: MAX_SEQ + 1, newestFirst: true };
  const limit = Math.min(LIMITED_SYNC_MESSAGES, maxMessages);
  const newest = room.store.messagesIn({ ...range, limit: limit + 1, ...leftOutFor(room, member) });
  const messages = fitting(toFetched(room, member, newest.slice(0, limit)), MAX_PAGE_BYTES);
  return {
    messages: messages.reverse(),
    has_more: newest.length > messages.length,
    roster: room.currentMembers(),
    hidden: room.hidden.newest(member.user_id, MAX_SYNC_ANNOTATIONS).reverse(),
    limited: true,
  };
}

/**
 * The changed messages that a member may see. If another one was deleted, the messages that quote it are included.
 * Undefined if too many do.
 */
function shownTo(
  room: Room,
  member: MemberRow,
  changed: MessageRow[],
  maxMessages: number,
): MessageRow[] | undefined {
  const seqs = (rows: MessageRow[]) => rows.map((row) => row.seq);
  const shown = visibleAmong(room, member, changed);
  const seen = new Set(shown);
  // A quote of a message that they may not see has no text: only a deletion changes it, or its end.
  const wasDeleted = (row: MessageRow) => row.deleted_at !== null || row.restored_at !== null;
  const gone = changed.filter((row) => !seen.has(row) && wasDeleted(row));
  const quoting = room.store.quotesOf(seqs(gone), visibleFrom(member), maxMessages + 1);
  if (quoting.length > maxMessages) return undefined;
  const known = new Set(seqs(changed));
  const quotes = visibleAmong(room, member, quoting).filter((row) => !known.has(row.seq));
  return [...quotes, ...shown];
}
