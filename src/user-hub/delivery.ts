/** Hands events to the user's sockets: those here, and those at conversations. */

import type { BatchPlace, DeliveredFrames } from "../domain/delivered-frames.ts";
import type { EpochMs } from "../domain/time.ts";
import type { MemberUnread } from "../domain/unread.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import { EncodedEvent, fromTexts } from "../realtime/encoded-event.ts";
import type { ConversationObject } from "../realtime/objects.ts";
import type { Sender } from "../realtime/sender.ts";
import type { Sessions } from "../realtime/sessions.ts";
import type { Stubs } from "../realtime/stubs.ts";
import type { BatchOrder } from "./batch-order.ts";
import type { CatchUpBuffer } from "./catch-up-buffer.ts";
import type { HubStore } from "./store.ts";
import type { UnreadTotals } from "./unread-totals.ts";
import type { Waking } from "./wake.ts";

export interface DeliveryParts {
  store: HubStore;
  sessions: Sessions;
  sender: Sender;
  catchUp: CatchUpBuffer;
  order: BatchOrder;
  waking: Waking;
  conversations: Stubs<ConversationObject>;
  unread: UnreadTotals;
}

/** The user's counts that come with events: null if they have not changed, undefined from an older release. */
type ToldUnread = MemberUnread | null | undefined;

/** What comes by call. An object that still runs an older release names no place: it hands over events by call alone. */
type Delivered = Omit<DeliveredFrames, "place"> & { readonly place: BatchPlace | undefined };

export class Delivery {
  readonly #its: DeliveryParts;

  constructor(its: DeliveryParts) {
    this.#its = its;
  }

  /**
   * Delivers frames of one conversation to the sockets here.
   * @param told the user's unread counts there.
   * @returns "idle" when no socket is open; the conversation is then remembered and woken on the next connect.
   */
  async deliver(conversationId: string, delivered: Delivered, told: ToldUnread): Promise<DeliveryAnswer> {
    const { store, sessions, waking, order, unread } = this.#its;
    if (waking.delaysIdle) await waking.settled();
    await store.ensureTables();
    const pass = () => this.#pass(conversationId, delivered);
    if (delivered.place) await order.pass(conversationId, delivered.place, pass);
    else pass();
    if (!sessions.isEmpty) {
      // Behind the events that they count.
      unread.set(conversationId, told);
      return { idle: false, is_lean: sessions.isLean };
    }
    // From now on the conversation says nothing of what changes.
    unread.forget();
    store.addIdleIn(conversationId);
    return { idle: true, wake_epoch: store.row()?.wake_epoch ?? 0 };
  }

  /** A command of this hub has been answered. What has come with the answer goes to the sockets here. */
  async answered(
    conversationId: string,
    delivered: DeliveredFrames | undefined,
    told: ToldUnread,
  ): Promise<void> {
    const { order, unread } = this.#its;
    if (!delivered) order.noEvents(conversationId);
    else await order.passAnswer(conversationId, delivered.place, () => this.#pass(conversationId, delivered));
    unread.set(conversationId, told);
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

  /** Sends preferences for one conversation to the sockets here, and through the conversation to those there. */
  async notify(frame: string, conversationId: string, mutedUntil: EpochMs | undefined): Promise<void> {
    const { store, sender, conversations, unread } = this.#its;
    sender.broadcast([EncodedEvent.fromFull(frame)]);
    unread.setMuted(conversationId, mutedUntil);
    const row = store.exists() ? store.row() : undefined;
    if (!row || !store.hasDirectSocketAt(conversationId)) return;
    await conversations.call(conversationId, (conversation) => conversation.forward(row.user_id, [frame]));
  }
}
