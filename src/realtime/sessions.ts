/** The sockets of one object: who is behind each, what is sent to them, and when they end. */

import {
  CLOSE,
  type CloseKind,
  closeFailure,
  encodeEvent,
  type Failure,
  FEATURES,
  failure,
  HEARTBEAT_MS,
  joinFrames,
  MAX_SOCKETS,
  type PresenceStatus,
} from "@rocket-chat-api/protocol";
import type { Caller } from "../domain/caller.ts";
import { earliest } from "../domain/deadlines.ts";
import {
  afterAck,
  afterPing,
  afterSend,
  type Flow,
  hasRoom,
  isGone,
  isHalfFull,
  isTooSlow,
  newFlow,
} from "./backpressure.ts";
import type { Listeners } from "./batch-window.ts";
import { FrameBatch, sizeOf } from "./frame-batch.ts";

/** What the Worker knows of a client when it hands over the socket. */
export interface Handshake {
  caller: Caller;
  /** When the token ends, in milliseconds since 1970. */
  expires_at: number;
  /** Whether the client takes many events in one frame (`?batch=1`). */
  batch: boolean;
  /** How far the client had come in this conversation when it was cut off (`?since=`). */
  since?: number | undefined;
}

/** What a socket carries through hibernation. */
export interface Session extends Handshake {
  connection_id: string;
  /** The conversation's counter when the socket opened; 0 where that has no meaning. */
  since_seq: number;
  /** What this device says of its user (rule 22); at a conversation the user's hub keeps that. */
  status: PresenceStatus;
  /** When it opened, in milliseconds since 1970. */
  opened_at: number;
  /** Invalid commands since the last valid one. */
  invalid_in_a_row: number;
  /** When the client last sent a `ping` that the runtime did not answer by itself, in milliseconds since 1970. */
  pinged_at?: number;
  /** We have closed it, whatever the client does: nothing that it says counts any more. */
  closed?: true;
}

const HANDSHAKE_HEADER = "x-rocket-handshake";

/** The request with which the Worker hands a socket to an object. Only the Worker can reach an object. */
export function handshakeRequest(handshake: Handshake): Request {
  return new Request("https://object/socket", {
    headers: { upgrade: "websocket", [HANDSHAKE_HEADER]: encodeURIComponent(JSON.stringify(handshake)) },
  });
}

/** The other end of {@link handshakeRequest}. */
export function readHandshake(request: Request): Handshake {
  return JSON.parse(decodeURIComponent(request.headers.get(HANDSHAKE_HEADER) ?? "")) as Handshake;
}

export class Sessions {
  readonly #ctx: DurableObjectState;
  /** How far each client is behind; forgotten in hibernation, by when it has caught up or gone. */
  readonly #flows = new WeakMap<WebSocket, Flow>();
  #nextHeartbeat = 0;
  /** Sockets that have not been seen closing. */
  #live: Set<WebSocket> | undefined;
  #batching: number | undefined;
  /** Attachments, read once for each socket and wake. */
  readonly #known = new WeakMap<WebSocket, Session>();

  readonly #closed: (socket: WebSocket) => void;

  /** @param closed is called once for each socket that we close, which the client may never answer. */
  constructor(ctx: DurableObjectState, closed: (socket: WebSocket) => void) {
    this.#ctx = ctx;
    this.#closed = closed;
    // Answered by the runtime, without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('{"type":"ping"}', '{"type":"pong"}'));
  }

  /** Takes the socket, tells the client, and returns the response that completes the upgrade. */
  accept(
    handshake: Handshake,
    { since_seq = 0, status = "online" }: Partial<Pick<Session, "since_seq" | "status">> = {},
  ): { socket: WebSocket; response: Response } {
    const { 0: client, 1: server } = new WebSocketPair();
    const opened = { connection_id: crypto.randomUUID(), opened_at: Date.now(), invalid_in_a_row: 0 };
    const session: Session = { ...handshake, ...opened, since_seq, status };
    this.#makePlace(handshake.caller.user_id);
    const live = this.#all();
    this.#ctx.acceptWebSocket(server, [handshake.caller.user_id]);
    live.add(server);
    this.#batching = undefined;
    this.update(server, session);
    const data = {
      user_id: session.caller.user_id,
      connection_id: session.connection_id,
      features: FEATURES,
    };
    this.send(server, [encodeEvent({ type: "connection.established", data })]);
    return { socket: server, response: new Response(null, { status: 101, webSocket: client }) };
  }

