/** Typing and presence of one client. */
import type { LiveClient } from "./host.ts";
import { type Presence, PresenceState } from "./presence.ts";
import { TypingState, type Typist } from "./typing.ts";

export class Live {
  readonly #typing: TypingState;
  readonly #presence: PresenceState;
  readonly #stops: (() => void)[];

  constructor(client: LiveClient) {
    this.#typing = new TypingState(client);
    this.#presence = new PresenceState(client);
    this.#stops = [
      client.on("event", (event) => {
        this.#typing.take(event);
        this.#presence.take(event);
      }),
      client.on("status", (status) => {
        if (status === "open") this.#presence.connected();
        else this.#typing.clear();
      }),
    ];
  }

  /** Who types in a conversation, without the viewer. The same array until that changes. */
  typing(conversationId: string): readonly Typist[] {
    return this.#typing.typing(conversationId);
  }

  /** Calls `listener` when someone begins to type in a conversation, or ends. @returns what stops it. */
  onTyping(conversationId: string, listener: () => void): () => void {
    return this.#typing.watchers.on(conversationId, listener);
  }

  /** Call this with every key: others are notified every 3 seconds, and 6 seconds without a key end it. */
  input(conversationId: string): void {
    this.#typing.input(conversationId, Date.now());
  }

  /** The viewer has stopped. @param isSent by sending the message, which the server takes as the end itself. */
  endInput(conversationId: string, isSent?: boolean): void {
    this.#typing.end(conversationId, isSent);
  }

  /** Whether a user is there; undefined if it is not known. The same object until it changes. */
  presence(userId: string): Presence | undefined {
    return this.#presence.presence(userId);
  }

  /** Calls `listener` when a user comes or goes, and asks the server where nothing is known. @returns what stops it. */
  onPresence(userId: string, listener: () => void): () => void {
    return this.#presence.watch(userId, listener);
  }

  /** Follows the client no longer. */
  stop(): void {
    for (const stop of this.#stops) stop();
    this.#typing.stop();
  }
}
