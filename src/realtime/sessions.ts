/** The sockets of one object: who is behind each, which are open, and when they end. */

import {
  CLOSE,
  type CloseKind,
  closeFailure,
  encodeEvent,
  type Failure,
  FEATURES,
  failure,
  joinFrames,
  MAX_SOCKETS,
  type ServerEvent,
  type UnreadTotals,
} from "@rocket-chat-api/protocol";
import { earliest } from "../domain/deadlines.ts";
import { checkRestriction, closeReason, type Restriction } from "../domain/restriction.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Listeners } from "./batch-window.ts";
import type { Handshake } from "./handshake.ts";
import type { Session } from "./session.ts";
import type { SocketWatch } from "./socket-watch.ts";

/** Asking the runtime for the sockets of one user costs as much as looking at so many sockets. */
const COST_OF_LOOKUP = 8;

export class Sessions {
  readonly #ctx: DurableObjectState;
  readonly #onClosed: (socket: WebSocket) => void;
  readonly #watch: SocketWatch;
  /** Sockets that have not been seen closing. */
  #live: Set<WebSocket> | undefined;
  /** How they take events. Counted once, then kept: every turn asks. */
  #counts: { batching: number; lean: number } | undefined;
  /** What is stored with each socket, read once after a wake. */
  readonly #cached = new WeakMap<WebSocket, Session>();

  /** @param onClosed is called once for each socket that we close, whether the client answers the close or not. */
  constructor(ctx: DurableObjectState, onClosed: (socket: WebSocket) => void, watch: SocketWatch) {
    this.#ctx = ctx;
    this.#onClosed = onClosed;
    this.#watch = watch;
    // The runtime answers these pings without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('{"type":"ping"}', '{"type":"pong"}'));
  }

  /**
   * Accepts a socket and greets the client. The response completes the upgrade.
   * @param unread the user's totals for the greeting; null if they are not known, undefined where it names none.
   */
  accept(
    handshake: Handshake,
    { since_seq = 0, status = "online" }: Partial<Pick<Session, "since_seq" | "status">> = {},
    unread?: UnreadTotals | null,
  ): { socket: WebSocket; response: Response } {
    const { 0: client, 1: server } = new WebSocketPair();
    const { user_id } = handshake.caller;
    const connection_id = crypto.randomUUID();
    const opened = { connection_id, opened_at: Date.now(), invalid_in_a_row: 0 };
    this.#closeSurplus(user_id);
    this.#ctx.acceptWebSocket(server, [user_id]);
    this.#live?.add(server);
    this.#count(handshake, 1);
    this.update(server, { ...handshake, ...opened, since_seq, status });
    this.#watch.opened(this.of(server));
    const data = { user_id, connection_id, features: FEATURES, ...(unread !== undefined && { unread }) };
    this.#sendEvent(server, { type: "connection.established", data });
    return { socket: server, response: new Response(null, { status: 101, webSocket: client }) };
  }

