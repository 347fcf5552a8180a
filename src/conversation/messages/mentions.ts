/** The mentions of a message, with current usernames (rule 14). */
import type { Message } from "@rocket-chat-api/protocol";
import { eq, inArray } from "drizzle-orm";
import type { MentionSet } from "../../domain/mentions.ts";
import type { MessagePart } from "../state/message-part.ts";
import { oneOf } from "../state/one-of.ts";
import type { Room } from "../state/room.ts";
import { mentions } from "../state/schema.ts";

/** Means everyone in the table. */
export const EVERYBODY = "*";

type Mentions = Pick<Message, "mentions" | "mentions_all">;

export const mentionsPart: MessagePart<Mentions> = {
  from: "sender",
  empty: { mentions: [], mentions_all: false },
  load: (room) => (row) => toMentions(room, row.mentions),
  cleared: { mentions: null },
  clear({ store }, seqs) {
    store.db
      .delete(mentions)
      .where(inArray(mentions.seq, oneOf(seqs)))
      .run();
  },
  bringBack: (room, { seq, mentions: set }) => setMentions(room, seq, set),
  redact: () => ({ mentions: [], mentions_all: false }),
};

export function toMentions(room: Room, set: MentionSet | null): Mentions {
  const mentioned = (set?.user_ids ?? []).map((user_id) => ({
    user_id,
    username: room.person(user_id).username,
  }));
  return { mentions: mentioned, mentions_all: set?.all ?? false };
}

/** Replaces the stored mentions of a message. */
export function setMentions({ store }: Room, seq: number, set: MentionSet | null): void {
  store.db.delete(mentions).where(eq(mentions.seq, seq)).run();
  const user_ids = set ? [...(set.all ? [EVERYBODY] : []), ...set.user_ids] : [];
  for (const user_id of user_ids) store.db.insert(mentions).values({ user_id, seq }).run();
}

/** Which members a change mentions newly, and which no longer, so that counts can follow. */
export function moveMentions(
  room: Room,
  message: { seq: number; sender_id: string },
  before: MentionSet | null,
  after: MentionSet | null,
): void {
  if (!before && !after) return;
  const { seq, sender_id } = message;
  setMentions(room, seq, after);
  room.adjustCounts([{ seq, sender_id, isDeleted: false, called: before, calls: after }]);
}
