/** Where the user of each socket is typing, so that the close of a socket ends it. */

export class TypingPlaces {
  readonly #ofSocket = new WeakMap<WebSocket, Set<string>>();

  add(socket: WebSocket, conversationId: string): void {
    const places = this.#ofSocket.get(socket) ?? new Set();
    places.add(conversationId);
    this.#ofSocket.set(socket, places);
  }

  remove(socket: WebSocket, conversationId: string): void {
    this.#ofSocket.get(socket)?.delete(conversationId);
  }

  /** The conversations in which a socket's user is typing. */
  of(socket: WebSocket): string[] {
    return [...(this.#ofSocket.get(socket) ?? [])];
  }
}
