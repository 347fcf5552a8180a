/** What comes of a push: what the device shows now, whether it is tried again, and what the log says. */
import { MAX_SEQ, type PushKind, type PushLogEntry } from "@rocket-chat-api/protocol";
import { backoff } from "../../domain/deadlines.ts";
import type { NotedMessage } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Push, PushResult } from "../../push/notification.ts";
import type { PendingPush } from "../schema.ts";
import { clearedItem, coversChange, dropped, emptyItem, lookedAtAgain, takenAway, UNSURE } from "./items.ts";
import { logEntry } from "./plan.ts";
import type { DeviceRow, ItemRow, PushStore } from "./push-store.ts";

/** Milliseconds after which a push is given up. */
const GIVEN_UP_AFTER_MS = 3_600_000;

type Retry = Extract<PushResult, { result: "retry" }>;

export class PushResults {
  readonly #store: PushStore;
  readonly #tokenDied: (device: DeviceRow) => void;

  /** @param tokenDied is called once for each token that the provider calls dead. */
  constructor(store: PushStore, tokenDied: (device: DeviceRow) => void) {
    this.#store = store;
    this.#tokenDied = tokenDied;
  }

  /**
   * Takes a provider's answer.
   * @param sent the item as it was when it was sent, with what was sent.
   * @param tokenHash of the token that it was sent to.
   */
  take(
    { item: sent, pending, tokenHash }: { item: ItemRow; pending: PendingPush; tokenHash: string },
    result: PushResult,
    push: Push,
    now: EpochMs,
  ): void {
    const device = this.#store.devices().get(sent.device_id);
    if (!device) return;
    const { device_id, conversation_id } = sent;
    // No row: what was to be sent is gone since.
    const item = this.#store.item(device_id, conversation_id) ?? emptyItem(device_id, conversation_id);
    // A newer one may have taken its place in between.
    const isCurrent = item.pending?.push_id === pending.push_id;
    if (result.result === "retry") {
      this.#unsure(item, { pending, push, isCurrent }, result, now);
      return;
    }
    if (result.result === "token_dead" && device.token_hash !== tokenHash) {
      // The device has another token since, which gets what is to be sent.
      if (isCurrent) this.#store.putItem({ ...item, due_at: now });
      return;
    }
    const seq = pending.message?.seq ?? 0;
    const provider = { provider_status: result.status, detail: "detail" in result ? result.detail : null };
    const decision = result.result === "sent" ? "sent" : "failed";
    const shown = { last_pushed_at: now, last_badge: push.badge };
    const environment = ("environment" in result && result.environment) || device.environment;
    const patch = result.result === "sent" ? { ...shown, environment } : {};
    this.log(sent, pending.kind, seq, { decision, ...provider }, now, patch);
    if (result.result === "sent") {
      const rest = isCurrent ? { ...item, pending: null, due_at: null } : item;
      this.#shown(shownAfter(push, rest, pending), pending, changedOnItsWay(item, pending), now);
      return;
    }
    // A replacement that cannot be sent is not tried in another form.
    if (isCurrent && pending.kind !== "edited") this.#store.putItem(this.#without(item, now));
    else if (isCurrent) this.#store.putItem({ ...item, pending: null, due_at: null });
    if (result.result === "token_dead") this.#kill(sent.device_id);
  }

