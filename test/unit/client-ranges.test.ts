/** Events about many messages at once (rule 31), as a client applies them. */
import { apply, type ConversationState, type StateEvent } from "@rocket-chat-api/client";
import { describe, expect, it } from "vitest";
import { ANN, BOB, begun, deleted, follow, ID, message, quote, said } from "./client-kit.ts";

const at = (state: ConversationState, seq: number) => state.messages.find((one) => one.seq === seq);

function gone(seq: number, sender_id: string | null, ranges: [number, number][], reason = "deleted") {
  const data = {
    ranges: ranges.map(([from_seq, to_seq]) => ({ from_seq, to_seq })),
    sender_id,
    deleted_by: BOB,
    reason,
  };
  return { type: "messages.deleted", conversation_id: ID, seq, data } as StateEvent;
}

function erased(seq: number, from_seq: number, to_seq: number): StateEvent {
  const data = { user_id: BOB, from_seq, to_seq, messages: "erase" as const };
  return { type: "person.erased", conversation_id: ID, seq, data };
}

const three = () => follow(begun(), said(2, BOB), said(3, ANN), said(4, BOB));

describe("events about many messages", () => {
  it("[R31 RANGE-2] messages.deleted of a sender is as message.deleted of each, but for the number that they share", () => {
    const after = follow(three(), gone(5, BOB, [[2, 4]]));
    expect([2, 3, 4].map((seq) => at(after, seq)?.is_deleted)).toEqual([true, false, true]);
    expect([2, 4].map((seq) => at(after, seq)?.changed_seq)).toEqual([5, 5]);
    const one = follow(three(), deleted(5, 2));
    expect(at(follow(three(), gone(5, BOB, [[2, 2]])), 2)).toEqual(at(one, 2));
    expect(after.unread_count).toBe(0);
    expect(follow(three(), gone(5, null, [[2, 3]])).messages.map((m) => m.is_deleted)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("[R31 RANGE-3] quotes of what is gone show nothing, system messages of the sender stay, and a jump is a gap", () => {
    const quoted = message(2, BOB);
    const state = follow(
      begun(),
      said(2, BOB),
      said(3, ANN, { reply_to: quote(quoted) }),
      said(4, BOB, { type: "system" }),
    );
    const after = follow(state, gone(5, BOB, [[2, 4]], "erased"));
    expect(at(after, 3)?.reply_to).toMatchObject({ content: "", is_deleted: true });
    expect(at(after, 4)?.is_deleted).toBe(false);
    expect(at(after, 2)?.client_message_id).toBeNull();
    expect(apply(state, gone(6, BOB, [[2, 4]])).outcome).toBe("gap");
    expect(apply(after, gone(5, BOB, [[2, 4]])).outcome).toBe("ignored");
  });

  it("[R31 RANGE-4] person.erased takes the number; who has something of the person loaded asks from before it", () => {
    const clean = follow(begun(), said(2, ANN), said(3, ANN));
    expect(apply(clean, erased(4, 1, 3))).toMatchObject({ outcome: "applied", state: { seq: 4 } });
    const reacted = follow(
      begun(),
      said(2, ANN, { reactions: [{ emoji: "👍", user_id: BOB, username: "bob" }] }),
    );
    const { outcome, state } = apply(reacted, erased(3, 1, 2));
    expect([outcome, state.seq]).toEqual(["gap", 2]);
  });
});
