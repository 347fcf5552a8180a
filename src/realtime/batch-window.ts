/** Batching window: how long work is gathered before a turn. Longer if turns are expensive, zero if little happens. */

/** A conversation is busy from this many pieces of work in one turn. Below that, waiting gathers nothing. */
const BUSY = 4;
/** For so many pieces of work in a turn, the next one waits a millisecond longer. */
const WORK_PER_MS = 8;
/** For so many sockets that take many events in one frame, it waits a millisecond longer: each saves a frame. */
const LISTENERS_PER_MS = 5;
/** The longest waits for either reason, in milliseconds: people notice neither. */
const MAX_FOR_WORK_MS = 8;
const MAX_FOR_LISTENERS_MS = 20;

/** Most changes in one turn: timers and sockets wait while it runs. */
const MAX_TURN = 256;
/** A turn may always have this many, whatever the number of sockets. */
const MIN_TURN = 16;
/** Most frames that a turn sends: about a quarter of a second of work, and 15 MB in buffers. */
const MAX_FRAMES = 20_000;
/** Most events that a turn sends in batched frames: an object has 128 MB of memory. */
const MAX_EVENTS = 50_000;

/** The sockets of a conversation. */
export interface Listeners {
  /** How many take all events of a turn in one frame. */
  batching: number;
  /** How many take one event in a frame. */
  single: number;
}

/** Most changes of a turn: each may be a message to all sockets. */
export function turnSize({ batching, single }: Listeners): number {
  const most = Math.min(MAX_FRAMES / single, MAX_EVENTS / batching, MAX_TURN);
  return Math.max(MIN_TURN, Math.floor(most));
}

/**
 * The window before the next turn, in milliseconds.
 * @param worked pieces of work in the turn before.
 * @param listeners sockets that take all events of a turn in one frame.
 */
export function gatherMs(worked: number, listeners: number): number {
  if (worked < BUSY) return 0;
  const forWork = Math.min(MAX_FOR_WORK_MS, worked / WORK_PER_MS);
  const forListeners = Math.min(MAX_FOR_LISTENERS_MS, listeners / LISTENERS_PER_MS);
  return Math.floor(Math.max(forWork, forListeners));
}
