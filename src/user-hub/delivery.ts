/** Hands events to the user's sockets: those here, and those at conversations. */

import type { BatchPlace, DeliveredFrames } from "../domain/delivered-frames.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import { EncodedEvent, fromTexts } from "../realtime/encoded-event.ts";
import type { ConversationObject } from "../realtime/objects.ts";
import type { Sender } from "../realtime/sender.ts";
import type { Sessions } from "../realtime/sessions.ts";
import type { Stubs } from "../realtime/stubs.ts";
import type { BatchOrder } from "./batch-order.ts";
import type { CatchUpBuffer } from "./catch-up-buffer.ts";
import type { HubStore } from "./store.ts";
import type { Waking } from "./wake.ts";

export interface DeliveryParts {
  store: HubStore;
  sessions: Sessions;
  sender: Sender;
  catchUp: CatchUpBuffer;
  order: BatchOrder;
  waking: Waking;
  conversations: Stubs<ConversationObject>;
}

/** What comes by call. An object that still runs an older release names no place: it hands over events by call alone. */
type Delivered = Omit<DeliveredFrames, "place"> & { readonly place: BatchPlace | undefined };

export class Delivery {
  readonly #its: DeliveryParts;

  constructor(its: DeliveryParts) {
    this.#its = its;
  }

  /**
   * Delivers frames of one conversation to the sockets here.
   * @returns "idle" when no socket is open; the conversation is then remembered and woken on the next connect.
   */
  async deliver(conversationId: string, delivered: Delivered): Promise<DeliveryAnswer> {
    const { store, sessions, waking, order } = this.#its;
    if (waking.delaysIdle) await waking.settled();
    await store.ensureTables();
    const pass = () => this.#pass(conversationId, delivered);
    if (delivered.place) await order.pass(conversationId, delivered.place, pass);
    else pass();
    if (!sessions.isEmpty) return { idle: false, is_lean: sessions.isLean };
    store.addIdleIn(conversationId);
    return { idle: true, wake_epoch: store.row()?.wake_epoch ?? 0 };
  }

  /** A command of this hub has been answered. What has come with the answer goes to the sockets here. */
  async answered(conversationId: string, delivered: DeliveredFrames | undefined): Promise<void> {
    const { order } = this.#its;
    if (!delivered) return order.noEvents(conversationId);
    await order.passAnswer(conversationId, delivered.place, () => this.#pass(conversationId, delivered));
  }

  /** A command of this hub has failed. It may have been executed, and its events lost with the answer. */
  unanswered(conversation_id: string): void {
    const { order, sender } = this.#its;
    sender.broadcast([EncodedEvent.of({ type: "sync.required", conversation_id })]);
    order.noEvents(conversation_id);
  }

  #pass(conversationId: string, delivered: Delivered): void {
    const { sessions, sender, catchUp } = this.#its;
    const events = fromTexts(delivered);
    if (catchUp.isPassThrough(conversationId)) {
      sender.broadcast(events);
      return;
    }
    for (const socket of sessions.sockets()) {
      const passed = catchUp.pass(socket, conversationId, { events, seqs: delivered.seqs });
      if (passed.length > 0) sender.send(socket, passed);
    }
  }

  /** Sends a frame about one conversation to the sockets here, and through the conversation to those there. */
  async notify(frame: string, conversationId: string): Promise<void> {
    const { store, sender, conversations } = this.#its;
    sender.broadcast([EncodedEvent.fromFull(frame)]);
    const row = store.exists() ? store.row() : undefined;
    if (!row || !store.hasDirectSocketAt(conversationId)) return;
    await conversations.call(conversationId, (conversation) => conversation.forward(row.user_id, [frame]));
  }
}
