import {
  ApiError,
  apply,
  applyFetched,
  applyFuture,
  asFutureEvent,
  ChatClient,
  isRetryable,
  messageIdAt,
} from "@rocket-chat-api/client";
import type { ErrorCode, ServerEvent } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { BOB, begun, fakeSockets, fetched, follow, ID, said, token } from "./client-kit.ts";

const future = (seq: number, more: object = {}) =>
  asFutureEvent({ type: "message.of_tomorrow", conversation_id: ID, seq, ...more }) ??
  expect.fail("it takes a number");

describe("a server of the future", () => {
  it("[R31 CLIENT-30] an unknown numbered event advances the counter: what comes next is no gap", () => {
    const state = follow(begun(), said(2, BOB));
    const { state: next, outcome } = applyFuture(state, future(3, { data: { patch: {} } }));
    expect([outcome, next]).toEqual(["applied", { ...state, seq: 3 }]);
    expect(apply(next, said(4, BOB)).outcome).toBe("applied");
    expect(applyFuture(next, future(3)).outcome).toBe("ignored");
    expect(applyFuture(next, future(6)).outcome).toBe("gap");
    expect(applyFuture(next, { ...future(4), conversation_id: messageIdAt(ID, 9) }).outcome).toBe("ignored");
  });

  it("[R31 CLIENT-31] the copy of the message that it names is stale until it is fetched with the change", () => {
    const state = follow(begun(), said(2, BOB), said(3, BOB));
    for (const named of [{ message_id: messageIdAt(ID, 2) }, { data: { message_id: messageIdAt(ID, 2) } }]) {
      const { state: next } = applyFuture(state, future(4, named));
      expect([...next.stale]).toEqual([[2, 4]]);
      expect(applyFetched(next, fetched(2, BOB)).stale.size).toBe(1);
      const fresh = applyFetched(next, { ...fetched(2, BOB), changed_seq: 4, content: "pinned" });
      expect([fresh.stale.size, fresh.messages[0]?.content]).toEqual([0, "pinned"]);
    }
  });

  it("[R31 CLIENT-32] one that is not loaded, and one that is hidden, are not fetched", () => {
    const state = { ...follow(begun(), said(2, BOB)), hidden: new Set([2]), messages: [] };
    expect(applyFuture(state, future(3, { message_id: messageIdAt(ID, 2) })).state.stale.size).toBe(0);
    const unloaded = { ...state, hidden: new Set<number>() };
    const { state: next } = applyFuture(unloaded, future(3, { message_id: messageIdAt(ID, 2) }));
    expect([next.stale.size, next.passed_by.get(2)]).toEqual([0, 3]);
  });

  it("[R31 CLIENT-33] what takes no number is no event of a conversation's", () => {
    for (const event of [{}, { type: "x" }, { type: "x", conversation_id: ID }, { type: "x", seq: 3 }]) {
      expect(asFutureEvent(event)).toBeUndefined();
    }
    expect(asFutureEvent({ type: "x", conversation_id: ID, seq: 1.5 })).toBeUndefined();
  });

  it("[R31 CLIENT-34] the client asks for no sync, fetches what it shows, and goes on", async () => {
    const { sockets, open } = fakeSockets();
    const asked: string[] = [];
    const client = new ChatClient({
      url: "http://chat.test",
      token: () => token(3600),
      openSocket: open,
      fetch: async (url: string) => {
        asked.push(new URL(url).pathname);
        const isMessage = url.includes("/messages/");
        const changed = { ...fetched(2, BOB), changed_seq: 3, content: "changed" };
        return Response.json(isMessage ? changed : { conversations: [], removed_conversation_ids: [] });
      },
    });
    client.start();
    await expect.poll(() => sockets.length).toBe(1);
    const [socket] = sockets;
    socket?.establish();
    for (const event of [createdEvent(), said(2, BOB)]) socket?.say(event as ServerEvent);
    const before = socket?.sent.filter(({ type }) => type === "sync").length;
    socket?.frame(
      JSON.stringify({
        type: "message.of_tomorrow",
        conversation_id: ID,
        seq: 3,
        data: { message_id: messageIdAt(ID, 2), patch: { is_pinned: true } },
      }),
    );
    socket?.say(said(4, BOB) as ServerEvent);
    await expect.poll(() => client.conversations.get(ID)?.messages[0]?.content).toBe("changed");
    expect(client.conversations.get(ID)).toMatchObject({ seq: 4, stale: new Map() });
    expect(socket?.sent.filter(({ type }) => type === "sync").length).toBe(before);
    expect(asked.filter((path) => path.includes("/messages/"))).toHaveLength(1);
    client.stop();
  });

  it("[R5 CLIENT-35] a code that is not known is treated by its status", () => {
    const refusal = { code: "CODE_OF_THE_FUTURE" as ErrorCode, message: "" };
    for (const [status, retryable] of [
      [400, false],
      [403, false],
      [409, false],
      [429, true],
      [500, true],
      [503, true],
    ] as const) {
      expect([status, isRetryable(new ApiError(refusal, { status }))]).toEqual([status, retryable]);
    }
  });
});

function createdEvent() {
  const { info, members } = begun();
  const data = { ...info, seq: 1, participants: [...members.values()] };
  return { type: "conversation.created", conversation_id: ID, seq: 1, data };
}
