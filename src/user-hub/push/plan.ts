/**
 * What a note from a conversation changes for one device: what it is to be sent, and what its log says. Pure.
 *
 * A device shows one notification of a conversation: the newest message that pushed. A newer one replaces it, an edit renews it,
 * a deletion shows the newest that is left, and reading takes it away.
 */
import type { PushKind, PushLogEntry, PushSkip } from "@rocket-chat-api/protocol";
import { messageId, timestamp } from "@rocket-chat-api/protocol";
import type { NotedMessage, PushNote } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { PendingPush } from "../schema.ts";
import { type Decision, decide, type Situation } from "./decide.ts";
import type { ItemRow } from "./push-store.ts";

/** What decisions depend on, besides the message. */
export interface Circumstances extends Omit<Situation, "message" | "is_sender_blocked" | "has_waited"> {
  /** Whether the user has blocked another. */
  isBlocked(userId: string): boolean;
}

/** A device's item after a note. */
export interface Planned {
  item: ItemRow;
  log: PushLogEntry[];
}

/** Makes the id of a push. */
export type NewId = () => string;

/** An entry of a log. */
export function logEntry(
  conversation_id: string | null,
  seq: number,
  fields: Pick<PushLogEntry, "kind" | "decision"> & Partial<PushLogEntry>,
  now: EpochMs,
): PushLogEntry {
  return {
    at: timestamp(now),
    conversation_id,
    message_id: conversation_id !== null && seq > 0 ? messageId(conversation_id, seq) : null,
    reason: null,
    wait_ms: null,
    provider_status: null,
    detail: null,
    ...fields,
  };
}

/** Decides about a message. */
export function decideOn(
  message: NotedMessage,
  circumstances: Circumstances,
  hasWaited: boolean,
  now: EpochMs,
): Decision {
  const { user_id: sender_id } = message.sender;
  const is_sender_blocked = circumstances.isBlocked(sender_id);
  const said = { message: { ...message, sender_id }, is_sender_blocked, has_waited: hasWaited };
  return decide({ ...circumstances, ...said }, now);
}

/** Goes through a note for one device. */
export class NotePlan {
  readonly #note: PushNote;
  readonly #circumstances: Circumstances;
  readonly #now: EpochMs;
  readonly #newId: NewId;
  readonly #log: PushLogEntry[] = [];
  #item: ItemRow;

  constructor(note: PushNote, item: ItemRow, circumstances: Circumstances, now: EpochMs, newId: NewId) {
    this.#note = note;
    this.#item = item;
    this.#circumstances = circumstances;
    this.#now = now;
    this.#newId = newId;
  }

  /** @param decidedSeq messages up to here have been decided already. */
  run(decidedSeq: number): Planned {
    const { messages, is_member } = this.#note;
    if (is_member) {
      this.#dropIfRead();
      for (const change of this.#note.changed) this.#change(change);
      for (const message of messages) if (message.seq > decidedSeq) this.#consider(message);
    } else {
      this.#set(null);
    }
    this.#clearIfRead();
    return { item: this.#item, log: this.#log };
  }

  #consider(message: NotedMessage): void {
    const decision = decideOn(message, this.#circumstances, false, this.#now);
    if (decision.decision === "skip") {
      this.#skip(message.kind, message.seq, decision.reason);
      return;
    }
    const ms = decision.decision === "wait" ? decision.ms : 0;
    if (ms > 0) {
      this.#log.push(this.#entry(message.kind, message.seq, { decision: "wait", wait_ms: ms }));
    }
    const before = this.#item.pending;
    // What waits already goes out when it is due, with the newest text.
    const due =
      before?.message && this.#item.due_at !== null
        ? Math.min(this.#item.due_at, this.#now + ms)
        : this.#now + ms;
    this.#set({ message, kind: message.kind, has_waited: ms > 0 }, due);
  }

  #change({ seq, message }: PushNote["changed"][number]): void {
    this.#changePending(seq, message);
    const { pending, shown_seq, shown_edited_at } = this.#item;
    if (shown_seq !== seq) return;
    if (pending?.message) {
      // It takes the place of what is shown; if it is dropped, that must be renewed.
      this.#item = { ...this.#item, pending: { ...pending, covers_change: true } };
      return;
    }
    if (message && message.edited_at === shown_edited_at) return;
    this.#showInstead(message ?? this.#note.newest);
  }

  /** What waits to be sent is sent as it is now. If it is gone, the newest that is left takes its place. */
  #changePending(seq: number, message: NotedMessage | null): void {
    const { pending, shown_seq } = this.#item;
    if (pending?.message?.seq !== seq) return;
    if (message) {
      this.#item = { ...this.#item, pending: { ...pending, message } };
      return;
    }
    this.#set(null);
    const { newest } = this.#note;
    if (newest && newest.seq > shown_seq) this.#consider(newest);
    // What is shown is newer than all that is left: it is gone, too.
    else if (pending.covers_change || shown_seq > (newest?.seq ?? 0)) this.#showInstead(newest);
  }

  /** What is shown is gone, or looks otherwise now. */
  #showInstead(message: NotedMessage | null): void {
    if (message) this.#set({ message, kind: "edited", has_waited: false }, this.#now);
    else this.#clear();
  }

