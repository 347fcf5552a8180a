import { ApiError, ConnectionLost, type OutboxEntry } from "@rocket-chat-api/client";
import { webStorage } from "@rocket-chat-api/client/store";
import type { Message } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox, type OutboxHost, type OutboxStorage } from "../../packages/client/src/outbox.ts";
import { ANN, ID, message } from "./client-kit.ts";

const OTHER = ID.replace("9f", "8f");

function entry(n: number, conversation_id = ID): OutboxEntry {
  return {
    client_message_id: `id-${n}`,
    conversation_id,
    data: { type: "text", content: `text ${n}` },
    queued_at: 0,
  };
}

/** A server that answers when the test says so. */
function outbox(storage?: OutboxStorage) {
  const sent: string[] = [];
  const answers: { resolve: (message: Message) => void; reject: (error: unknown) => void }[] = [];
  const refused: string[] = [];
  const state = { isOnline: true };
  const host: OutboxHost = {
    isOnline: () => state.isOnline,
    transmit: (one) => {
      sent.push(one.client_message_id);
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
    changed: () => undefined,
    refused: (one) => refused.push(one.client_message_id),
    backoff: { base_ms: 1_000, cap_ms: 1_000, random: () => 1 },
  };
  const box = new Outbox(host, storage);
  return { box, sent, answers, refused, state };
}

const stored = (n: number) => message(n + 1, ANN, { client_message_id: `id-${n}` });
const ticks = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the outbox", () => {
  it("[OUTBOX-1] sends one at a time in each conversation, in order; conversations do not wait for each other", async () => {
    const { box, sent, answers } = outbox();
    const all = [box.add(entry(1)), box.add(entry(2)), box.add(entry(3, OTHER))];
    await ticks();
    expect(sent).toEqual(["id-1", "id-3"]);
    answers[0]?.resolve(stored(1));
    await ticks();
    expect(sent).toEqual(["id-1", "id-3", "id-2"]);
    answers[1]?.resolve(stored(3));
    answers[2]?.resolve(stored(2));
    expect((await Promise.all(all)).map((one) => one.client_message_id)).toEqual(["id-1", "id-2", "id-3"]);
    expect(box.pending(ID)).toEqual([]);
  });

  it("[OUTBOX-2] keeps everything while offline, and sends it in order after a reconnect, with the same ids", async () => {
    const { box, sent, answers, state } = outbox();
    void box.add(entry(1));
    void box.add(entry(2));
    await ticks();
    state.isOnline = false;
    answers[0]?.reject(new ConnectionLost("gone"));
    await ticks();
    expect(box.pending(ID).map((one) => one.client_message_id)).toEqual(["id-1", "id-2"]);
    state.isOnline = true;
    box.flush();
    box.flush();
    await ticks();
    expect(sent).toEqual(["id-1", "id-1"]);
    answers[1]?.resolve(stored(1));
    await ticks();
    expect(sent).toEqual(["id-1", "id-1", "id-2"]);
  });

  it("[OUTBOX-3] a message that is heard before its acknowledgement is not sent again", async () => {
    const { box, sent, answers, state } = outbox();
    const first = box.add(entry(1));
    await ticks();
    state.isOnline = false;
    answers[0]?.reject(new ConnectionLost("gone"));
    await ticks();
    box.confirm(stored(1));
    expect(await first).toEqual(stored(1));
    state.isOnline = true;
    box.flush();
    await ticks();
    expect(sent).toEqual(["id-1"]);
  });

  it("[OUTBOX-4] a refusal is told and does not hold up the next; what may pass is tried again after a pause", async () => {
    const { box, sent, answers } = outbox();
    const [first, second] = [box.add(entry(1)), box.add(entry(2))];
    const refusal = first.catch((error: unknown) => error);
    await ticks();
    answers[0]?.reject(new ApiError({ code: "FORBIDDEN", message: "no" }));
    expect(await refusal).toMatchObject({ code: "FORBIDDEN" });
    await ticks();
    answers[1]?.reject(new ApiError({ code: "RATE_LIMIT_EXCEEDED", message: "later" }));
    await vi.advanceTimersByTimeAsync(999);
    expect(sent).toEqual(["id-1", "id-2"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual(["id-1", "id-2", "id-2"]);
    answers[2]?.resolve(stored(2));
    expect(await second).toEqual(stored(2));
  });

  it("[OUTBOX-5] what the last run of the application left is sent first, and its refusal is told", async () => {
    const items = new Map<string, string>();
    const text = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
    };
    const before = outbox(webStorage(text));
    before.state.isOnline = false;
    void before.box.add(entry(1));
    void before.box.add(entry(2));
    await ticks();
    const { box, sent, answers, refused } = outbox(webStorage(text));
    void box.add(entry(3));
    await ticks();
    answers[0]?.reject(new ApiError({ code: "FORBIDDEN", message: "no" }));
    await ticks();
    answers[1]?.resolve(stored(2));
    await ticks();
    answers[2]?.resolve(stored(3));
    await ticks();
    expect([sent, refused]).toEqual([["id-1", "id-2", "id-3"], ["id-1"]]);
    expect(await webStorage(text).load()).toEqual([]);
  });

  it("[OUTBOX-6] a message can be given up", async () => {
    const { box, state } = outbox();
    state.isOnline = false;
    const result = box.add(entry(1)).catch((error: Error) => error.message);
    await ticks();
    box.cancel(ID, "id-1");
    expect(await result).toBe("the message was cancelled");
    expect(box.pending(ID)).toEqual([]);
  });
});