  /** Closes the oldest sockets of a user who is about to have too many. */
  #makePlace(userId: string): void {
    const oldestFirst = this.sockets(userId).sort((a, b) => this.of(a).opened_at - this.of(b).opened_at);
    const details = { budget: "sockets", limit: MAX_SOCKETS };
    const reason = failure("RATE_LIMIT_EXCEEDED", "Too many sockets: the oldest is closed", details);
    for (const socket of oldestFirst.slice(0, Math.max(0, oldestFirst.length + 1 - MAX_SOCKETS)))
      this.close(socket, "RATE_LIMITED", "too many sockets", reason);
  }

  /** Open sockets, of one user or of all. */
  sockets(userId?: string): WebSocket[] {
    const known = userId === undefined ? this.#all() : this.#ctx.getWebSockets(userId);
    return [...known].filter((socket) => this.#isOpen(socket));
  }

  #isOpen(socket: WebSocket): boolean {
    return socket.readyState === WebSocket.OPEN && !this.of(socket).closed;
  }

  /** Whether what this socket says counts: it is open, and its token lasts. One whose token has ended is closed. */
  isActive(socket: WebSocket, now: number): boolean {
    if (!this.#isOpen(socket)) return false;
    if (this.of(socket).expires_at > now) return true;
    this.close(socket, "TOKEN_EXPIRED", "token expired");
    return false;
  }

  /** How many sockets there are, some of which may be closing. */
  get listeners(): Listeners {
    const all = this.#all();
    this.#batching ??= [...all].filter((socket) => this.of(socket).batch).length;
    return { batching: this.#batching, single: all.size - this.#batching };
  }

  /** Whether any socket is open. */
  get isEmpty(): boolean {
    for (const socket of this.#all()) if (this.#isOpen(socket)) return false;
    return true;
  }

  /** A socket has closed. @returns whether that is news: whoever {@link shut} it knows already. */
  forget(socket: WebSocket): boolean {
    this.#live?.delete(socket);
    this.#batching = undefined;
    return !this.of(socket).closed;
  }

  /** From now on nothing that comes over a socket counts, and no event goes out over it. It may be said why. */
  shut(socket: WebSocket): void {
    if (!this.forget(socket)) return;
    // Written down, since a client that ignores the close goes on sending after hibernation.
    this.update(socket, { ...this.of(socket), closed: true });
    this.#closed(socket);
  }

  /**
   * Closes a socket, and says why in an `error` first: some clients hear of the close itself many seconds later.
   * @param why what the error says, unless that is what such a close always means; "told" if the client has heard it.
   */
  close(socket: WebSocket, kind: CloseKind, reason: string, why?: Failure | "told"): void {
    if (why !== "told" && this.of(socket).closed) return;
    this.shut(socket);
    try {
      if (why !== "told") {
        const frame = encodeEvent({ type: "error", ...closeFailure(kind, why) });
        socket.send(this.of(socket).batch ? joinFrames([frame]) : frame);
      }
      socket.close(CLOSE[kind], reason);
    } catch {
      // The client was faster.
    }
  }

  /** Asking the runtime makes a list of all sockets anew: with a thousand of them that is felt at every event. */
  #all(): Set<WebSocket> {
    this.#live ??= new Set(this.#ctx.getWebSockets().filter((socket) => !this.of(socket).closed));
    return this.#live;
  }

  /** Who is behind a socket. */
  of(socket: WebSocket): Session {
    let session = this.#known.get(socket);
    if (!session) {
      session = socket.deserializeAttachment() as Session;
      this.#known.set(socket, session);
    }
    return session;
  }

  /** Replaces what is known of a socket; it survives hibernation. */
  update(socket: WebSocket, session: Session): void {
    this.#known.set(socket, session);
    socket.serializeAttachment(session);
  }

  /** Sends frames in order, in one frame where the client asked for that. A socket that has gone is no error. */
  send(socket: WebSocket, frames: readonly string[]): void {
    this.#transmit(socket, new FrameBatch(frames), [], Date.now());
  }

  /** The client has sent a `ping` in other words than those that the runtime answers by itself. */
  pinged(socket: WebSocket, now: number): void {
    this.update(socket, { ...this.of(socket), pinged_at: now });
  }

  /** When the client pinged last. */
  #lastPing(socket: WebSocket): number | undefined {
    const answered = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
    const { pinged_at } = this.of(socket);
    return answered === undefined || pinged_at === undefined
      ? (answered ?? pinged_at)
      : Math.max(answered, pinged_at);
  }

  /** The client has received so much more. @param size characters. */
  acknowledged(socket: WebSocket, size: number): void {
    this.#flows.set(socket, afterAck(this.#flows.get(socket) ?? newFlow(Date.now()), size));
  }

  /** Whether so much more may be sent to a client without it becoming too slow. @param size characters. */
  hasRoom(socket: WebSocket, size: number, now: number): boolean {
    return hasRoom(this.#flowOf(socket, now), size, now);
  }

  #flowOf(socket: WebSocket, now: number): Flow {
    const flow = this.#flows.get(socket) ?? newFlow(now);
    // Asking for the last ping costs as much as a frame, so only where it may decide something.
    return isHalfFull(flow) ? afterPing(flow, this.#lastPing(socket) ?? 0) : flow;
  }

  /** @param own frames for this socket alone, after the others. */
  #transmit(socket: WebSocket, parcel: FrameBatch, own: readonly string[], now: number): void {
    const flow = afterSend(this.#flowOf(socket, now), parcel.size + sizeOf(own), now);
    this.#flows.set(socket, flow);
    if (isTooSlow(flow)) {
      this.close(socket, "TOO_SLOW", "too slow");
      return;
    }
    try {
      if (this.of(socket).batch) this.#write(socket, parcel.joinedWith(own));
      else {
        this.#write(socket, parcel.frames);
        this.#write(socket, own);
      }
    } catch {
      // Closed between two events: the close handler or the next connect puts things right.
    }
  }

  #write(socket: WebSocket, frames: readonly string[]): void {
    for (const frame of frames) socket.send(frame);
  }

  /** Users with a socket that opened before the counter stood at `seq`. */
  usersSince(seq: number): Set<string> {
    const sessions = this.sockets().map((socket) => this.of(socket));
    return new Set(sessions.filter((s) => s.since_seq < seq).map((s) => s.caller.user_id));
  }

  /**
   * Sends the same frames to the open sockets of everybody, or of these users.
   * @param also frames for some of the sockets alone, after the others; those that were sent are taken out.
   */
  broadcast(frames: readonly string[], to?: ReadonlySet<string>, also?: Map<WebSocket, string[]>): void {
    const parcel = new FrameBatch(frames);
    const now = Date.now();
    this.closeGone(now);
    for (const socket of this.#all()) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      if (to && !to.has(this.of(socket).caller.user_id)) continue;
      const own = also?.get(socket);
      if (own) also?.delete(socket);
      this.#transmit(socket, parcel, own ?? [], now);
    }
  }

  /**
   * Closes sockets whose client used to ping and has stopped: they are half open. Looked at when there is something
   * to send and by alarm, so that pings wake nobody.
   * @returns when to look again; undefined if no client pings.
   */
  closeGone(now: number): number | undefined {
    if (now < this.#nextHeartbeat) return this.#nextHeartbeat;
    this.#nextHeartbeat = now + HEARTBEAT_MS;
    let pinged = false;
    for (const socket of this.sockets()) {
      const last = this.#lastPing(socket);
      pinged ||= last !== undefined;
      if (isGone(last, now)) this.close(socket, "TOO_SLOW", "no heartbeat");
    }
    return pinged ? now + 2 * HEARTBEAT_MS : undefined;
  }

  /** When the next token ends, or undefined. */
  nextExpiry(): number | undefined {
    return this.sockets().reduce<number | undefined>(
      (first, socket) => earliest(first, this.of(socket).expires_at),
      undefined,
    );
  }

  /** Closes the sockets whose token has ended (rule 4). @param now milliseconds since 1970. */
  closeExpired(now: number): void {
    for (const socket of this.sockets()) {
      if (this.of(socket).expires_at <= now) this.close(socket, "TOKEN_EXPIRED", "token expired");
    }
  }
}

/** Completes a close that the client began; reserved codes may not be sent back. */
export function answerClose(socket: WebSocket, code: number): void {
  try {
    socket.close(code === 1005 || code === 1006 || code === 1015 ? 1000 : code);
  } catch {
    // Already closed by us.
  }
}
