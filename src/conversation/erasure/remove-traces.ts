/**
 * Takes out of messages what an erased person has added to them, and what names the person: reactions, mentions, the words of system
 * messages, and with `anonymise` what the app has put beside their texts (rule 28).
 */
import type { ErasedCounts, SystemNote } from "@rocket-chat-api/protocol";
import { and, eq, inArray } from "drizzle-orm";
import {
  ERASED_NAME,
  type ErasureOrder,
  plainFileName,
  withoutMention,
  withoutNames,
} from "../../domain/erased-person.ts";
import type { MentionSet } from "../../domain/mentions.ts";
import { sentenceOf } from "../../domain/system-sentences.ts";
import { moveMentions } from "../messages/mentions.ts";
import { oneOf } from "../state/one-of.ts";
import type { Emission, Room } from "../state/room.ts";
import { edits, reactions } from "../state/schema.ts";
import type { MessageRow } from "../state/store.ts";
import { namesOfOthers, type Traces } from "./find.ts";

/** @param gone messages that were deleted in this turn already. */
export function removeTraces(
  room: Room,
  order: ErasureOrder,
  found: Traces,
  gone: ReadonlySet<number>,
): { emissions: Emission[]; counts: Pick<ErasedCounts, "messages" | "mentions" | "notes"> } {
  const { user_id, messages: kind } = order;
  const own = kind === "anonymise" ? anonymiseOwn(room, found.own) : [];
  const reacted = found.reacted.filter((seq) => !gone.has(seq));
  const mentioned = removeMentions(room, order, found.mentioned);
  const noted = reword(room, order, found.noted);
  cleanVersions(room, order, found.edited);
  const changed = [...new Set([...own, ...reacted, ...mentioned, ...noted])];
  const counts = {
    messages: own.length,
    mentions: mentioned.length,
    notes: noted.length,
  };
  if (changed.length === 0) return { emissions: [], counts };
  const seq = room.nextSeq();
  for (const place of changed) room.store.updateMessage(place, { changed_seq: seq });
  const range = { from_seq: Math.min(...changed), to_seq: Math.max(...changed) };
  const data = { user_id, ...range, messages: kind };
  const event = { type: "person.erased" as const, conversation_id: room.id, seq, data };
  return { emissions: [{ event, to: room.audience }], counts };
}

/** The texts stay, and what they mention. What else there is may have a name in it. */
function anonymiseOwn(room: Room, seqs: readonly number[]): number[] {
  const changed: number[] = [];
  for (const row of room.store.messagesAt([...seqs])) {
    const attachments = row.attachments?.map((one) => ({ ...one, file_name: plainFileName(one.file_name) }));
    const plain = { metadata: null, client_message_id: null, sent_hash: null };
    room.store.updateMessage(row.seq, { ...plain, ...(attachments && { attachments }) });
    room.store.db.update(edits).set({ metadata: null }).where(eq(edits.seq, row.seq)).run();
    if (row.deleted_at === null) changed.push(row.seq);
  }
  return changed;
}

/** Deletes the reactions of a person to these messages. @returns how many there were. */
export function removeReactions({ store }: Room, user_id: string, seqs: readonly number[]): number {
  if (seqs.length === 0) return 0;
  const isTheirs = and(inArray(reactions.seq, oneOf([...seqs])), eq(reactions.user_id, user_id));
  return store.db.delete(reactions).where(isTheirs).returning({ seq: reactions.seq }).all().length;
}

/** Others no longer mention the person: neither in the list, nor by the name that the app has put beside the text. */
function removeMentions(room: Room, order: ErasureOrder, seqs: readonly number[]): number[] {
  const isOfOthers = namesOfOthers(room, order);
  // Those that were deleted in this turn have none any more.
  const rows = room.store.messagesAt([...seqs]).filter((row) => row.mentions !== null);
  for (const row of rows) {
    const mentions = withoutPerson(row.mentions, order.user_id);
    const metadata = withoutMention(row.metadata, isOfOthers);
    room.store.updateMessage(row.seq, { mentions, metadata });
    moveMentions(room, row, row.mentions, mentions);
  }
  return rows.filter((row) => row.deleted_at === null).map((row) => row.seq);
}

/** A set of mentions without one person; null if nobody is left. */
export function withoutPerson(set: MentionSet | null, userId: string): MentionSet | null {
  if (!set) return null;
  const user_ids = set.user_ids.filter((id) => id !== userId);
  if (user_ids.length === 0 && !set.all) return null;
  const names = Object.entries(set.names ?? {})
    .map(([name, ids]) => [name, ids.filter((id) => id !== userId)] as const)
    .filter(([, ids]) => ids.length > 0);
  return { all: set.all, user_ids, ...(set.names && { names: Object.fromEntries(names) }) };
}

/** Makes the words of system messages again, from what they tell. @returns those that have changed. */
function reword(room: Room, order: ErasureOrder, seqs: readonly number[]): number[] {
  return room.store.messagesAt([...seqs]).flatMap((row) => {
    const content = wordsOf(room, order, row);
    if (content === row.content) return [];
    room.store.updateMessage(row.seq, { content });
    return [row.seq];
  });
}

/**
 * The words of a system message without the person. A name that somebody else has given to the group stays in them; what the app has
 * said in its own words is left to the app.
 */
function wordsOf(room: Room, { user_id, names }: ErasureOrder, row: MessageRow): string {
  const note = row.system as SystemNote | null;
  if (!note || row.deleted_at !== null) return row.content;
  const nameOf = (id: string) => (id === user_id ? ERASED_NAME : room.person(id).display_name);
  const words = sentenceOf(note, { nameOf });
  if (words === undefined) return row.content;
  const isAbout = note.actor_id === user_id || note.user_id === user_id || isAmong(note.user_ids, user_id);
  return isAbout ? words : withoutNames(row.content, names);
}

function isAmong(ids: unknown, userId: string): boolean {
  return Array.isArray(ids) && ids.includes(userId);
}

/** What the app has put beside earlier versions: of their own messages nothing is left, and others mention them no longer. */
function cleanVersions(room: Room, order: ErasureOrder, seqs: readonly number[]): void {
  const isOfOthers = namesOfOthers(room, order);
  const own = new Set(
    room.store
      .messagesAt([...seqs])
      .filter((row) => row.sender_id === order.user_id)
      .map((row) => row.seq),
  );
  for (const seq of seqs) {
    for (const version of room.store.db.select().from(edits).where(eq(edits.seq, seq)).all()) {
      const metadata = own.has(seq) ? null : withoutMention(version.metadata, isOfOthers);
      if (metadata === version.metadata) continue;
      const where = and(eq(edits.seq, seq), eq(edits.version, version.version));
      room.store.db.update(edits).set({ metadata }).where(where).run();
    }
  }
}
