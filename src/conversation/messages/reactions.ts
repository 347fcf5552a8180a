/** Reactions: one for each user and emoji (rule 18). */

import {
  type Failure,
  failure,
  MAX_EMOJI_PER_MESSAGE,
  MAX_REACTIONS_PER_MESSAGE,
  MAX_REACTIONS_PER_USER,
  type Message,
  messageId,
  type Reaction,
  timestamp,
} from "@rocket-chat-api/protocol";
import { and, count, countDistinct, eq, inArray, sql } from "drizzle-orm";
import { checkOpen } from "../../domain/access.ts";
import { checkWrite } from "../../domain/moderation.ts";
import { created, found, refused } from "../../domain/outcome.ts";
import type { Context, Handlers } from "../state/handler.ts";
import type { MessagePart } from "../state/message-part.ts";
import { checkAccepted } from "../state/message-requests.ts";
import { oneOf } from "../state/one-of.ts";
import { answer, type Change, type Emission, type Room, unchanged } from "../state/room.ts";
import { reactions } from "../state/schema.ts";
import type { MemberRow } from "../state/store.ts";
import { visible } from "../state/visibility.ts";

type ReactionRow = typeof reactions.$inferSelect;

export const reactionsPart: MessagePart<Pick<Message, "reactions">> = {
  from: "others",
  empty: { reactions: [] },
  load(room, rows, viewerId) {
    const seqs = rows.map((row) => row.seq);
    const unseen = viewerId === null ? undefined : room.blocks.unseenBy(viewerId);
    const shown = reactionsTo(room, seqs).filter(({ user_id }) => !unseen?.has(user_id));
    const bySeq = Map.groupBy(shown, (row) => row.seq);
    return ({ seq }) => ({
      reactions: (bySeq.get(seq) ?? []).map(({ emoji, user_id }) => ({
        emoji,
        user_id,
        username: room.person(user_id).username,
      })),
    });
  },
  cleared: {},
  clear({ store }, seqs) {
    store.db
      .delete(reactions)
      .where(inArray(reactions.seq, oneOf(seqs)))
      .run();
  },
  keep: (room, seq) => reactionsTo(room, [seq]),
  bringBack({ store }, _, kept) {
    for (const row of (kept ?? []) as ReactionRow[]) store.db.insert(reactions).values(row).run();
  },
  redact: () => ({ reactions: [] }),
};

/** Reactions to these messages in the order of creation. Timestamps do not give it if the clock was set back. */
function reactionsTo({ store }: Room, seqs: readonly number[]): ReactionRow[] {
  if (seqs.length === 0) return [];
  return store.db
    .select()
    .from(reactions)
    .where(inArray(reactions.seq, oneOf(seqs)))
    .orderBy(sql`${reactions}.rowid`)
    .all();
}

function findReaction({ store }: Room, seq: number, user_id: string, emoji: string): ReactionRow | undefined {
  return store.db
    .select()
    .from(reactions)
    .where(and(eq(reactions.seq, seq), eq(reactions.user_id, user_id), eq(reactions.emoji, emoji)))
    .get();
}

/** Counts the reactions of a message: all, those of a user, and those with this emoji. */
function reactionTotals({ store }: Room, seq: number, user_id: string, emoji: string) {
  const totals = store.db
    .select({
      all: count(),
      emoji: countDistinct(reactions.emoji),
      own: sql<number | null>`sum(${reactions.user_id} = ${user_id})`,
      same: sql<number | null>`sum(${reactions.emoji} = ${emoji})`,
    })
    .from(reactions)
    .where(eq(reactions.seq, seq))
    .get();
  return {
    all: totals?.all ?? 0,
    emoji: totals?.emoji ?? 0,
    own: totals?.own ?? 0,
    same: totals?.same ?? 0,
  };
}

function toReaction(room: Room, row: ReactionRow): Reaction {
  return {
    reaction_id: row.reaction_id,
    message_id: messageId(room.id, row.seq),
    emoji: row.emoji,
    user_id: row.user_id,
    created_at: timestamp(row.created_at),
  };
}

/** Adds a reaction. Repeating it returns the first one. */
function addReaction({ room, member, seq, input, now }: Context<"addReaction">): Change<Reaction> {
  const { emoji } = input;
  const message = visible(room, member, seq);
  if (!message) return unchanged(refused("NOT_FOUND", "No such message"));
  const silenced = checkWrite(member, room.info.settings, now);
  if (silenced) return unchanged(refused(silenced));
  if (message.deleted_at !== null) return unchanged(refused("CONFLICT", "The message has been deleted"));
  const { user_id } = member;
  const existing = findReaction(room, seq, user_id, emoji);
  if (existing) return { outcome: found(toReaction(room, existing)), emissions: [] };
  const refusal =
    checkOpen(room.blocks.isClosed) ??
    checkAccepted(room, member) ??
    checkReaction(reactionTotals(room, seq, user_id, emoji));
  if (refusal) return unchanged(refused(refusal));
  const row = { seq, user_id, emoji, reaction_id: crypto.randomUUID(), created_at: now };
  room.store.db.insert(reactions).values(row).run();
  const emissions = [reactionEvent(room, member, seq, emoji, "add")];
  return { outcome: created(toReaction(room, row)), emissions };
}

/** Why a message can have no more reactions, or undefined. Reactions are sent with every read of the message. */
function checkReaction(totals: ReturnType<typeof reactionTotals>): Failure | undefined {
  const text =
    totals.own >= MAX_REACTIONS_PER_USER
      ? `At most ${MAX_REACTIONS_PER_USER} different reactions of one user to one message`
      : totals.same === 0 && totals.emoji >= MAX_EMOJI_PER_MESSAGE
        ? `At most ${MAX_EMOJI_PER_MESSAGE} different emoji on one message`
        : totals.all >= MAX_REACTIONS_PER_MESSAGE
          ? `At most ${MAX_REACTIONS_PER_MESSAGE} reactions to one message`
          : undefined;
  return text === undefined ? undefined : failure("VALIDATION_ERROR", text);
}

/** Removes a reaction. Does nothing if there is none. */
function removeReaction({ room, member, seq, input }: Context<"removeReaction">): Change<null> {
  const { emoji } = input;
  if (!visible(room, member, seq)) return unchanged(refused("NOT_FOUND", "No such message"));
  const existing = findReaction(room, seq, member.user_id, emoji);
  if (!existing) return answer(null);
  room.store.db
    .delete(reactions)
    .where(and(eq(reactions.seq, seq), eq(reactions.reaction_id, existing.reaction_id)))
    .run();
  return { ...answer(null), emissions: [reactionEvent(room, member, seq, emoji, "remove")] };
}

function reactionEvent(
  room: Room,
  member: MemberRow,
  of: number,
  emoji: string,
  action: "add" | "remove",
): Emission {
  const seq = room.nextSeq();
  room.store.updateMessage(of, { changed_seq: seq });
  const { user_id, username } = member;
  const data = { message_id: messageId(room.id, of), user_id, username, emoji, action };
  return {
    event: { type: "message.reaction", conversation_id: room.id, seq, data },
    to: room.audience,
  };
}

export const reactionHandlers = {
  addReaction: { apply: addReaction },
  removeReaction: { apply: removeReaction },
} satisfies Partial<Handlers>;
