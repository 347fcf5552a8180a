/** Reactions: one for each user and emoji (rule 18). */

import {
  type Failure,
  failure,
  MAX_EMOJI_PER_MESSAGE,
  MAX_REACTIONS_PER_MESSAGE,
  MAX_REACTIONS_PER_USER,
  messageId,
  type Reaction,
  timestamp,
} from "@rocket-chat-api/protocol";
import { created, found } from "../../domain/outcome.ts";
import type { Annotations, ReactionRow } from "../state/annotations.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { answer, type Change, type Emission, type Room, refuse } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { visible } from "../state/visibility.ts";

function toReaction(room: Room, row: ReactionRow): Reaction {
  return {
    reaction_id: row.reaction_id,
    message_id: messageId(room.id, row.seq),
    emoji: row.emoji,
    user_id: row.user_id,
    created_at: timestamp(row.created_at),
  };
}

/** Adds a reaction; adding it again answers with the first. */
function addReaction({ room, member, seq, input, now }: Context<"addReaction">): Change<Reaction> {
  const { emoji } = input;
  const message = visible(room, member, seq);
  if (!message) return refuse(failure("NOT_FOUND", "No such message"));
  if (message.deleted_at !== null) return refuse(failure("CONFLICT", "The message is deleted"));
  const { user_id } = member;
  const existing = room.notes.reaction(seq, user_id, emoji);
  if (existing) return { outcome: found(toReaction(room, existing)), emissions: [] };
  const refusal = refuseReaction(room.notes.reactionTotals(seq, user_id, emoji));
  if (refusal) return refuse(refusal);
  const row = { seq, user_id, emoji, reaction_id: crypto.randomUUID(), created_at: now };
  room.notes.addReaction(row);
  const emissions = [reactionEvent(room, member, seq, emoji, "add")];
  return { outcome: created(toReaction(room, row)), emissions };
}

/** Why a message takes no more reactions, or undefined: they travel with it wherever it is read. */
function refuseReaction(totals: ReturnType<Annotations["reactionTotals"]>): Failure | undefined {
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

/** Removes a reaction; removing what is not there changes nothing. */
function removeReaction({ room, member, seq, input }: Context<"removeReaction">): Change<null> {
  const { emoji } = input;
  if (!visible(room, member, seq)) return refuse(failure("NOT_FOUND", "No such message"));
  const existing = room.notes.reaction(seq, member.user_id, emoji);
  if (!existing) return answer(null);
  room.notes.removeReaction(existing.reaction_id, seq);
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
