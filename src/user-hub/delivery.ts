/** Hands events to the user's sockets: those here, and those at conversations. */
import type { DeliveryAnswer } from "../domain/wake.ts";
import type { ConversationObject } from "../realtime/objects.ts";
import type { Sender } from "../realtime/sender.ts";
import type { Sessions } from "../realtime/sessions.ts";
import type { Stubs } from "../realtime/stubs.ts";
import type { CatchUpBuffer, DeliveredFrames } from "./catch-up-buffer.ts";
import type { HubStore } from "./store.ts";
import type { Waking } from "./wake.ts";

export interface DeliveryParts {
  store: HubStore;
  sessions: Sessions;
  sender: Sender;
  catchUp: CatchUpBuffer;
  waking: Waking;
  conversations: Stubs<ConversationObject>;
}

export class Delivery {
  readonly #its: DeliveryParts;

  constructor(its: DeliveryParts) {
    this.#its = its;
  }

  /**
   * Delivers frames of one conversation to the sockets here.
   * @returns "idle" when no socket is open; the conversation is then remembered and woken on the next connect.
   */
  async deliver(conversationId: string, delivered: DeliveredFrames): Promise<DeliveryAnswer> {
    const { store, sessions, sender, catchUp, waking } = this.#its;
    if (waking.delaysIdle) await waking.settled();
    await store.ensureTables();
    const sockets = sessions.sockets();
    if (catchUp.isPassThrough(conversationId)) sender.broadcast(delivered.frames);
    else {
      for (const socket of sockets) {
        const frames = catchUp.pass(socket, conversationId, delivered);
        if (frames.length > 0) sender.send(socket, frames);
      }
    }
    if (sockets.length > 0) return { idle: false };
    store.addIdleIn(conversationId);
    return { idle: true, wake_epoch: store.row()?.wake_epoch ?? 0 };
  }

  /** Sends a frame about one conversation to the sockets here, and through the conversation to those there. */
  async notify(frame: string, conversationId: string): Promise<void> {
    const { store, sender, conversations } = this.#its;
    sender.broadcast([frame]);
    const row = store.exists() ? store.row() : undefined;
    if (!row || !store.hasDirectSocketAt(conversationId)) return;
    await conversations.call(conversationId, (conversation) => conversation.forward(row.user_id, [frame]));
  }
}