  /** What was read before it was sent. */
  #dropIfRead(): void {
    const message = this.#item.pending?.message;
    if (!message || message.seq > this.#note.last_read_seq) return;
    this.#skip(message.kind, message.seq, "already_read");
    this.#set(null);
  }

  /** What is shown and was read, or belongs to a conversation that the user has left. */
  #clearIfRead(): void {
    const { shown_seq, pending } = this.#item;
    const isOver = !this.#note.is_member || shown_seq <= this.#note.last_read_seq;
    if (shown_seq > 0 && isOver && !pending) this.#clear();
  }

  #clear(): void {
    this.#set({ message: null, kind: "clear", has_waited: false }, this.#now);
  }

  #set(push: Pick<PendingPush, "message" | "kind" | "has_waited"> | null, due_at: EpochMs = this.#now): void {
    if (!push) {
      this.#item = { ...this.#item, pending: null, due_at: null };
      return;
    }
    const { message, kind, has_waited } = push;
    const pending = { message, kind, has_waited, push_id: this.#newId(), since: this.#now, attempts: 0 };
    this.#item = { ...this.#item, pending, due_at };
  }

  #skip(kind: PushKind, seq: number, reason: PushSkip): void {
    this.#log.push(this.#entry(kind, seq, { decision: "skip", reason }));
  }

  #entry(
    kind: PushKind,
    seq: number,
    fields: Pick<PushLogEntry, "decision"> & Partial<PushLogEntry>,
  ): PushLogEntry {
    return logEntry(this.#note.conversation_id, seq, { kind, ...fields }, this.#now);
  }
}

/** An item of a device that has shown nothing of a conversation. */
export function emptyItem(device_id: string, conversation_id: string): ItemRow {
  return { device_id, conversation_id, pending: null, due_at: null, shown_seq: 0, shown_edited_at: null };
}

/** An item of which the device is to show nothing any more. @param due_at when to send that. */
export function clearing(item: ItemRow, now: EpochMs, due_at: EpochMs): ItemRow {
  const push_id = crypto.randomUUID();
  const pending = {
    message: null,
    kind: "clear" as const,
    push_id,
    since: now,
    attempts: 0,
    has_waited: false,
  };
  return { ...item, pending, due_at };
}

/** An item whose message has changed while it was on its way: its conversation is asked how it is now. */
export function lookedAtAgain(item: ItemRow, message: NotedMessage, now: EpochMs): ItemRow {
  const push_id = crypto.randomUUID();
  // What was tried before is not sent without asking.
  const pending = { message, kind: "edited" as const, push_id, since: now, attempts: 1, has_waited: true };
  return { ...item, pending, due_at: now };
}

/** Whether two items say the same. */
export function isSameItem(one: ItemRow, other: ItemRow): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
