/**
 * Whether a client keeps up. The platform does not say what a socket has yet to send, so it is estimated: characters
 * sent, minus those that the client acknowledged.
 *
 * A client that never acknowledges is assumed to take a fixed number of characters a second. Its ping also shows that
 * it has read what was sent before. But a client that never reads can ping too, so a ping clears the window at most
 * every {@link PING_CLEARS_MS}. No other frame proves anything.
 */
import { FLOW_TRUST_PER_SECOND, FLOW_WINDOW, HEARTBEAT_MS } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";

/** The state of one socket. */
export interface Backpressure {
  /** Characters that the client may not have received yet. */
  outstanding: number;
  /**
   * Everything sent and not acknowledged. Trust and pings lower only `outstanding`, so a late acknowledgement may be for
   * all of this.
   */
  unacknowledged: number;
  /** When `outstanding` was estimated. */
  at: EpochMs;
  /** Whether the client acknowledges what it receives. */
  acknowledges: boolean;
  /** The last ping that cleared what was sent before it. */
  cleared_at: EpochMs;
}

/** Pings clear the window at most this often. */
const PING_CLEARS_MS = HEARTBEAT_MS / 2;

/** A client also counts what joins frames, and what was sent before the object hibernated. */
const ACK_TOLERANCE = 0.1;
/** Characters. */
const ACK_SLACK = 64 * 1024;

/** A socket that has been sent nothing. */
export function newBackpressure(now: EpochMs): Backpressure {
  return { outstanding: 0, unacknowledged: 0, at: now, acknowledges: false, cleared_at: now };
}

/** After sending more. @param size characters. */
export function afterSend(before: Backpressure, size: number, now: EpochMs): Backpressure {
  const taken = before.acknowledges ? 0 : ((now - before.at) / 1000) * FLOW_TRUST_PER_SECOND;
  const outstanding = Math.max(0, before.outstanding - Math.max(0, taken)) + size;
  return { ...before, outstanding, unacknowledged: before.unacknowledged + size, at: now };
}

/** After the client said that it received so much more. More than was sent is not believed. @param size characters. */
export function afterAck(before: Backpressure, size: number): Backpressure {
  if (size > before.unacknowledged * (1 + ACK_TOLERANCE) + ACK_SLACK) return before;
  const unacknowledged = Math.max(0, before.unacknowledged - size);
  // What the client has yet to acknowledge is all that can be on its way.
  const outstanding = Math.min(Math.max(0, before.outstanding - size), unacknowledged);
  return { ...before, outstanding, unacknowledged, acknowledges: true };
}

/** After a ping. @param at when it came. */
export function afterPing(before: Backpressure, at: EpochMs): Backpressure {
  const isProof = !before.acknowledges && at > before.at && at - before.cleared_at >= PING_CLEARS_MS;
  return isProof ? { ...before, outstanding: 0, cleared_at: at } : before;
}

/** Whether so much is outstanding that a ping can matter. */
export function isHalfFull({ outstanding }: Backpressure): boolean {
  return outstanding > FLOW_WINDOW / 2;
}

/** Whether so much more can be sent before the client is too slow. @param size characters. */
export function hasRoom(before: Backpressure, size: number, now: EpochMs): boolean {
  const { outstanding } = afterSend(before, 0, now);
  return outstanding === 0 || outstanding + size <= FLOW_WINDOW;
}

/** Whether too much is outstanding (rule 23: close code 4010). */
export function isTooSlow({ outstanding }: Backpressure): boolean {
  return outstanding > FLOW_WINDOW;
}

/**
 * Whether a client that used to ping has missed two heartbeats. Its socket is then half open.
 * @param lastPing undefined for a client that never pinged: nothing can be said of it.
 */
export function isUnresponsive(lastPing: EpochMs | undefined, now: EpochMs): boolean {
  return lastPing !== undefined && now - lastPing > 2 * HEARTBEAT_MS;
}
