/**
 * One connection, from its opening to its end: frames both ways, answers matched to commands, a heartbeat, and
 * acknowledgements of what was received (`flow.ack`). Without those the server treats the client as slow.
 */
import type { ClientCommand, ServerEvent } from "@rocket-chat-api/protocol";
import { CLOSE, HEARTBEAT_MS, LeanDecoder } from "@rocket-chat-api/protocol/facts";
import { ApiError, ConnectionLost } from "./errors.ts";
import type { ClientSocket, OpenSocket } from "./socket.ts";

/** A command without its `request_id`, which the link adds. */
export type Command = ClientCommand extends infer One
  ? One extends { type: string }
    ? Omit<One, "request_id">
    : never
  : never;

export interface LinkOptions {
  open: OpenSocket;
  url: string;
  /** Milliseconds between two pings. After two without a frame from the server the connection is dead. */
  heartbeat_ms?: number;
  /** Milliseconds until the connection must be established. */
  handshake_ms?: number;
  /** Milliseconds until a command must be answered; a connection that leaves one unanswered is dead. */
  answer_ms?: number;
}

export interface LinkEvents {
  heard(event: ServerEvent): void;
  /** The connection has ended, or could not be opened. Called once. */
  ended(code: number, reason: string): void;
}

interface Pending {
  resolve: (data: unknown) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** Characters received between two acknowledgements: well below the server's window. */
const ACKNOWLEDGE_EVERY = 256 * 1024;
const PING = '{"type":"ping"}';

export class Link {
  readonly #options: Required<LinkOptions>;
  readonly #events: LinkEvents;
  readonly #socket: ClientSocket;
  readonly #decoder = new LeanDecoder(() => this.end(CLOSE.BAD_FRAME, "a profile was not sent"));
  readonly #pending = new Map<string, Pending>();
  #timer: ReturnType<typeof setTimeout>;
  #requests = 0;
  #unanswered = 0;
  #received = 0;
  #isOpen = false;
  #isOver = false;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = { heartbeat_ms: HEARTBEAT_MS, handshake_ms: 15_000, answer_ms: 15_000, ...options };
    this.#events = events;
    const { handshake_ms } = this.#options;
    this.#timer = setTimeout(() => this.end(4000, "not established in time"), handshake_ms);
    try {
      this.#socket = options.open(options.url, {
        opened: () => undefined,
        heard: (frame) => this.#heard(frame),
        closed: (code, reason) => this.#over(code, reason),
      });
    } catch (error) {
      // For example an invalid address. Nothing else would stop the timer.
      clearTimeout(this.#timer);
      throw error;
    }
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends a command that is not answered. */
  tell(command: Command): void {
    this.#transmit(JSON.stringify(command));
  }

  /** Sends a command and waits for its answer. @throws ApiError if it is refused. @throws ConnectionLost without one. */
  async ask(command: Command): Promise<unknown> {
    if (this.#isOver) throw new ConnectionLost("the connection has ended");
    this.#requests += 1;
    const request_id = String(this.#requests);
    return await new Promise((resolve, reject) => {
      const { answer_ms } = this.#options;
      const timer = setTimeout(() => this.end(4000, "a command was not answered"), answer_ms);
      this.#pending.set(request_id, { resolve, reject, timer });
      this.#transmit(JSON.stringify({ ...command, request_id }));
    });
  }

  /** Ends the connection. */
  end(code = 1000, reason = ""): void {
    this.#over(code, reason);
    try {
      // The only code below 3000 that a client may send.
      this.#socket.close(code < 3000 ? 1000 : code, reason);
    } catch {
      // It has not opened, or it has closed.
    }
  }

  #transmit(frame: string): void {
    try {
      this.#socket.send(frame);
    } catch {
      // A socket that closes calls `closed`.
    }
  }

  #heard(frame: string): void {
    if (this.#isOver) return;
    this.#unanswered = 0;
    this.#received += frame.length;
    if (this.#received >= ACKNOWLEDGE_EVERY) {
      this.tell({ type: "flow.ack", received: this.#received });
      this.#received = 0;
    }
    const events = eventsIn(frame);
    // The frame may have held anything: the next connection sends it again.
    if (!events) this.end(CLOSE.BAD_FRAME, "not JSON");
    for (const value of events ?? []) {
      const event = this.#decoder.decode(value);
      if (event) this.#take(event);
    }
  }

  #take(event: ServerEvent): void {
    if (this.#isOver) return;
    if (event.type === "pong") return;
    if (event.type === "connection.established") this.#established();
    if (event.type === "ack" || event.type === "error") this.#answered(event);
    this.#events.heard(event);
    if (event.type === "error") this.#closedBy(event);
  }

  /** The server has closed the socket, and says so in an `error`. The close itself may arrive many seconds later. */
  #closedBy({ details, message }: Extract<ServerEvent, { type: "error" }>): void {
    const code = details?.close_code;
    if (typeof code === "number") this.end(code, message);
  }

  #established(): void {
    this.#isOpen = true;
    clearTimeout(this.#timer);
    this.#beat();
  }

  #beat(): void {
    this.#timer = setTimeout(() => {
      if (this.#unanswered >= 2) return this.end(4000, "no heartbeat");
      this.#unanswered += 1;
      this.#transmit(PING);
      this.#beat();
    }, this.#options.heartbeat_ms);
  }

  #answered(event: Extract<ServerEvent, { type: "ack" | "error" }>): void {
    const pending = event.request_id === undefined ? undefined : this.#pending.get(String(event.request_id));
    if (!pending) return;
    this.#pending.delete(String(event.request_id));
    clearTimeout(pending.timer);
    if (event.type === "ack") pending.resolve(event.data);
    else pending.reject(new ApiError(event));
  }

  #over(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const error = new ConnectionLost(`the connection ended (${code}${reason && ` ${reason}`})`);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
    this.#events.ended(code, this.#isOpen ? reason : `not established${reason && `: ${reason}`}`);
  }
}

/** The events of a frame, as they were sent: one, or many with `?batch=1`. Undefined if the frame is not JSON. */
function eventsIn(frame: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(frame);
    return Array.isArray(value) ? value : [value];
  } catch {
    return undefined;
  }
}
