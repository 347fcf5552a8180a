/** Somebody who uses a running server, for scripts and tests outside the Worker: requests, and a socket that records. */
import { once } from "node:events";
import { ErrorBody, type ErrorCode, isRetryableError, ServerEvent } from "@rocket-chat-api/protocol";
import { WebSocket } from "ws";
import type { z } from "zod";
import { devToken, devUserId } from "./dev-token.ts";

const TIMEOUT_MS = 5_000;

/** The server has answered, and the answer is no. */
export class Refused extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }

  /** Whether trying again can help. */
  get retryable(): boolean {
    return isRetryableError(this.code);
  }
}

export class Person {
  readonly name: string;
  readonly user_id: string;
  readonly #url: string;
  readonly #token: string;

  private constructor(name: string, url: string, token: string) {
    this.name = name;
    this.user_id = devUserId(name);
    this.#url = url;
    this.#token = token;
  }

  /** Somebody with a development token. @param url of the server. @param secret that the server verifies with. */
  static async of(name: string, url: string, secret: string): Promise<Person> {
    return new Person(name, url, await devToken(name, secret));
  }

  /** What authenticates a request or a socket. */
  get headers(): { authorization: string } {
    return { authorization: `Bearer ${this.#token}` };
  }

  /** A request under `/api/v1`; the answer is checked against its schema. Throws {@link Refused} on an error. */
  async api<T>(
    schema: z.ZodType<T>,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: { ...this.headers, "content-type": "application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return { status: response.status, body: schema.parse(JSON.parse(text)) };
    const refusal = ErrorBody.safeParse(safeJson(text));
    if (refusal.success) throw new Refused(refusal.data.code, refusal.data.message);
    throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
  }

  /** Opens a socket and waits until the server has confirmed it. @param path `/ws`, or a conversation's own. */
  async connect(path: string): Promise<Ear> {
    const socket = new WebSocket(this.#url.replace(/^http/, "ws") + path, {
      headers: this.headers,
      handshakeTimeout: TIMEOUT_MS,
    });
    const ear = new Ear(socket);
    await once(socket, "open");
    await ear.heard((event) => event.type === "connection.established");
    return ear;
  }
}

/** The path of a conversation's own socket. */
export function socketPath(conversationId: string): string {
  return `/api/v1/conversations/${conversationId}/ws`;
}

type Match = (event: ServerEvent) => boolean;
interface Waiter {
  match: Match;
  resolve: (event: ServerEvent) => void;
  reject: (error: Error) => void;
}

/** Characters until the server is told that they were received. */
const ACKNOWLEDGE_EVERY = 256 * 1024;

/** A socket, with everything that it has heard. */
export class Ear {
  readonly events: ServerEvent[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Set<Waiter>();
  #requests = 0;
  #received = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const text = String(data);
      this.#acknowledge(text.length);
      this.#hear(JSON.parse(text));
    });
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", (code) => this.#fail(new Error(`the socket closed (${code})`)));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** The first event, past or to come, that matches. Rejects when the socket closes, or after `timeoutMs`. */
  async heard(match: Match, timeoutMs = TIMEOUT_MS): Promise<ServerEvent> {
    const past = this.events.find(match);
    if (past) return past;
    return await this.#next(match, timeoutMs);
  }

  /** Sends a command and returns what its `ack` carries. Throws {@link Refused} on an `error`. */
  async ask(command: Record<string, unknown>): Promise<unknown> {
    this.#requests += 1;
    const request_id = this.#requests;
    const answer = this.#next(
      (event) => "request_id" in event && event.request_id === request_id,
      TIMEOUT_MS,
    );
    this.#socket.send(JSON.stringify({ ...command, request_id }));
    const event = await answer;
    if (event.type === "error") throw new Refused(event.code, event.message);
    return "data" in event ? event.data : undefined;
  }

  /** Ends the connection without a word. */
  drop(): void {
    this.#socket.terminate();
  }

  #next(match: Match, timeoutMs: number): Promise<ServerEvent> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        match,
        resolve: (event) => done(() => resolve(event)),
        reject: (e) => done(() => reject(e)),
      };
      const timer = setTimeout(() => waiter.reject(new Error(`not heard within ${timeoutMs} ms`)), timeoutMs);
      const done = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        settle();
      };
      this.#waiting.add(waiter);
    });
  }

  /** Tells the server what has been received: it takes who says nothing for slow. */
  #acknowledge(size: number): void {
    this.#received += size;
    if (this.#received < ACKNOWLEDGE_EVERY) return;
    this.#socket.send(JSON.stringify({ type: "flow.ack", received: this.#received }));
    this.#received = 0;
  }

  #hear(frame: unknown): void {
    const { success, data: event, error } = ServerEvent.safeParse(frame);
    // Thrown here it would end the process; whoever waits gets it instead.
    if (!success) {
      this.#fail(error);
      return;
    }
    this.events.push(event);
    for (const waiter of [...this.#waiting]) if (waiter.match(event)) waiter.resolve(event);
  }

  #fail(error: Error): void {
    for (const waiter of [...this.#waiting]) waiter.reject(error);
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
