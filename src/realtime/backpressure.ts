/**
 * Whether a client keeps up. The platform does not say what a socket has yet to take, so it is reckoned: characters
 * sent, less those that the client acknowledged. A client that acknowledges nothing is trusted to take so many a
 * second; a ping that comes after what was sent clears it, but no more than a window in a while, for who never reads
 * can ping all the same. No other frame proves anything.
 */
import { FLOW_TRUST_PER_SECOND, FLOW_WINDOW, HEARTBEAT_MS } from "@rocket-chat-api/protocol";

export interface Flow {
  /** Characters that may still be on their way. */
  outstanding: number;
  /** When that was reckoned, in milliseconds since 1970. */
  at: number;
  /** Whether the client acknowledges what it receives. */
  acknowledges: boolean;
  /** The last ping that cleared what was sent before it, in milliseconds since 1970. */
  cleared_at: number;
}

/** A socket that has been sent nothing. */
export function newFlow(now: number): Flow {
  return { outstanding: 0, at: now, acknowledges: false, cleared_at: now };
}

/** More is sent. @param size characters. */
export function afterSend(flow: Flow, size: number, now: number): Flow {
  const taken = flow.acknowledges ? 0 : ((now - flow.at) / 1000) * FLOW_TRUST_PER_SECOND;
  return { ...flow, outstanding: Math.max(0, flow.outstanding - Math.max(0, taken)) + size, at: now };
}

/**
 * The client says that it has received so much more. It is believed as far as that can be: more than was sent was not
 * received.
 * @param size characters.
 */
export function afterAck(flow: Flow, size: number): Flow {
  if (size > flow.outstanding * (1 + ACK_TOLERANCE) + ACK_SLACK) return flow;
  return { ...flow, outstanding: Math.max(0, flow.outstanding - size), acknowledges: true };
}

/** Clients count what frames are joined with, and what was sent before the object slept. */
const ACK_TOLERANCE = 0.1;
/** Characters. */
const ACK_SLACK = 64 * 1024;

/** The client has pinged. @param at when, in milliseconds since 1970. */
export function afterPing(flow: Flow, at: number): Flow {
  const isProof = !flow.acknowledges && at > flow.at && at - flow.cleared_at >= PING_CLEARS_MS;
  return isProof ? { ...flow, outstanding: 0, cleared_at: at } : flow;
}

/** Pings clear the window this often, at most. */
const PING_CLEARS_MS = HEARTBEAT_MS / 2;

/** Whether so much is on its way that a ping is worth looking for. */
export function isHalfFull(flow: Flow): boolean {
  return flow.outstanding > FLOW_WINDOW / 2;
}

/** Whether so much more may be sent without the client becoming too slow. @param size characters. */
export function hasRoom(flow: Flow, size: number, now: number): boolean {
  const { outstanding } = afterSend(flow, 0, now);
  return outstanding === 0 || outstanding + size <= FLOW_WINDOW;
}

/** Whether too much is on its way (rule 23: 4010). */
export function isTooSlow(flow: Flow): boolean {
  return flow.outstanding > FLOW_WINDOW;
}

/**
 * Whether a client that used to ping has stopped: the socket is half open.
 * @param lastPing undefined for a client that never pinged, of which nothing can be said.
 */
export function isGone(lastPing: number | undefined, now: number): boolean {
  return lastPing !== undefined && now - lastPing > 2 * HEARTBEAT_MS;
}
