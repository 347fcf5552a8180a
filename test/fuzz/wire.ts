/** Sockets for the client library that a test can cut, as networks do. */
import type { OpenSocket, SocketEvents } from "@rocket-chat-api/client";
import { request } from "../worker/kit.ts";

/** One connection. */
export class Wire {
  readonly #events: SocketEvents;
  #socket: WebSocket | undefined;
  #isCut = false;
  #isClosed = false;

  constructor(url: string, events: SocketEvents) {
    this.#events = events;
    void this.#open(url);
  }

  get isOpen(): boolean {
    return this.#socket !== undefined && !this.#isCut && !this.#isClosed;
  }

  async #open(url: string): Promise<void> {
    const { pathname, search } = new URL(url);
    let socket: WebSocket | null;
    try {
      socket = (await request(pathname + search, { headers: { upgrade: "websocket" } })).webSocket;
    } catch {
      socket = null;
    }
    if (!socket) return this.#closed(1006, "refused");
    this.#socket = socket;
    socket.accept();
    socket.addEventListener("message", ({ data }) => {
      if (!this.#isCut && !this.#isClosed) this.#events.heard(String(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.#hangUp();
      this.#closed(code, reason);
    });
    if (this.#isCut || this.#isClosed) this.#hangUp();
    else this.#events.opened();
  }

  send(frame: string): void {
    if (!this.#isCut) this.#socket?.send(frame);
  }

  close(): void {
    this.#hangUp();
    this.#closed(1000, "");
  }

  /**
   * Nothing comes through any more.
   * @param isHalfOpen whether the server goes on believing in it, until `hangUp`.
   */
  cut(isHalfOpen: boolean): void {
    this.#isCut = true;
    if (!isHalfOpen) this.#hangUp();
    this.#closed(1006, "cut");
  }

  /** The server finds out. */
  hangUp(): void {
    this.#hangUp();
  }

  #hangUp(): void {
    try {
      this.#socket?.close(1000);
    } catch {
      // Closed already.
    }
  }

  #closed(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.closed(code, reason);
  }
}

/** Opens wires, and hands each to `take`. */
export function wires(take: (wire: Wire) => void): OpenSocket {
  return (url, events) => {
    const wire = new Wire(url, events);
    take(wire);
    return wire;
  };
}
