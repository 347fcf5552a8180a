/** The little of a WebSocket that is used, so that any implementation will do. */

/** A socket that is open or about to be. */
export interface ClientSocket {
  send(frame: string): void;
  close(code?: number, reason?: string): void;
}

/** What is told of a socket. After `closed` nothing more is. */
export interface SocketEvents {
  opened(): void;
  heard(frame: string): void;
  closed(code: number, reason: string): void;
}

/** Opens a socket; whatever goes wrong ends in `closed`. */
export type OpenSocket = (url: string, events: SocketEvents) => ClientSocket;

/** A class with the interface of the browsers' `WebSocket`: theirs, Node's (from 22), workerd's, or that of `ws`. */
export type WebSocketClass = new (
  url: string,
) => ClientSocket & {
  addEventListener(type: string, listener: (event: unknown) => void): void;
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
