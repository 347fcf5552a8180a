/**
 * One room, everybody on the conversation's own socket: first all of them send as fast as a bounded window lets them,
 * then one sends at a steady rate.
 */
import { Driver } from "../driver.ts";
import { type Figures, settle, undisturbed } from "../measure.ts";
import type { Side } from "../rooms.ts";

const WARM_UP_SECONDS = 1;
const STEADY_PER_SECOND = 50;

export interface RoomOptions {
  /** Of each phase. */
  seconds: number;
  /** Messages on their way at a time. */
  window: number;
  /** Attempts at an undisturbed phase. */
  attempts: number;
}

/** Both phases in one new room. */
export async function room(
  side: Side,
  size: number,
  { seconds, window, attempts }: RoomOptions,
): Promise<{ pipelined: Figures; steady: Figures }> {
  const driver = await Driver.connect(await side.open(size));
  try {
    await driver.pipelined(WARM_UP_SECONDS, window);
    await settle(side);
    const pipelined = await undisturbed(side, attempts, () => driver.pipelined(seconds, window));
    const steady = await undisturbed(side, attempts, () => driver.steady(seconds, STEADY_PER_SECOND));
    return { pipelined, steady };
  } finally {
    driver.close();
  }
}
