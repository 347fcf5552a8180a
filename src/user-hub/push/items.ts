/** What a device shows of one conversation and is to be sent for it: the changes of that row. Pure, but for new ids. */
import { MAX_SEQ } from "@rocket-chat-api/protocol";
import type { NotedMessage } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Trace } from "../../domain/trace.ts";
import type { PendingPush } from "../schema.ts";
import type { ConversationRow, ItemRow } from "./push-store.ts";

/** For `shown_edited_at`: a push had no answer, so it is not known whether it arrived. */
export const UNSURE: EpochMs = -1;

/** An item of a device that has shown nothing of a conversation. */
export function emptyItem(device_id: string, conversation_id: string): ItemRow {
  return { device_id, conversation_id, pending: null, due_at: null, shown_seq: 0, shown_edited_at: null };
}

/** A push that is due now for the first time. */
export function newPush(
  push: Pick<PendingPush, "message" | "kind" | "has_waited" | "trace">,
  now: EpochMs,
  push_id: string = crypto.randomUUID(),
): PendingPush {
  return { ...push, push_id, since: now, attempts: 0 };
}

/** An item whose device is told how much is unread, and what was read. @param due_at when to send that. */
export function clearing(item: ItemRow, now: EpochMs, due_at: EpochMs): ItemRow {
  const pending = newPush({ message: null, kind: "clear", has_waited: false }, now);
  return { ...item, pending, due_at };
}

/** An item of which the device is to show nothing any more. @param trace of what causes that. */
export function takenAway(item: ItemRow, now: EpochMs, trace?: Trace): ItemRow {
  const { pending, ...cleared } = clearing(item, now, now);
  return { ...cleared, pending: pending && { ...pending, up_to: item.shown_seq, ...(trace && { trace }) } };
}

/** An item whose message may have changed since it was shown: its conversation is asked how it is now. */
export function lookedAtAgain(item: ItemRow, message: NotedMessage, now: EpochMs): ItemRow {
  const asked = { ...message, seq: item.shown_seq };
  const pending = newPush({ message: asked, kind: "edited", has_waited: true }, now);
  // What was tried before is not sent without asking.
  return { ...item, pending: { ...pending, attempts: 1 }, due_at: now };
}

/** Whether what is to be sent also mends what is shown: if it is dropped, that must be done otherwise. */
export function coversChange({ pending, shown_seq }: ItemRow): boolean {
  return shown_seq > 0 && (pending?.covers_change === true || (pending?.up_to ?? 0) >= shown_seq);
}

/** An item with a message that takes the place of what was to be sent. */
export function replaced(item: ItemRow, pending: PendingPush, due_at: EpochMs): ItemRow {
  const first_seq = firstOf(item.pending);
  const covers = coversChange(item) && { covers_change: true };
  return { ...item, pending: { ...pending, ...(first_seq > 0 && { first_seq }), ...covers }, due_at };
}

/** The first message that a push stands for; 0 if it only renews what is shown. */
export function firstOf(pending: PendingPush | null): number {
  return pending?.first_seq ?? (pending?.kind === "edited" ? 0 : (pending?.message?.seq ?? 0));
}

/** An item whose push is not sent after all. What is shown then stays only if it may. */
export function dropped(item: ItemRow, lastReadSeq: number, now: EpochMs): ItemRow {
  const { pending, shown_seq } = item;
  const rest = { ...item, pending: null, due_at: null };
  if (shown_seq === 0 || !pending?.message) return rest;
  if (shown_seq <= lastReadSeq) return takenAway(rest, now);
  return coversChange(item) ? lookedAtAgain(rest, pending.message, now) : rest;
}

/** Up to where a device is to show nothing, when it is told to clear. */
export function clearedUpTo(
  pending: Pick<PendingPush, "up_to"> | null,
  conversation: Pick<ConversationRow, "last_read_seq"> | undefined,
): number {
  return Math.max(pending?.up_to ?? 0, conversation ? conversation.last_read_seq : MAX_SEQ);
}

/** An item after its device was told to clear. What is newer stays. */
export function clearedItem(item: ItemRow, upTo: number): ItemRow {
  return { ...item, shown_seq: item.shown_seq > upTo ? item.shown_seq : 0 };
}

/** Whether two items say the same. */
export function isSameItem(one: ItemRow, other: ItemRow): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