  /** Closes a user's oldest sockets, so that one more is not too many. */
  #closeSurplus(userId: string): void {
    const oldestFirst = this.sockets(userId).sort((a, b) => this.of(a).opened_at - this.of(b).opened_at);
    const details = { budget: "sockets", limit: MAX_SOCKETS };
    const reason = failure("RATE_LIMIT_EXCEEDED", "Too many sockets: the oldest one was closed", details);
    for (const socket of oldestFirst.slice(0, Math.max(0, oldestFirst.length + 1 - MAX_SOCKETS)))
      this.close(socket, "RATE_LIMITED", "too many sockets", reason);
  }

  /** All sockets, of which some may be closing. Kept, because the runtime makes a new list each time it is asked. */
  all(): ReadonlySet<WebSocket> {
    this.#live ??= new Set(this.#ctx.getWebSockets().filter((socket) => !this.of(socket).closed));
    return this.#live;
  }

  /** Open sockets, of one user or of all. */
  sockets(userId?: string): WebSocket[] {
    const known = userId === undefined ? this.all() : this.#ctx.getWebSockets(userId);
    return [...known].filter((socket) => this.#isOpen(socket));
  }

  /** All sockets that may belong to these users, of which some may be closing. For few users, no others are looked at. */
  among(userIds: ReadonlySet<string> | undefined): Iterable<WebSocket> {
    const all = this.all();
    if (userIds === undefined || userIds.size * COST_OF_LOOKUP >= all.size) return all;
    return [...userIds].flatMap((userId) => this.sockets(userId));
  }

  /** What is known of a socket. */
  of(socket: WebSocket): Session {
    let session = this.#cached.get(socket);
    if (!session) {
      session = socket.deserializeAttachment() as Session;
      this.#cached.set(socket, session);
    }
    return session;
  }

  /** Replaces what is known of a socket. */
  update(socket: WebSocket, session: Session): void {
    this.#cached.set(socket, session);
    socket.serializeAttachment(session);
  }

  #isOpen(socket: WebSocket): boolean {
    return socket.readyState === WebSocket.OPEN && !this.of(socket).closed;
  }

  /** Whether a socket is open and its token is still valid. If the token has ended, the socket is closed. */
  isActive(socket: WebSocket, now: EpochMs): boolean {
    if (!this.#isOpen(socket)) return false;
    if (this.of(socket).expires_at > now) return true;
    this.close(socket, "TOKEN_EXPIRED", "token expired");
    return false;
  }

  /** How many sockets there are, of which some may be closing. */
  get listeners(): Listeners {
    const { batching } = this.#counted();
    return { batching, single: this.all().size - batching };
  }

  /** Whether all clients take the short form of events. */
  get isLean(): boolean {
    return this.#counted().lean === this.all().size;
  }

  #counted(): { batching: number; lean: number } {
    if (!this.#counts) {
      this.#counts = { batching: 0, lean: 0 };
      for (const socket of this.all()) this.#count(this.of(socket), 1);
    }
    return this.#counts;
  }

  #count({ batch, lean }: Handshake, by: 1 | -1): void {
    if (!this.#counts) return;
    if (batch) this.#counts.batching += by;
    if (lean) this.#counts.lean += by;
  }

  /** Whether no socket is open. */
  get isEmpty(): boolean {
    for (const socket of this.all()) if (this.#isOpen(socket)) return false;
    return true;
  }

  /** Users with a socket that opened before the counter stood at `seq`. */
  usersSince(seq: number): Set<string> {
    const sessions = this.sockets().map((socket) => this.of(socket));
    return new Set(sessions.filter((s) => s.since_seq < seq).map((s) => s.caller.user_id));
  }

  /** Takes a closed socket off the list. @returns false if we closed it ourselves with {@link shut}. */
  forget(socket: WebSocket): boolean {
    const session = this.of(socket);
    if (this.#live?.delete(socket)) this.#count(session, -1);
    return !session.closed;
  }

  /** Ends a socket's part before it closes: its frames are ignored and it gets no more events. */
  shut(socket: WebSocket): void {
    if (!this.forget(socket)) return;
    // Stored, because a client that ignores the close goes on sending after hibernation.
    this.update(socket, { ...this.of(socket), closed: true });
    this.#onClosed(socket);
  }

  /** So many messages were written to sockets here. */
  delivered(messages: number): void {
    this.#watch.delivered(messages);
  }

  /** A client has closed its socket, or the connection broke. @param code the client's, 1006 if there was none. */
  closedByClient(socket: WebSocket, code: number): void {
    const session = this.of(socket);
    if (!session.closed) this.#watch.closed(session, code, "CLIENT");
    answerClose(socket, code);
  }

  /**
   * Closes a socket. An `error` event says why first, because some clients notice the close many seconds later.
   * @param why what the `error` says, if not the usual reason of such a close; "explained" if it has been sent already.
   */
  close(socket: WebSocket, kind: CloseKind, reason: string, why?: Failure | "explained"): void {
    if (why !== "explained" && this.of(socket).closed) return;
    this.shut(socket);
    this.#watch.closed(this.of(socket), CLOSE[kind], kind);
    try {
      if (why !== "explained") this.#sendEvent(socket, { type: "error", ...closeFailure(kind, why) });
      socket.close(CLOSE[kind], reason);
    } catch {
      // The client was faster.
    }
  }

  /** Sends the first or the last event of a socket. It is small, so backpressure does not count it. */
  #sendEvent(socket: WebSocket, event: ServerEvent): void {
    const frame = encodeEvent(event);
    socket.send(this.of(socket).batch ? joinFrames([frame]) : frame);
  }

  /** When the next token ends, or undefined. */
  nextExpiry(): EpochMs | undefined {
    return earliest(...this.sockets().map((socket) => this.of(socket).expires_at));
  }

  /** Closes the sockets that a user may no longer have (rules 28 and 29). A ban says why and until when. */
  closeRestricted(userId: string, restriction: Restriction): void {
    const now = Date.now();
    for (const socket of this.sockets(userId)) {
      const issued_at = this.of(socket).issued_at ?? 0;
      const kind = closeReason(restriction, issued_at, now);
      const why = kind === "BANNED" ? checkRestriction(restriction, issued_at, now) : undefined;
      if (kind) this.close(socket, kind, "no longer allowed", why);
    }
  }

  /** Closes the sockets whose token has ended (rule 4). */
  closeExpired(now: EpochMs): void {
    for (const socket of this.sockets()) {
      if (this.of(socket).expires_at <= now) this.close(socket, "TOKEN_EXPIRED", "token expired");
    }
  }
}

/** Completes a close that the client began. Reserved codes may not be sent back. */
function answerClose(socket: WebSocket, code: number): void {
  try {
    socket.close(code === 1005 || code === 1006 || code === 1015 ? 1000 : code);
  } catch {
    // Already closed by us.
  }
}
