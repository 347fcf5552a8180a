import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settledWithin } from "../../src/realtime/settled-within.ts";
import { Timer } from "../../src/realtime/timer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a timer that is never cleared", () => {
  it("[TIMER-1] fires once, when it is due", () => {
    const work = vi.fn();
    const timer = new Timer(work);
    timer.set(100);
    expect(timer.isSet).toBe(true);
    vi.advanceTimersByTime(99);
    expect(work).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(work).toHaveBeenCalledTimes(1);
    expect(timer.isSet).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it("[TIMER-1] only what was set last counts, whether it is sooner or later", () => {
    const fired: number[] = [];
    const start = Date.now();
    const timer = new Timer(() => fired.push(Date.now() - start));
    timer.set(100);
    timer.set(50);
    timer.set(80);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual([80]);
  });

  it("[TIMER-1] does nothing once it was stopped, and can be set again", () => {
    const work = vi.fn();
    const timer = new Timer(work);
    timer.set(100);
    timer.stop();
    expect(timer.isSet).toBe(false);
    vi.advanceTimersByTime(50);
    timer.set(100);
    vi.advanceTimersByTime(99);
    expect(work).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it("[TIMER-1] may be set by its own work, as a timer that repeats", () => {
    let left = 3;
    const timer: Timer = new Timer(() => {
      left -= 1;
      if (left > 0) timer.set(10);
    });
    timer.set(10);
    vi.advanceTimersByTime(1_000);
    expect(left).toBe(0);
    expect(timer.isSet).toBe(false);
  });

  it("[TIMER-2] what is waited for with a limit ends at the limit, with the work, or with its failure", async () => {
    const endless = settledWithin(new Promise(() => undefined), 100);
    const quick = settledWithin(Promise.resolve("done"), 100);
    const failing = settledWithin(Promise.reject(new Error("broken")), 100);
    await expect(failing).rejects.toThrow("broken");
    await expect(quick).resolves.toBeUndefined();
    await vi.advanceTimersByTimeAsync(100);
    await expect(endless).resolves.toBeUndefined();
  });
});
