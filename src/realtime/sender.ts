/** Sends frames to the sockets of one object, and closes those of clients that do not keep up. */
import { HEARTBEAT_MS, KnownProfiles } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";
import {
  afterAck,
  afterPing,
  afterSend,
  type Backpressure,
  hasRoom,
  isHalfFull,
  isTooSlow,
  isUnresponsive,
  newBackpressure,
} from "./backpressure.ts";
import type { EncodedEvent } from "./encoded-event.ts";
import { FrameBatch } from "./frame-batch.ts";
import type { Sessions } from "./sessions.ts";

const NOTHING: readonly EncodedEvent[] = [];

/** New messages among events. */
function countMessages(events: readonly EncodedEvent[]): number {
  let count = 0;
  for (const event of events) if (event.isMessage) count += 1;
  return count;
}

export class Sender {
  readonly #ctx: DurableObjectState;
  readonly #sessions: Sessions;
  /** Lost in hibernation. An object hibernates only when it is quiet, so clients have caught up by then. */
  readonly #backpressure = new WeakMap<WebSocket, Backpressure>();
  /** What the clients know that take the short form. Lost in hibernation, too: they are sent the profiles again. */
  readonly #known = new WeakMap<WebSocket, KnownProfiles>();
  #nextHeartbeatCheck: EpochMs = 0;

  constructor(ctx: DurableObjectState, sessions: Sessions) {
    this.#ctx = ctx;
    this.#sessions = sessions;
  }

  /** Sends events in order, each in the form that the client asked for. A socket that has gone is no error. */
  send(socket: WebSocket, events: readonly EncodedEvent[]): void {
    this.#transmit(socket, new FrameBatch(events), NOTHING, Date.now());
  }

  /**
   * Sends the same events to all open sockets, or to those of some users.
   * @param also more events for single sockets, sent after the others. What was sent is taken out of the map.
   */
  broadcast(
    events: readonly EncodedEvent[],
    to?: ReadonlySet<string>,
    also?: Map<WebSocket, readonly EncodedEvent[]>,
  ): void {
    const batch = new FrameBatch(events);
    const now = Date.now();
    let reached = 0;
    this.closeUnresponsive(now);
    for (const socket of this.#sessions.among(to)) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      if (to && !to.has(this.#sessions.of(socket).caller.user_id)) continue;
      const own = also?.get(socket);
      if (own) also?.delete(socket);
      this.#transmit(socket, batch, own ?? NOTHING, now);
      reached += 1;
    }
    if (reached > 0) this.#sessions.delivered(countMessages(events) * reached);
  }

  /** @param own events for this socket alone, sent after the batch. */
  #transmit(socket: WebSocket, batch: FrameBatch, own: readonly EncodedEvent[], now: EpochMs): void {
    const { batch: isBatching, lean } = this.#sessions.of(socket);
    const known = lean ? this.#knownTo(socket) : undefined;
    const { texts, size } = batch.for({ batch: isBatching, known }, own);
    const after = afterSend(this.#backpressureOf(socket, now), size, now);
    this.#backpressure.set(socket, after);
    if (isTooSlow(after)) {
      this.#sessions.close(socket, "TOO_SLOW", "too slow");
      return;
    }
    try {
      for (const text of texts) socket.send(text);
    } catch {
      // It closed between two events. The close handler runs next; the client resumes when it is back.
    }
  }

  #knownTo(socket: WebSocket): KnownProfiles {
    let known = this.#known.get(socket);
    if (!known) {
      known = new KnownProfiles();
      this.#known.set(socket, known);
    }
    return known;
  }

  /** A client says that it has received so much more. @param size characters. */
  acknowledged(socket: WebSocket, size: number): void {
    const before = this.#backpressure.get(socket) ?? newBackpressure(Date.now());
    this.#backpressure.set(socket, afterAck(before, size));
  }

  /** Whether so much more can be sent without closing the socket as too slow. @param size characters. */
  hasRoom(socket: WebSocket, size: number, now: EpochMs): boolean {
    return hasRoom(this.#backpressureOf(socket, now), size, now);
  }

  #backpressureOf(socket: WebSocket, now: EpochMs): Backpressure {
    const known = this.#backpressure.get(socket) ?? newBackpressure(now);
    // To look up the last ping costs as much as a frame, so it is done only when it can matter.
    return isHalfFull(known) ? afterPing(known, this.#lastPing(socket) ?? 0) : known;
  }

  /** Notes a `ping` that the runtime did not answer by itself, because it was written in another way. */
  pinged(socket: WebSocket, now: EpochMs): void {
    this.#sessions.update(socket, { ...this.#sessions.of(socket), pinged_at: now });
  }

  #lastPing(socket: WebSocket): EpochMs | undefined {
    const answered = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
    const { pinged_at } = this.#sessions.of(socket);
    return answered === undefined || pinged_at === undefined
      ? (answered ?? pinged_at)
      : Math.max(answered, pinged_at);
  }

  /**
   * Closes sockets whose client used to ping and has stopped. It is called when there is something to send and by the
   * alarm, so that pings wake no object.
   * @returns when to call it again; undefined if no client pings.
   */
  closeUnresponsive(now: EpochMs): EpochMs | undefined {
    if (now < this.#nextHeartbeatCheck) return this.#nextHeartbeatCheck;
    this.#nextHeartbeatCheck = now + HEARTBEAT_MS;
    let pinged = false;
    for (const socket of this.#sessions.sockets()) {
      const last = this.#lastPing(socket);
      pinged ||= last !== undefined;
      if (isUnresponsive(last, now)) this.#sessions.close(socket, "TOO_SLOW", "no heartbeat");
    }
    return pinged ? now + 2 * HEARTBEAT_MS : undefined;
  }
}
