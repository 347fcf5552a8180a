/**
 * How long work is gathered before it is done together: the more it costs to do it once more, the longer, and never
 * where little happens.
 */

/** Pieces of work in one turn from which a conversation counts as busy: below, whoever waits would wait for nothing. */
const BUSY = 4;
/** Pieces of work in a turn for which the next one waits a millisecond longer. */
const WORK_PER_MS = 8;
/**
 * Sockets for which a busy conversation waits a millisecond, where each takes all that was gathered in one frame: what
 * a frame costs is saved for each of them.
 */
const LISTENERS_PER_MS = 5;
/** Longest wait for the sake of either, in milliseconds: below what people notice. */
const MAX_FOR_WORK_MS = 8;
const MAX_FOR_LISTENERS_MS = 20;

/**
 * Milliseconds that the next turn gathers.
 * @param worked pieces of work in the turn before.
 * @param listeners sockets that take what a turn sends in one frame.
 */
export function gatherMs(worked: number, listeners: number): number {
  if (worked < BUSY) return 0;
  const forWork = Math.min(MAX_FOR_WORK_MS, worked / WORK_PER_MS);
  const forListeners = Math.min(MAX_FOR_LISTENERS_MS, listeners / LISTENERS_PER_MS);
  return Math.floor(Math.max(forWork, forListeners));
}