  /** Takes the answer to a test. */
  tested(device: DeviceRow, result: PushResult, now: EpochMs): void {
    const known = this.#store.devices().get(device.device_id);
    if (known?.token_hash !== device.token_hash) return;
    if (result.result === "token_dead") this.#kill(device.device_id);
    if (result.result !== "sent") return;
    this.#store.putDevice({
      ...known,
      last_pushed_at: now,
      environment: result.environment ?? known.environment,
    });
  }

  /** Ends what is to be sent, without sending it. */
  drop(item: ItemRow, pending: PendingPush, reason: PushLogEntry["reason"], now: EpochMs): void {
    const { kind, message } = pending;
    // Without a device, nothing that is shown can be mended.
    const isOver = reason === "token_dead" || reason === "no_device";
    const rest = { ...item, pending: null, due_at: null };
    this.#store.putItem(isOver ? rest : this.#without(item, now));
    if (kind !== "clear") this.log(item, kind, message?.seq ?? 0, { decision: "skip", reason }, now);
  }

  #without(item: ItemRow, now: EpochMs): ItemRow {
    return dropped(item, this.#store.conversation(item.conversation_id)?.last_read_seq ?? MAX_SEQ, now);
  }

  /** Writes a decision into the log of a device, if it is still there. */
  log(
    { device_id, conversation_id }: ItemRow,
    kind: PushKind,
    seq: number,
    fields: Pick<PushLogEntry, "decision"> & Partial<PushLogEntry>,
    now: EpochMs,
    patch: Partial<DeviceRow> = {},
  ): void {
    this.#store.addToLog(device_id, [logEntry(conversation_id, seq, { kind, ...fields }, now)], patch);
  }

  /**
   * A device shows something now. If that was read while it was on its way, it is taken away again.
   * @param changed the message, if it was edited on its way, or is no longer to be shown.
   */
  #shown(item: ItemRow, sent: PendingPush, changed: NotedMessage | null, now: EpochMs): void {
    const { pending, shown_seq } = item;
    if (pending?.message) {
      // What has changed on its way, or was read, goes when that one comes.
      this.#store.putItem({ ...item, pending: { ...pending, covers_change: true } });
      return;
    }
    const conversation = this.#store.conversation(item.conversation_id);
    const isRead = shown_seq > 0 && shown_seq <= (conversation?.last_read_seq ?? MAX_SEQ);
    const mayBeGone = changed ?? (pending && !coversChange(item) ? sent.message : null);
    if (isRead && !coversChange(item)) this.#store.putItem(takenAway(item, now));
    else if (mayBeGone && shown_seq > 0) this.#store.putItem(lookedAtAgain(item, mayBeGone, now));
    else this.#store.putItem(item);
  }

  /** No answer, or one to be tried again. Without an answer the device may show it all the same. */
  #unsure(
    item: ItemRow,
    { pending, push, isCurrent }: { pending: PendingPush; push: Push; isCurrent: boolean },
    result: Retry,
    now: EpochMs,
  ): void {
    const mayShow = result.status === 0 && push.kind !== "clear";
    const after = mayShow ? { ...item, shown_seq: push.seq, shown_edited_at: UNSURE } : item;
    if (isCurrent) this.#retry(after, pending, result, now);
    else if (mayShow) this.#shown(after, pending, changedOnItsWay(item, pending), now);
  }

  #retry(item: ItemRow, pending: PendingPush, { status, detail, after_ms = 0 }: Retry, now: EpochMs): void {
    const attempts = pending.attempts + 1;
    const wait_ms = Math.max(after_ms, backoff(attempts));
    const { kind, message } = pending;
    const fields = { provider_status: status, detail };
    const isOver = now + wait_ms - pending.since > GIVEN_UP_AFTER_MS;
    // Its text may have changed while it was on its way.
    const again = { pending: { ...(item.pending ?? pending), attempts }, due_at: now + wait_ms };
    this.#store.putItem({ ...item, ...(isOver ? { pending: null, due_at: null } : again) });
    const decision = isOver
      ? { decision: "skip" as const, reason: "provider_down" as const }
      : { decision: "retry" as const, wait_ms };
    this.log(item, kind, message?.seq ?? 0, { ...decision, ...fields }, now);
  }

  #kill(deviceId: string): void {
    const device = this.#store.devices().get(deviceId);
    if (!device) return;
    this.#store.putDevice({ ...device, is_active: false });
    for (const item of this.#store.itemsOf(deviceId)) {
      this.#store.putItem({ ...item, pending: null, due_at: null, shown_seq: 0 });
    }
    this.#tokenDied(device);
  }
}

/** The message that was sent, if it is no longer what was to be sent. */
function changedOnItsWay({ pending: now }: ItemRow, { message, push_id }: PendingPush): NotedMessage | null {
  if (!now) return message;
  const isChanged = now.push_id === push_id && JSON.stringify(now.message) !== JSON.stringify(message);
  return isChanged ? now.message : null;
}

/** What a device shows after a push. A clear leaves what is newer than what was read. */
function shownAfter(push: Push, item: ItemRow, { message }: PendingPush): ItemRow {
  if (push.kind === "clear") return clearedItem(item, push.up_to_seq);
  return { ...item, shown_seq: push.seq, shown_edited_at: message?.edited_at ?? null };
}
