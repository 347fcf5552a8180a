/** An object's one alarm, shared by everything in the object that waits for a time. */

export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  #setFor: number | undefined;

  constructor(ctx: DurableObjectState) {
    this.#storage = ctx.storage;
    void ctx.blockConcurrencyWhile(async () => {
      this.#setFor = (await ctx.storage.getAlarm()) ?? undefined;
    });
  }

  /** Makes sure that the alarm rings at `time` or earlier. @param time milliseconds since 1970; undefined: never. */
  ringBy(time: number | undefined): void {
    if (time === undefined || (this.#setFor !== undefined && this.#setFor <= time)) return;
    this.#setFor = time;
    // Not awaited: it is written in the same commit as what made it necessary, and the output gate covers both.
    void this.#storage.setAlarm(time);
  }

  /** The alarm has rung: whoever still waits for a time must ask again. */
  rang(): void {
    this.#setFor = undefined;
  }
}
