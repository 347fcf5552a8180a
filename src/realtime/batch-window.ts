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

/** Changes in one turn, at most: timers and sockets wait while a turn runs. */
const MAX_TURN = 256;
/** And at least, however many listen. */
const MIN_TURN = 16;
/** Frames that a turn sends, at most: about a quarter of a second of work, and 15 MB on their way. */
const MAX_FRAMES = 20_000;
/** Events that a turn sends in frames of many, at most: an object has 128 MB in all. */
const MAX_EVENTS = 50_000;

/** The sockets of a conversation. */
export interface Listeners {
  /** How many take in one frame what a turn sends. */
  batching: number;
  /** How many take one event a frame. */
  single: number;
}

/** Changes that a turn makes at most: each may be a message to everybody who listens. */
export function turnSize({ batching, single }: Listeners): number {
  const most = Math.min(MAX_FRAMES / single, MAX_EVENTS / batching, MAX_TURN);
  return Math.max(MIN_TURN, Math.floor(most));
}

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
