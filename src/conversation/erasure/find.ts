/** Finds what is left of a person who is erased, in a range of messages (rule 28). */
import { and, between, desc, eq, isNotNull, isNull, ne, or, type SQL, sql } from "drizzle-orm";
import { asInJson, type ErasureOrder, normal, withoutMention } from "../../domain/erased-person.ts";
import type { KeptMessage } from "../state/evidence-schema.ts";
import type { Room } from "../state/room.ts";
import { edits, evidence, mentions, messages, reactions } from "../state/schema.ts";

/** Places of messages looked at in one turn, and messages changed in it. */
const LOOKED_AT = 2_000;
export const CHANGED_AT_A_TIME = 50;

/** What there is to erase: places of messages, by what it is. */
export interface Traces {
  /** Their own messages. */
  own: number[];
  reacted: number[];
  mentioned: number[];
  /** System messages that are about them. */
  noted: number[];
  /** Edited messages whose earlier versions mention them, or are theirs. */
  edited: number[];
  /** Deleted messages of which something is kept for reports. */
  kept: number[];
}

/** What is left in a range, and where the range begins: it ends earlier if there is much. */
export interface Found extends Traces {
  from: number;
}

/** The newest traces below a place. */
export function findTraces(room: Room, order: ErasureOrder, before: number): Found {
  const from = Math.max(1, before - LOOKED_AT);
  const all: Traces = {
    own: ownIn(room, order, from, before - 1),
    reacted: reactedIn(room, order, from, before - 1),
    mentioned: mentionedIn(room, order, from, before - 1),
    noted: notedIn(room, order, from, before - 1),
    edited: editedIn(room, order, from, before - 1),
    kept: keptIn(room, order, from, before - 1),
  };
  const places = [...new Set(Object.values(all).flat())].sort((a, b) => b - a);
  const lowest = places.length > CHANGED_AT_A_TIME ? (places[CHANGED_AT_A_TIME - 1] ?? from) : from;
  const isIn = (seq: number) => seq >= lowest;
  const kinds = Object.entries(all).map(([kind, seqs]) => [kind, seqs.filter(isIn)]);
  return { ...(Object.fromEntries(kinds) as Traces), from: lowest };
}

type Finder = (room: Room, order: ErasureOrder, from: number, to: number) => number[];

/** One more than are changed, so that it shows whether there are more. */
const LIMIT = CHANGED_AT_A_TIME + 1;

const ownIn: Finder = ({ store }, { user_id, messages: kind }, from, to) => {
  const isLeft: SQL | undefined =
    kind === "erase"
      ? or(isNull(messages.deleted_at), isNotNull(messages.client_message_id))
      : or(
          isNotNull(messages.client_message_id),
          isNotNull(messages.metadata),
          isNotNull(messages.sent_hash),
          isNotNull(messages.attachments),
        );
  const isTheirs = and(between(messages.seq, from, to), eq(messages.sender_id, user_id));
  return seqsOf(
    store.db
      .select({ seq: messages.seq })
      .from(messages)
      .where(and(isTheirs, ne(messages.type, "system"), isLeft))
      .orderBy(desc(messages.seq))
      .limit(LIMIT)
      .all(),
  );
};

const reactedIn: Finder = ({ store }, { user_id }, from, to) =>
  seqsOf(
    store.db
      .selectDistinct({ seq: reactions.seq })
      .from(reactions)
      .where(and(between(reactions.seq, from, to), eq(reactions.user_id, user_id)))
      .orderBy(desc(reactions.seq))
      .limit(LIMIT)
      .all(),
  );

const mentionedIn: Finder = ({ store }, { user_id }, from, to) =>
  seqsOf(
    store.db
      .select({ seq: mentions.seq })
      .from(mentions)
      .where(and(eq(mentions.user_id, user_id), between(mentions.seq, from, to)))
      .orderBy(desc(mentions.seq))
      .limit(LIMIT)
      .all(),
  );

/** Every one that is about them: whether its words must change is seen when they are made. */
const notedIn: Finder = ({ store }, { user_id, names }, from, to) => {
  const isNamed = names.map((name) => sql`instr(${messages.content}, ${name}) > 0`);
  const isAbout = or(
    eq(messages.sender_id, user_id),
    sql`instr(${messages.system}, ${user_id}) > 0`,
    ...isNamed,
  );
  return seqsOf(
    store.db
      .select({ seq: messages.seq })
      .from(messages)
      .where(and(between(messages.seq, from, to), eq(messages.type, "system"), isAbout))
      .orderBy(desc(messages.seq))
      .limit(LIMIT)
      .all(),
  );
};

/** Versions of their own messages go with the message where it is erased; otherwise what the app has put beside them goes. */
const editedIn: Finder = (room, order, from, to) => {
  const rows = room.store.db
    .select({ seq: edits.seq, metadata: edits.metadata, sender_id: messages.sender_id })
    .from(edits)
    .innerJoin(messages, eq(messages.seq, edits.seq))
    .where(and(between(edits.seq, from, to), isNotNull(edits.metadata)))
    .orderBy(desc(edits.seq))
    .all();
  const isOfOthers = namesOfOthers(room, order);
  const isNamed = (metadata: string | null) => withoutMention(metadata, isOfOthers) !== metadata;
  const left = rows.filter((row) => row.sender_id === order.user_id || isNamed(row.metadata));
  return [...new Set(seqsOf(left))].slice(0, LIMIT);
};

const keptIn: Finder = ({ store }, { user_id, names }, from, to) => {
  const rows = store.db
    .select()
    .from(evidence)
    .where(between(evidence.seq, from, to))
    .orderBy(desc(evidence.seq))
    .all();
  return seqsOf(rows.filter(({ kept }) => isAboutPerson(kept, [user_id, ...names]))).slice(0, LIMIT);
};

/** Whether what is kept of a message has something of a person. */
function isAboutPerson(kept: KeptMessage, words: readonly string[]): boolean {
  const text = JSON.stringify(kept);
  return words.some((word) => text.includes(asInJson(word)));
}

/** Whether a name of a mention is that of somebody else who is or was here. */
export function namesOfOthers(
  { roster }: Pick<Room, "roster">,
  { user_id }: ErasureOrder,
): (name: string) => boolean {
  const others = [...roster.values()].filter((member) => member.user_id !== user_id);
  const known = new Set([...others.map(({ username }) => normal(username)), "all"]);
  return (name) => known.has(name);
}

function seqsOf(rows: readonly { seq: number }[]): number[] {
  return rows.map(({ seq }) => seq);
}
