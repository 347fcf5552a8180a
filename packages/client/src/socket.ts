/** The part of a WebSocket that the client uses, so that any implementation will do. */

/** A socket that is open or about to be. */
export interface ClientSocket {
  send(frame: string): void;
  close(code?: number, reason?: string): void;
}

/** What happens to a socket. Nothing is called after `closed`. */
export interface SocketEvents {
  opened(): void;
  heard(frame: string): void;
  closed(code: number, reason: string): void;
}

/**
 * Opens a socket. Every failure ends in `closed`, except an address or class that cannot work: that throws.
 * @param user whose it is, by the token; empty if that does not say.
 */
export type OpenSocket = (url: string, events: SocketEvents, user?: string) => ClientSocket;

/** A class with the interface of the browsers' `WebSocket`: theirs, Node's (from 22), workerd's, or that of `ws`. */
export type WebSocketClass = new (
  url: string,
) => ClientSocket & {
  addEventListener(type: string, listener: (event: unknown) => void): void;
};

/** Opens a socket of the platform's own class. @throws Error where there is none. */
export const openSocket: OpenSocket = (url, events) => {
  const { WebSocket: Socket } = globalThis as { WebSocket?: WebSocketClass };
  if (!Socket) {
    throw new Error(
      "There is no WebSocket here: pass `openSocket`, such as openWith(WebSocket) of the package ws",
    );
  }
  return openWith(Socket)(url, events);
};

/** Opens sockets of a class. */
export function openWith(Socket: WebSocketClass): OpenSocket {
  return (url, events) => {
    const socket = new Socket(url);
    socket.addEventListener("open", () => events.opened());
    socket.addEventListener("message", (event) => events.heard(String(field(event, "data"))));
    socket.addEventListener("close", (event) =>
      events.closed(Number(field(event, "code") ?? 1006), String(field(event, "reason") ?? "")),
    );
    // A `close` follows; without a listener some implementations throw.
    socket.addEventListener("error", () => undefined);
    return socket;
  };
}

function field(event: unknown, name: string): unknown {
  return typeof event === "object" && event !== null ? (event as Record<string, unknown>)[name] : undefined;
}
