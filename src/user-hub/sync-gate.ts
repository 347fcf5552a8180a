/**
 * Keeps a socket's answers to `sync` ahead of what is said meanwhile: live events of a conversation wait until its
 * changes have been sent, or a client would see the new before the old.
 */
export class SyncGate {
  readonly #waiting = new Map<WebSocket, Map<string, string[]>>();

  /** From now on events of this conversation wait for this socket. */
  close(socket: WebSocket, conversationId: string): void {
    const places = this.#waiting.get(socket) ?? new Map<string, string[]>();
    places.set(conversationId, places.get(conversationId) ?? []);
    this.#waiting.set(socket, places);
  }

  /** They wait no longer. @returns those that have waited. */
  open(socket: WebSocket, conversationId: string): string[] {
    const places = this.#waiting.get(socket);
    const waited = places?.get(conversationId) ?? [];
    places?.delete(conversationId);
    if (places?.size === 0) this.#waiting.delete(socket);
    return waited;
  }

  /** Whether these frames have to wait; if so they are kept. */
  holds(socket: WebSocket, conversationId: string, frames: readonly string[]): boolean {
    const waited = this.#waiting.get(socket)?.get(conversationId);
    waited?.push(...frames);
    return waited !== undefined;
  }

  /** Whether no socket waits for anything. */
  get isOpen(): boolean {
    return this.#waiting.size === 0;
  }
}
