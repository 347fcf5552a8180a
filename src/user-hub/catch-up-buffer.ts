/**
 * Keeps a socket's answers to `sync` in step with what is said meanwhile. Live events of a conversation wait until its
 * changes have been sent, or a client would see the new before the old; and what the changes contain does not come
 * again behind them, however late it is delivered.
 */

/** Frames of one conversation. `seqs` are their numbers, 0 for those without one. */
export interface Delivery {
  frames: readonly string[];
  seqs: readonly number[];
}

/** One conversation for one socket. */
interface Place {
  /** What was said since `sync` was asked; undefined when none is under way. */
  waiting: { frames: string[]; seqs: number[] } | undefined;
  /** The client has everything up to here. */
  upTo: number;
  /** Those who ask, and those who wait until they may. */
  asking: number;
  next: (() => void)[];
}

export class CatchUpBuffer {
  readonly #places = new Map<string, Map<WebSocket, Place>>();

  /** Whether events of a conversation go straight to every socket. */
  isOpenFor(conversationId: string): boolean {
    return !this.#places.has(conversationId);
  }

  /**
   * From now on events of this conversation wait for this socket; one question at a time. A socket that closes in the
   * meantime waits no longer, and leaves nothing to wait for.
   */
  async close(socket: WebSocket, conversationId: string): Promise<void> {
    const place = this.#placeOf(socket, conversationId);
    place.asking += 1;
    while (place.waiting) {
      await new Promise<void>((resolve) => place.next.push(resolve));
      if (this.#places.get(conversationId)?.get(socket) !== place) return;
    }
    place.waiting = { frames: [], seqs: [] };
  }

  /** They wait no longer. @param upTo the number up to which the client has been told. @returns what is news to it. */
  open(socket: WebSocket, conversationId: string, upTo: number): string[] {
    const place = this.#places.get(conversationId)?.get(socket);
    // It has closed meanwhile.
    if (!place) return [];
    const { waiting } = place;
    place.waiting = undefined;
    place.asking = Math.max(0, place.asking - 1);
    place.upTo = Math.max(place.upTo, upTo);
    place.next.shift()?.();
    return waiting ? this.#newsIn(socket, conversationId, place, waiting) : [];
  }

  /** What of a delivery is to be sent to a socket now. */
  pass(socket: WebSocket, conversationId: string, delivery: Delivery): readonly string[] {
    const place = this.#places.get(conversationId)?.get(socket);
    if (!place) return delivery.frames;
    if (!place.waiting) return this.#newsIn(socket, conversationId, place, delivery);
    place.waiting.frames.push(...delivery.frames);
    place.waiting.seqs.push(...delivery.seqs);
    return [];
  }

  /** A socket has closed. */
  forget(socket: WebSocket): void {
    for (const [conversationId, places] of this.#places) {
      const place = places.get(socket);
      this.#leave(socket, conversationId);
      if (!place) continue;
      place.waiting = undefined;
      for (const go of place.next.splice(0)) go();
    }
  }

  #newsIn(socket: WebSocket, conversationId: string, place: Place, { frames, seqs }: Delivery): string[] {
    const { upTo } = place;
    // Deliveries come in order: once there is something newer, nothing older follows.
    if (seqs.some((seq) => seq > upTo)) place.upTo = 0;
    if (place.upTo === 0 && place.asking === 0) this.#leave(socket, conversationId);
    return frames.filter((_, i) => !seqs[i] || seqs[i] > upTo);
  }

  #placeOf(socket: WebSocket, conversationId: string): Place {
    const places = this.#placesOf(conversationId);
    const place = places.get(socket) ?? { waiting: undefined, upTo: 0, asking: 0, next: [] };
    places.set(socket, place);
    return place;
  }

  #placesOf(conversationId: string): Map<WebSocket, Place> {
    const places = this.#places.get(conversationId) ?? new Map<WebSocket, Place>();
    this.#places.set(conversationId, places);
    return places;
  }

  #leave(socket: WebSocket, conversationId: string): void {
    const places = this.#places.get(conversationId);
    places?.delete(socket);
    if (places?.size === 0) this.#places.delete(conversationId);
  }
}
