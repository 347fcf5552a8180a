/** The user's sockets at conversations themselves. The hub counts them for presence. */
import type { PresenceStatus } from "@rocket-chat-api/protocol";
import { earliest } from "../domain/deadlines.ts";
import { found, type Outcome } from "../domain/outcome.ts";
import type { Screen } from "../domain/screen.ts";
import type { EpochMs } from "../domain/time.ts";
import type { AlarmClock } from "../realtime/alarm-clock.ts";
import type { ConversationObject, DirectSocket } from "../realtime/objects.ts";
import type { Stubs } from "../realtime/stubs.ts";
import type { Presence } from "./presence.ts";
import type { HubStore } from "./store.ts";

/** A socket that is still open after its token's end is verified again after this long, in milliseconds. */
const VERIFY_AGAIN_MS = 3_600_000;

export class DirectSockets {
  readonly #store: HubStore;
  readonly #presence: Presence;
  readonly #clock: AlarmClock;
  readonly #conversations: Stubs<ConversationObject>;

  constructor(
    store: HubStore,
    presence: Presence,
    clock: AlarmClock,
    conversations: Stubs<ConversationObject>,
  ) {
    this.#store = store;
    this.#presence = presence;
    this.#clock = clock;
    this.#conversations = conversations;
  }

  /** A socket has opened, or says again that it is open. */
  async attach(userId: string, socket: DirectSocket): Promise<void> {
    await this.#store.ensureTables();
    const now = Date.now();
    const known = this.#store.directSockets().get(socket.connection_id);
    const status = known?.status ?? this.#presence.arriving(userId, now);
    this.#store.setDirectSocket({ ...socket, status, screen: known?.screen ?? null });
    this.#clock.ringBy(socket.expires_at);
    await this.#presence.refresh(now);
  }

  /** A socket has closed. */
  async detach(connectionId: string): Promise<void> {
    const socket = this.#store.exists() ? this.#store.removeDirectSocket(connectionId) : undefined;
    if (socket) await this.#presence.left(socket.status, Date.now());
  }

  /** A socket sets the status of its device (rule 22). */
  async setStatus(userId: string, status: PresenceStatus, socket: DirectSocket): Promise<Outcome<null>> {
    await this.#update(userId, socket, { status });
    await this.#presence.refresh(Date.now());
    return found(null);
  }

  /** A socket says what its app shows. @param screen null if the app is in the background. */
  async setScreen(userId: string, screen: Screen | null, socket: DirectSocket): Promise<Outcome<null>> {
    await this.#update(userId, socket, { screen });
    return found(null);
  }

  /** Writes down what a socket says, also if its opening has not been heard of yet. */
  async #update(
    userId: string,
    socket: DirectSocket,
    patch: { status?: PresenceStatus; screen?: Screen | null },
  ): Promise<void> {
    await this.#store.ensureTables();
    this.#store.rowOf(userId);
    const known = this.#store.directSockets().get(socket.connection_id);
    const { status = "online", screen = null } = known ?? {};
    this.#store.setDirectSocket({ ...socket, status, screen, ...patch });
    this.#clock.ringBy(socket.expires_at);
  }

  /**
   * Asks conversations whether sockets with an ended token are still open. Most have been detached by then. What is
   * left has a newer token, or its conversation died with its sockets.
   */
  async verify(now: EpochMs): Promise<void> {
    const userId = this.#store.row()?.user_id ?? "";
    for (const socket of [...this.#store.directSockets().values()].filter((it) => it.expires_at <= now)) {
      const isOpen = await this.#conversations
        .call(socket.conversation_id, (conversation) => conversation.hasSocket(userId, socket.connection_id))
        .catch(() => true);
      if (isOpen) this.#store.setDirectSocket({ ...socket, expires_at: now + VERIFY_AGAIN_MS });
      else await this.detach(socket.connection_id);
    }
  }

  /** When the next socket is to be verified, or undefined. */
  nextExpiry(): EpochMs | undefined {
    return earliest(...[...this.#store.directSockets().values()].map(({ expires_at }) => expires_at));
  }
}
