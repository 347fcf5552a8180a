/** What a server has forbidden this user, and the sockets that close with it (rules 28 and 29). */
import type { CloseKind, Failure } from "@rocket-chat-api/protocol";
import { checkRestriction, closeReason, endOfRestriction, type Restriction } from "../domain/restriction.ts";
import type { EpochMs } from "../domain/time.ts";
import { EncodedEvent } from "../realtime/encoded-event.ts";
import type { ConversationObject } from "../realtime/objects.ts";
import type { Sender } from "../realtime/sender.ts";
import type { Sessions } from "../realtime/sessions.ts";
import type { Stubs } from "../realtime/stubs.ts";
import type { HubStore } from "./store.ts";

export interface AccessParts {
  store: HubStore;
  sessions: Sessions;
  sender: Sender;
  conversations: Stubs<ConversationObject>;
  ringBy(time: EpochMs | undefined): void;
}

export class Access {
  readonly #its: AccessParts;

  constructor(its: AccessParts) {
    this.#its = its;
  }

  /**
   * Sets what the user may no longer do, and closes the sockets that this concerns, here and at conversations. Rejects if a
   * conversation could not be reached: repeating it is harmless.
   */
  async restrict(userId: string, restriction: Restriction): Promise<void> {
    const { store, sessions, conversations, ringBy } = this.#its;
    // Before the first wait: a socket that opens from now on is refused. Who was erased stays so, whatever a directory says that was put
    // back to an earlier state, or a request that was on its way.
    if (!this.isErased) store.putRestriction(userId, restriction);
    sessions.closeRestricted(userId, restriction);
    if (store.exists()) ringBy(this.nextEnd(Date.now()));
    const places = this.#places();
    await Promise.all(
      places.map((id) =>
        conversations.call(id, (conversation) => conversation.closeRestricted(userId, restriction)),
      ),
    );
  }

  /** Whether the user was erased: then nothing is kept of them any more. */
  get isErased(): boolean {
    return this.#its.store.restriction().is_erased === true;
  }

  /** Why a socket may not be open, or undefined. @param issued_at when its token was issued. */
  closeReason(issued_at: EpochMs): CloseKind | undefined {
    return closeReason(this.#its.store.restriction(), issued_at, Date.now());
  }

  /** Why a socket may not open, or undefined. */
  check(issued_at: EpochMs): Failure | undefined {
    return checkRestriction(this.#its.store.restriction(), issued_at, Date.now());
  }

  /** When a ban ends by itself, so that devices get pushes again; undefined if none does. */
  nextEnd(now: EpochMs): EpochMs | undefined {
    return endOfRestriction(this.#its.store.restriction(), now);
  }

  /** Sends a frame to all sockets of the user, here and at conversations. It is stored nowhere. */
  async sendCustom(frame: string): Promise<void> {
    const { store, sender, conversations } = this.#its;
    sender.broadcast([EncodedEvent.fromFull(frame)]);
    const user_id = store.exists() ? (store.row()?.user_id ?? "") : "";
    await Promise.all(
      this.#places().map((id) =>
        conversations.call(id, (conversation) => conversation.forward(user_id, [frame])),
      ),
    );
  }

  /** The conversations where the user has sockets. */
  #places(): string[] {
    const { store } = this.#its;
    if (!store.exists()) return [];
    return [...new Set([...store.directSockets().values()].map(({ conversation_id }) => conversation_id))];
  }
}
