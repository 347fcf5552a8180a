/**
 * Whether a client keeps up. The platform does not say what a socket has yet to take, so it is reckoned: characters
 * sent, less those that the client acknowledged; and a client that acknowledges nothing is trusted to take so many a
 * second, while a sign of life clears what was sent before it.
 */
import { FLOW_TRUST_PER_SECOND, FLOW_WINDOW, HEARTBEAT_MS } from "../protocol/index.ts";

export interface Flow {
  /** Characters that may still be on their way. */
  outstanding: number;
  /** When that was reckoned, in milliseconds since 1970. */
  at: number;
  /** Whether the client acknowledges what it receives. */
  acknowledges: boolean;
  /** The last sign of life that cleared what was sent before it, in milliseconds since 1970. */
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

/** The client has received so much more. @param size characters. */
export function afterAck(flow: Flow, size: number): Flow {
  return { ...flow, outstanding: Math.max(0, flow.outstanding - size), acknowledges: true };
}

/**
 * The client has sent a frame or a ping. One that acknowledges nothing is then taken to have received what was sent
 * before: who has stopped reading has as a rule stopped altogether.
 */
export function afterSign(flow: Flow, now: number): Flow {
  return flow.acknowledges ? flow : { ...flow, outstanding: 0, cleared_at: now };
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
