/**
 * Sends what devices are to be sent.
 *
 * What is to be sent stands in a row until the provider has taken it. So a push goes out at least once; when it goes out again it
 * has the same id and the same tag, and replaces itself on the device.
 */
import { DEFAULT_PUSH_PREFERENCES, type PushPreferences } from "@rocket-chat-api/protocol";
import type { PushNote } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import type { Push, PushResult, PushTarget } from "../../push/notification.ts";
import { concurrently } from "../../realtime/concurrently.ts";
import { currentTrace } from "../../tracing.ts";
import type { PendingPush } from "../schema.ts";
import { notificationOf, targetOf, testNotification } from "./forms.ts";
import { clearedItem, clearedUpTo } from "./items.ts";
import { decideOn, reasonNotToShow } from "./plan.ts";
import type { PushInbox } from "./push-inbox.ts";
import { PushResults } from "./push-results.ts";
import type { ConversationRow, DeviceRow, ItemRow, PushState, PushStore } from "./push-store.ts";
import { SendQueue } from "./send-queue.ts";
import { Sends } from "./sends.ts";
import type { PushCall } from "./traced-send.ts";

/** Conversations that are asked at a time. */
const CONCURRENCY = 6;
/** Milliseconds since a note in which its text is still as it was: nothing has been waited for. */
const FRESH_MS = 1_000;
/** Milliseconds until the next try of a push whose conversation could not be asked. */
const RETRY_MS = 2_000;
/** Conversations that are asked for their counts before a number is said, at most. */
const MAX_ASKED = 50;

/** Conversations that one push says to clear, at most: it has 4 kB. */
const MAX_CLEARED = 20;

/** What the outbox needs of its hub. */
export interface PushOutboxHost {
  send(target: PushTarget, push: Push, call: PushCall): Promise<PushResult>;
  /** Whether it can be told to take away what it shows. Browsers forbid a push that shows nothing. */
  canClear(device: Pick<PushTarget, "provider" | "platform">): boolean;
  /** Asks a conversation for its state, and for a message in it. Undefined if there is no such conversation. */
  ask(conversationId: string, seq: number): Promise<PushNote | undefined>;
  /** A provider has called a token dead. */
  tokenDied(device: DeviceRow): void;
  ringBy(time: EpochMs | undefined): void;
}

/** What goes to one device now. */
interface Ready {
  item: ItemRow;
  pending: PendingPush;
  device: DeviceRow;
  conversation: ConversationRow | undefined;
  state: PushState;
}

export class PushOutbox {
  readonly #store: PushStore;
  readonly #inbox: PushInbox;
  readonly #host: PushOutboxHost;
  readonly #results: PushResults;
  /** A token's next owner waits for what is on its way to it. */
  readonly sends = new Sends();
  readonly queue: SendQueue;

  constructor(store: PushStore, inbox: PushInbox, host: PushOutboxHost) {
    this.#store = store;
    this.#inbox = inbox;
    this.#host = host;
    this.#results = new PushResults(store, (device) => host.tokenDied(device));
    this.queue = new SendQueue(store, {
      prepare: () => this.#askStale(),
      send: (item) => this.#trySend(item),
      ringBy: (time) => host.ringBy(time),
    });
  }

  /** Sends a notification of its own to one device, to see whether it arrives. A dead token is taken note of. */
  async sendTest(device: DeviceRow, now: EpochMs): Promise<PushResult> {
    const push = testNotification(this.#store.badge(now));
    const call = { id: crypto.randomUUID(), attempts: 0, trace: currentTrace() };
    const sending = this.#host.send(targetOf(device, this.#preferences), push, call);
    const result = await this.sends.track(device.token_hash, sending);
    this.#results.tested(device, result, now);
    return result;
  }

  get #preferences(): PushPreferences {
    return this.#store.state()?.preferences ?? DEFAULT_PUSH_PREFERENCES;
  }

