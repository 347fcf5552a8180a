/**
 * Holds live events back while `sync` brings a socket up to date. Live events of a conversation wait until its changes
 * have been sent; otherwise a client would see the new before the old. Events that the changes contain are not sent
 * again behind them, however late they are delivered.
 */
import type { EncodedEvent } from "../realtime/encoded-event.ts";

/** Events of one conversation, and their numbers: 0 for those without one. */
export interface NumberedEvents {
  readonly events: readonly EncodedEvent[];
  readonly seqs: readonly number[];
}

/** The catch-up of one socket in one conversation. */
interface CatchUp {
  /** Events that arrived since `sync` was asked; undefined while none is under way. */
  held: { events: EncodedEvent[]; seqs: number[] } | undefined;
  /** The client has everything up to this number. */
  upTo: number;
  /** How many calls of `sync` are under way or wait for their turn. */
  asking: number;
  /** Calls of `sync` that wait for their turn. */
  queue: (() => void)[];
}

export class CatchUpBuffer {
  readonly #catchUps = new Map<string, Map<WebSocket, CatchUp>>();

  /** Whether events of a conversation go straight to every socket. */
  isPassThrough(conversationId: string): boolean {
    return !this.#catchUps.has(conversationId);
  }

  /**
   * Holds the events of this conversation back for this socket, from now on. One `sync` runs at a time; the others
   * wait for their turn. When the socket closes they stop waiting, and nothing is held.
   */
  async hold(socket: WebSocket, conversationId: string): Promise<void> {
    const catchUp = this.#begin(socket, conversationId);
    catchUp.asking += 1;
    while (catchUp.held) {
      await new Promise<void>((resolve) => catchUp.queue.push(resolve));
      if (this.#find(socket, conversationId) !== catchUp) return;
    }
    catchUp.held = { events: [], seqs: [] };
  }

  /**
   * Holds nothing back any more.
   * @param upTo the number up to which the client has been brought.
   * @returns the held events that are new to the client.
   */
  release(socket: WebSocket, conversationId: string, upTo: number): EncodedEvent[] {
    const catchUp = this.#find(socket, conversationId);
    // The socket has closed in between.
    if (!catchUp) return [];
    const { held } = catchUp;
    catchUp.held = undefined;
    catchUp.asking = Math.max(0, catchUp.asking - 1);
    catchUp.upTo = Math.max(catchUp.upTo, upTo);
    catchUp.queue.shift()?.();
    return held ? this.#newEvents(socket, conversationId, catchUp, held) : [];
  }

  /** Which events of a delivery to send to a socket now. */
  pass(socket: WebSocket, conversationId: string, delivered: NumberedEvents): readonly EncodedEvent[] {
    const catchUp = this.#find(socket, conversationId);
    if (!catchUp) return delivered.events;
    if (!catchUp.held) return this.#newEvents(socket, conversationId, catchUp, delivered);
    catchUp.held.events.push(...delivered.events);
    catchUp.held.seqs.push(...delivered.seqs);
    return [];
  }

  /** A socket has closed. */
  removeSocket(socket: WebSocket): void {
    for (const [conversationId, catchUps] of this.#catchUps) {
      const catchUp = catchUps.get(socket);
      this.#end(socket, conversationId);
      if (!catchUp) continue;
      catchUp.held = undefined;
      for (const proceed of catchUp.queue.splice(0)) proceed();
    }
  }

  #newEvents(
    socket: WebSocket,
    conversationId: string,
    catchUp: CatchUp,
    { events, seqs }: NumberedEvents,
  ): EncodedEvent[] {
    const { upTo } = catchUp;
    // Deliveries come in order: once there is something newer, nothing older follows.
    if (seqs.some((seq) => seq > upTo)) catchUp.upTo = 0;
    if (catchUp.upTo === 0 && catchUp.asking === 0) this.#end(socket, conversationId);
    return events.filter((_, i) => !seqs[i] || seqs[i] > upTo);
  }

  #find(socket: WebSocket, conversationId: string): CatchUp | undefined {
    return this.#catchUps.get(conversationId)?.get(socket);
  }

  #begin(socket: WebSocket, conversationId: string): CatchUp {
    const catchUps = this.#catchUps.get(conversationId) ?? new Map<WebSocket, CatchUp>();
    this.#catchUps.set(conversationId, catchUps);
    const catchUp = catchUps.get(socket) ?? { held: undefined, upTo: 0, asking: 0, queue: [] };
    catchUps.set(socket, catchUp);
    return catchUp;
  }

  #end(socket: WebSocket, conversationId: string): void {
    const catchUps = this.#catchUps.get(conversationId);
    catchUps?.delete(socket);
    if (catchUps?.size === 0) this.#catchUps.delete(conversationId);
  }
}
