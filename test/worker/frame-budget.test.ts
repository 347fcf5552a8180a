import { FRAME_BURST, MAX_REFUSED_IN_A_ROW } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import type { Env } from "../../src/env.ts";
import { FrameBudget } from "../../src/realtime/frame-budget.ts";
import { SendOrder } from "../../src/realtime/send-order.ts";

const NOW = 1_000_000;

/** Settings with a counter that answers when the test says so. */
function counter() {
  const answers: ((success: boolean) => void)[] = [];
  const limit = () =>
    new Promise((resolve) => answers.push((success) => resolve({ success }))) as Promise<{
      success: boolean;
    }>;
  return { env: { RATE_LIMIT_REQUESTS: { limit } } as unknown as Env, answers };
}

const typing = {
  kind: "command" as const,
  command: { type: "typing.start" as const, conversation_id: "here", request_id: "r1" },
};

describe("the budget of a socket", () => {
  it("[R24 LIMIT-FRAMES] a full bucket, then refusals, the last of which ends it, then nothing", () => {
    const budget = new FrameBudget(NOW);
    const said = Array.from({ length: FRAME_BURST + MAX_REFUSED_IN_A_ROW + 2 }, () => budget.admit(NOW));
    expect(said.slice(0, FRAME_BURST)).toEqual(Array(FRAME_BURST).fill("admitted"));
    expect(said.slice(FRAME_BURST, -3)).toEqual(Array(MAX_REFUSED_IN_A_ROW - 1).fill("too_many"));
    expect(said.slice(-3)).toEqual(["last", "ignored", "ignored"]);
    expect(budget.admit(NOW + 3_600_000)).toBe("ignored");
  });

  it("[R24 LIMIT-FRAMES] a counter that answers out of order is heard in the order of the frames", async () => {
    const { env, answers } = counter();
    const budget = new FrameBudget(NOW);
    const heard: string[] = [];
    const counts = [
      budget.count(env, "requests", "ann").then((counted) => heard.push(`first ${counted}`)),
      budget.count(env, undefined, "ann").then((counted) => heard.push(`free ${counted}`)),
      budget.count(env, "requests", "ann").then((counted) => heard.push(`last ${counted}`)),
    ];
    answers[1]?.(false);
    await Promise.resolve();
    expect(heard).toEqual([]);
    answers[0]?.(true);
    await Promise.all(counts);
    expect(heard).toEqual(["first within", "free within", "last over"]);
  });

  it("[R24 LIMIT-FRAMES] refusals in a row close the socket; an accepted command starts again", () => {
    const budget = new FrameBudget(NOW);
    const refuse = () => budget.refusalOf(typing, "signals", "over");
    for (let refused = 1; refused < MAX_REFUSED_IN_A_ROW; refused++) expect(refuse()?.close).toBeUndefined();
    budget.accepted();
    for (let refused = 1; refused < MAX_REFUSED_IN_A_ROW; refused++) expect(refuse()?.close).toBeUndefined();
    expect(refuse()).toMatchObject({ event: { request_id: "r1" }, close: { kind: "RATE_LIMITED" } });
  });

  it("[R24 LIMIT-FRAMES] what could not be counted is refused only where it is costly", () => {
    const budget = new FrameBudget(NOW);
    expect(budget.refusalOf(typing, "signals", "unknown")).toBeUndefined();
    expect(budget.refusalOf(typing, "signals", "within")).toBeUndefined();
    const sync = { kind: "command" as const, command: { type: "sync" as const, conversations: {} } };
    expect(budget.refusalOf(sync, "requests", "unknown")?.event).toMatchObject({
      code: "SERVICE_UNAVAILABLE",
    });
  });
});

describe("the order of sends", () => {
  it("[R20 ORDER-3] what is sent later waits for the newest one with attachments in its lane, and then for none", async () => {
    const order = new SendOrder();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    order.add("here", first.promise);
    order.add("here", second.promise);
    expect(order.before("here")).toBe(second.promise);
    expect(order.before("elsewhere")).toBeUndefined();
    first.resolve();
    await first.promise;
    expect(order.before("here")).toBe(second.promise);
    second.resolve();
    await second.promise;
    await Promise.resolve();
    expect(order.before("here")).toBeUndefined();
  });
});