  async #trySend(item: ItemRow): Promise<void> {
    try {
      const ready = await this.#renewed(item, Date.now());
      if (ready) await this.#send(ready);
    } catch (error) {
      log("warn", "push.failed", { ...errorFields(error) }, item.pending?.trace ?? null);
      this.#postpone(item);
    }
  }

  #postpone({ device_id, conversation_id }: ItemRow): void {
    const known = this.#store.item(device_id, conversation_id);
    if (known?.pending) this.#store.putItem({ ...known, due_at: Date.now() + RETRY_MS });
  }

  /**
   * Looks at a push once more before it goes out. What has waited may have been read, edited or deleted.
   * @returns undefined if nothing is to be sent now.
   */
  async #renewed(due: ItemRow, now: EpochMs): Promise<Ready | undefined> {
    const { device_id, conversation_id, pending: was } = due;
    const isFresh = was?.attempts === 0 && Math.abs(now - was.since) < FRESH_MS;
    if (was?.message && !isFresh) {
      const note = await this.#host.ask(conversation_id, was.message.seq);
      if (note && !this.#inbox.stateSeen(note, now)) this.#postpone(due);
    }
    const item = this.#store.item(device_id, conversation_id);
    // It would have told the device what is unread now.
    if (was && !item?.pending) this.#inbox.badges.lower(conversation_id, now);
    const device = this.#store.devices().get(device_id);
    const state = this.#store.state();
    if (!item?.pending || !device || !state || (item.due_at ?? Infinity) > now) return undefined;
    const conversation = this.#store.conversation(conversation_id);
    const ready = { item, pending: item.pending, device, conversation, state };
    if (this.#isNeedless(ready, now)) {
      this.#store.putItem({ ...item, pending: null, due_at: null });
      return undefined;
    }
    const reason = this.#reasonNotTo(ready, now);
    if (reason === undefined) return ready;
    this.#results.drop(item, item.pending, reason, now);
    // It would have told the device what is unread now.
    this.#inbox.badges.lower(conversation_id, now);
    return undefined;
  }

  /** Whether a device has nothing to take away, and knows the number already, or cannot be told it by itself. */
  #isNeedless({ item, pending, device, conversation }: Ready, now: EpochMs): boolean {
    const isGone = item.shown_seq > 0 && item.shown_seq <= clearedUpTo(pending, conversation);
    if (pending.kind !== "clear" || isGone) return false;
    return !this.#host.canClear(device) || (device.last_badge ?? 0) === this.#store.badge(now);
  }

  #reasonNotTo({ item, pending, device, conversation, state }: Ready, now: EpochMs) {
    const { message, kind, has_waited, attempts } = pending;
    if (!device.is_active) return "token_dead";
    // Their user was deactivated.
    if (!this.#store.hasActiveDevice) return "no_device";
    if (!message || !conversation) return undefined;
    const circumstances = this.#inbox.circumstances(conversation, device, state);
    if (circumstances.isBlocked(message.sender.user_id)) return "blocked";
    if (kind === "edited") {
      if (message.seq <= conversation.last_read_seq) return "already_read";
      // A message that was pushed is renewed in any case; another one may take its place only if it could push.
      return message.seq === item.shown_seq ? undefined : reasonNotToShow(message, circumstances, now);
    }
    const decision = decideOn(message, circumstances, has_waited || attempts > 0, now);
    return decision.decision === "skip" ? decision.reason : undefined;
  }

  async #send(ready: Ready): Promise<void> {
    const { item, pending, device } = ready;
    if (pending.kind === "clear" && !this.#host.canClear(device)) {
      // It goes with the next push that shows something.
      this.#store.putItem({ ...item, due_at: null });
      return;
    }
    const push = this.#pushOf(ready, Date.now());
    const call = { id: pending.push_id, attempts: pending.attempts, trace: pending.trace };
    const sending = this.#host.send(targetOf(device, this.#preferences), push, call);
    const result = await this.sends.track(device.token_hash, sending);
    this.#results.take({ item, pending, tokenHash: device.token_hash }, result, push, Date.now());
    if (result.result !== "sent") return;
    if (push.kind !== "clear") this.#wereCleared(device.device_id, push.cleared);
    // It may say a number that has become lower while it was on its way.
    this.#inbox.badges.lower(item.conversation_id, Date.now());
  }

  #pushOf({ item, pending, device, conversation }: Ready, now: EpochMs): Push {
    const { conversation_id } = item;
    const { message, kind } = pending;
    const badge = this.#store.badge(now);
    if (!message || kind === "clear" || !conversation) {
      const up_to_seq = clearedUpTo(pending, conversation);
      return { kind: "clear", conversation_id, up_to_seq, is_badge_only: item.shown_seq > up_to_seq, badge };
    }
    const cleared = this.#uncleared(device.device_id, conversation_id);
    const its = notificationOf(conversation, message, badge);
    const isEdit = kind === "edited";
    return { ...its, kind: isEdit && message.kind === "added" ? "added" : kind, is_silent: isEdit, cleared };
  }

  /** Conversations whose notification the device could not be told to take away, with the `seq` up to which. */
  #uncleared(deviceId: string, except: string): Record<string, number> {
    const waiting = this.#store
      .pendingOf(deviceId)
      .filter(({ conversation_id }) => conversation_id !== except)
      .map(({ conversation_id }) => this.#store.item(deviceId, conversation_id))
      .filter((item) => item?.pending?.kind === "clear")
      .flatMap((item) => item ?? [])
      .slice(-MAX_CLEARED);
    const upTo = ({ conversation_id: id, pending }: ItemRow) =>
      clearedUpTo(pending, this.#store.conversation(id));
    return Object.fromEntries(waiting.map((item) => [item.conversation_id, upTo(item)]));
  }

  #wereCleared(deviceId: string, cleared: Record<string, number>): void {
    for (const [id, upTo] of Object.entries(cleared)) {
      const item = this.#store.item(deviceId, id);
      if (item?.pending?.kind !== "clear") continue;
      const { pending, due_at, ...after } = clearedItem(item, upTo);
      // What has come since is gone too: that goes with the next one.
      const rest = after.shown_seq > 0 ? { pending, due_at } : { pending: null, due_at: null };
      this.#store.putItem({ ...after, ...rest });
    }
  }

  /** Asks the conversations that do not tell of everything for their counts. */
  async #askStale(): Promise<void> {
    await concurrently(this.#store.stale(MAX_ASKED), CONCURRENCY, async (id) => {
      try {
        const note = await this.#host.ask(id, 0);
        if (note) this.#inbox.stateSeen(note, Date.now());
      } catch (error) {
        // The number is a little too low.
        log("warn", "push.not_counted", { ...errorFields(error) });
      }
    });
  }
}
