/** The clock of tests and service together, which can be moved while it goes on. Timers are left alone. */

const RealDate = Date;
let shift = 0;

class ShiftedDate extends RealDate {
  constructor(...values: unknown[]) {
    if (values.length === 0) super(RealDate.now() + shift);
    else super(...(values as [number]));
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}

/** Moves the clock. @param ms forward, or back if it is negative. */
export function moveClock(ms: number): void {
  shift += ms;
  globalThis.Date = ShiftedDate as DateConstructor;
}

/** Puts the clock right. */
export function restoreClock(): void {
  shift = 0;
  globalThis.Date = RealDate;
}

/** Milliseconds since 1970 by the clock that was not moved: what the stand-ins of push providers have. */
export function realNow(): number {
  return RealDate.now();
}
