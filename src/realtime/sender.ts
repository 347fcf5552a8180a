/** Sends frames to the sockets of one object, and closes those of clients that do not keep up. */
import { HEARTBEAT_MS } from "@rocket-chat-api/protocol";
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
import { FrameBatch, sizeOf } from "./frame-batch.ts";
import type { Sessions } from "./sessions.ts";

const NO_FRAMES: readonly string[] = [];

export class Sender {
  readonly #ctx: DurableObjectState;
  readonly #sessions: Sessions;
  /** Lost in hibernation. An object hibernates only when it is quiet, so clients have caught up by then. */
  readonly #backpressure = new WeakMap<WebSocket, Backpressure>();
  #nextHeartbeatCheck: EpochMs = 0;

  constructor(ctx: DurableObjectState, sessions: Sessions) {
    this.#ctx = ctx;
    this.#sessions = sessions;
  }

  /** Sends frames in order, as one frame if the client asked for that. A socket that has gone is no error. */
  send(socket: WebSocket, frames: readonly string[]): void {
    this.#transmit(socket, new FrameBatch(frames), NO_FRAMES, Date.now());
  }

  /**
   * Sends the same frames to all open sockets, or to those of some users.
   * @param also more frames for single sockets, sent after the others. What was sent is taken out of the map.
   */
  broadcast(frames: readonly string[], to?: ReadonlySet<string>, also?: Map<WebSocket, string[]>): void {
    const batch = new FrameBatch(frames);
    const now = Date.now();
    this.closeUnresponsive(now);
    for (const socket of this.#sessions.among(to)) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      if (to && !to.has(this.#sessions.of(socket).caller.user_id)) continue;
      const own = also?.get(socket);
      if (own) also?.delete(socket);
      this.#transmit(socket, batch, own ?? NO_FRAMES, now);
    }
  }

  /** @param own frames for this socket alone, sent after the batch. */
  #transmit(socket: WebSocket, batch: FrameBatch, own: readonly string[], now: EpochMs): void {
    const after = afterSend(this.#backpressureOf(socket, now), batch.size + sizeOf(own), now);
    this.#backpressure.set(socket, after);
    if (isTooSlow(after)) {
      this.#sessions.close(socket, "TOO_SLOW", "too slow");
      return;
    }
    try {
      if (this.#sessions.of(socket).batch) {
        for (const frame of batch.joinedWith(own)) socket.send(frame);
      } else {
        for (const frame of batch.frames) socket.send(frame);
        for (const frame of own) socket.send(frame);
      }
    } catch {
      // It closed between two events. The close handler runs next; the client resumes when it is back.
    }
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
