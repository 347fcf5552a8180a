/** Events about many messages at once (rule 31), as a client applies them. */
import { apply, type ConversationState, type StateEvent } from "@rocket-chat-api/client";
import { describe, expect, it } from "vitest";
import { ANN, BOB, begun, follow, ID, message, quote, receipt, said } from "./client-kit.ts";

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
  it("[R31 RANGE-2] where one of them is loaded, counted or quoted, the client asks from before the event", () => {
    const outcomes = (state: ConversationState, ...events: StateEvent[]) =>
      events.map((event) => {
        const { outcome, state: after } = apply(state, event);
        return [outcome, after.seq];
      });
    expect(outcomes(three(), gone(5, BOB, [[2, 4]]), gone(5, null, [[1, 2]]), erased(5, 1, 4))).toEqual([
      ["gap", 4],
      ["gap", 4],
      ["gap", 4],
    ]);
    // Unread ones that are not loaded are counted all the same.
    const far = { ...three(), loaded_from: 4, messages: three().messages.slice(-1) };
    expect(outcomes(far, gone(5, null, [[2, 2]]))).toEqual([["gap", 4]]);
    const read = follow({ ...three(), loaded_from: 3 }, receipt(ANN, 4, "read"));
    const quoting = follow(read, said(5, ANN, { reply_to: quote(message(2, BOB)) }));
    expect(outcomes(quoting, gone(6, null, [[2, 2]]))).toEqual([["gap", 5]]);
  });

  it("[R31 RANGE-3] where none is, it takes the number, and a page that is on its way is known to be old", () => {
    const read = follow({ ...three(), loaded_from: 4 }, receipt(ANN, 4, "read"));
    const state = { ...read, messages: read.messages.slice(-1) };
    const { outcome, state: after } = apply(state, gone(5, null, [[1, 2]]));
    expect([outcome, after.seq, [...after.passed_by].filter(([, seq]) => seq === 5)]).toEqual([
      "applied",
      5,
      [
        [1, 5],
        [2, 5],
      ],
    ]);
    expect(apply(after, gone(5, null, [[1, 2]])).outcome).toBe("ignored");
    expect(apply(state, gone(6, null, [[1, 2]])).outcome).toBe("gap");
  });
});
