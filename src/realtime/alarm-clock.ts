/** The one alarm of an object, shared by everything in it that waits for a time. */
import type { EpochMs } from "../domain/time.ts";
import { errorFields, log } from "../log.ts";

export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  #setFor: EpochMs | undefined;

  constructor(ctx: DurableObjectState) {
    this.#storage = ctx.storage;
    void ctx.blockConcurrencyWhile(async () => {
      this.#setFor = (await ctx.storage.getAlarm()) ?? undefined;
    });
  }

  /** Makes sure that the alarm rings at `time` or earlier. @param time undefined: nothing waits. */
  ringBy(time: EpochMs | undefined): void {
    if (time === undefined || (this.#setFor !== undefined && this.#setFor <= time)) return;
    this.#setFor = time;
    // Not awaited: the alarm is part of the same commit as its cause, and the output gate covers both.
    this.#storage.setAlarm(time).catch((error: unknown) => {
      // An object that is being put away can set no alarm. What comes next sets one again.
      this.#setFor = undefined;
      log("warn", "alarm.failed", { ...errorFields(error) });
    });
  }

  /** The alarm has rung. What still waits for a time must call {@link ringBy} again. */
  rang(): void {
    this.#setFor = undefined;
  }
}
