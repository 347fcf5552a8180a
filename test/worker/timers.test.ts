import type { ServerEvent } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { connect, connectTo, group, people, say, type TestSocket } from "./kit.ts";

/**
 * Watches the timers of the service, not those of the tests.
 * @returns where in the source timers were cleared that had not fired: each costs 256 bytes (`src/realtime/timer.ts`).
 */
function clearedTimers(): string[] {
  const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
  const pending = new Set<unknown>();
  const cleared: string[] = [];
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, ms?: number) => {
    const timer: unknown = set(() => {
      pending.delete(timer);
      work();
    }, ms);
    pending.add(timer);
    return timer;
  }) as typeof setTimeout);
  vi.spyOn(globalThis, "clearTimeout").mockImplementation((timer) => {
    const [, place] = /\/(src\/[^:)]+)/.exec(new Error().stack ?? "") ?? [];
    if (pending.delete(timer) && place !== undefined) cleared.push(place);
    clear(timer ?? null);
  });
  return cleared;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("timers of objects that are not put away for long", () => {
  it("[TIMER-3] whatever is said and read, in a quiet room and in a busy one: no timer is cleared before it fires", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const [annsHub, bobsHub] = await Promise.all([connect(ann), connect(bob)]);
    const direct = await connectTo(cid, id);
    const cleared = clearedTimers();
    const set = vi.mocked(globalThis.setTimeout).mock.calls;
    const send = (socket: TestSocket, content: string) =>
      socket.ask({ type: "message.send", conversation_id: id, data: { type: "text", content } });
    const answers: ServerEvent[] = [];
    for (let n = 0; n < 3; n++) {
      const { message_id } = await say(ann, id, `by REST ${n}`);
      answers.push(await send(annsHub, `over /ws ${n}`));
      answers.push(await send(direct, `direct ${n}`));
      answers.push(await bobsHub.ask({ type: "message.read", conversation_id: id, message_id }));
      answers.push(await direct.ask({ type: "typing.start", conversation_id: id }));
    }
    const burst = Array.from({ length: 40 }, (_, n) => send(direct, `burst ${n}`));
    answers.push(...(await Promise.all(burst)));
    expect(answers.filter(({ type }) => type !== "ack")).toEqual([]);
    expect(set.length).toBeGreaterThan(5);
    expect(cleared).toEqual([]);
  });
});
