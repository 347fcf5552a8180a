import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BatchOrder } from "../../src/user-hub/batch-order.ts";

const ID = "one";

/** A hub's order, and the batches in the order in which they were passed on. */
function hub() {
  const order = new BatchOrder();
  const passed: number[] = [];
  const arrives = async (number: number, life = "first", follows_call = false) => {
    await order.pass(ID, { life, number, follows_call }, () => passed.push(number));
  };
  const isAnswered = async (number: number, follows_call = false) => {
    await order.passAnswer(ID, { life: "first", number, follows_call }, () => passed.push(number));
  };
  return { order, passed, arrives, isAnswered };
}

describe("batches that come by call and with answers", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[ORDER-1] without a command under way, each is passed on as it comes", async () => {
    const { passed, arrives } = hub();
    for (const number of [7, 8, 8, 10]) await arrives(number);
    expect(passed).toEqual([7, 8, 8, 10]);
  });

  it("[ORDER-2] a call that overtakes an answer waits for it", async () => {
    const { order, passed, arrives, isAnswered } = hub();
    await arrives(1);
    order.expectAnswer(ID);
    const call = arrives(3);
    await vi.advanceTimersByTimeAsync(10);
    expect(passed).toEqual([1]);
    await isAnswered(2);
    await call;
    expect(passed).toEqual([1, 2, 3]);
  });

  it("[ORDER-3] a hub that has just woken does not know what was before, and waits for the answer", async () => {
    const { order, passed, arrives, isAnswered } = hub();
    order.expectAnswer(ID);
    order.expectAnswer(ID);
    const [call, second] = [arrives(8), isAnswered(9)];
    await vi.advanceTimersByTimeAsync(10);
    expect(passed).toEqual([]);
    await isAnswered(7);
    await Promise.all([call, second]);
    expect(passed).toEqual([7, 8, 9]);
  });

  it("[ORDER-4] an answer that is lost holds nothing back longer than its command", async () => {
    const { order, passed, arrives } = hub();
    await arrives(1);
    order.expectAnswer(ID);
    const calls = [arrives(4), arrives(3)];
    await vi.advanceTimersByTimeAsync(10);
    order.noEvents(ID);
    await Promise.all(calls);
    expect(passed).toEqual([1, 3, 4]);
  });

  it("[ORDER-5] a command that takes long holds nothing back longer than a second", async () => {
    const { order, passed, arrives } = hub();
    order.expectAnswer(ID);
    const call = arrives(5);
    await vi.advanceTimersByTimeAsync(999);
    expect(passed).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    await call;
    expect(passed).toEqual([5]);
  });

  it("[ORDER-6] the first batch of another life waits for nothing", async () => {
    const { order, passed, arrives } = hub();
    await arrives(9);
    order.expectAnswer(ID);
    await arrives(1, "second");
    await arrives(2, "second");
    expect(passed).toEqual([9, 1, 2]);
  });

  it("[ORDER-7] other conversations are not held back", async () => {
    const { order } = hub();
    order.expectAnswer(ID);
    const pass = vi.fn();
    expect(order.pass("another", { life: "first", number: 6 }, pass)).toBeUndefined();
    expect(pass).toHaveBeenCalled();
  });

  it("[ORDER-8] whatever overtakes what, every batch is passed on once, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ byAnswer: fc.boolean(), delay: fc.nat(30) }), { minLength: 1, maxLength: 30 }),
        async (batches) => {
          const { order, passed, arrives, isAnswered } = hub();
          // A conversation makes one call at a time, and gives events to an answer only while no call is under way.
          let calledUntil = 0;
          const all = batches.map(async ({ byAnswer, delay }, i) => {
            const arrivesAt = calledUntil + delay + 1;
            if (byAnswer) order.expectAnswer(ID);
            else calledUntil = arrivesAt;
            await new Promise((resolve) => setTimeout(resolve, arrivesAt));
            const followsCall = i > 0 && batches[i - 1]?.byAnswer === false;
            await (byAnswer ? isAnswered(i + 1, followsCall) : arrives(i + 1, "first", followsCall));
          });
          await vi.advanceTimersByTimeAsync(1_500);
          await Promise.all(all);
          expect(passed).toEqual(batches.map((_, i) => i + 1));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("[ORDER-11] what follows a call waits for no command, however long it takes, also after a wake of the hub", async () => {
    const { order, passed, arrives, isAnswered } = hub();
    for (let i = 0; i < 3; i += 1) order.expectAnswer(ID);
    await arrives(58, "first", true);
    await isAnswered(59, true);
    await isAnswered(60);
    expect(passed).toEqual([58, 59, 60]);
  });

  it("[ORDER-9] of conversations that have handed over nothing, nothing is kept: a client may name any", async () => {
    const { order, passed, arrives } = hub();
    for (let i = 0; i < 100; i += 1) {
      order.expectAnswer(`guessed-${i}`);
      order.noEvents(`guessed-${i}`);
    }
    expect(order.size).toBe(0);
    order.expectAnswer(ID);
    order.expectAnswer(ID);
    const call = arrives(5);
    order.noEvents(ID);
    expect(passed).toEqual([]);
    order.noEvents(ID);
    await call;
    expect(passed).toEqual([5]);
    expect(order.size).toBe(1);
  });
});
