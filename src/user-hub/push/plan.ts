/**
 * What a note from a conversation changes for one device: what it is to be sent, and what its log says. Pure.
 *
 * A device shows one notification of a conversation: the newest message that pushed. A newer one replaces it, an edit renews it,
 * a deletion shows the newest that is left, and reading takes it away.
 */
import type { PushKind, PushLogEntry, PushSkip } from "@rocket-chat-api/protocol";
import { messageId, timestamp } from "@rocket-chat-api/protocol";
import type { NotedChange, NotedMessage, PushNote } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Trace } from "../../domain/trace.ts";
import type { PendingPush } from "../schema.ts";
import { type Decision, decide, type Situation } from "./decide.ts";
import { coversChange, dropped, firstOf, newPush, replaced, takenAway, UNSURE } from "./items.ts";
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

/** Why a message may not be shown in place of another that is gone; undefined if it may. That makes no sound. */
export function reasonNotToShow(
  message: NotedMessage,
  circumstances: Circumstances,
  now: EpochMs,
): PushSkip | undefined {
  const decision = decideOn(message, circumstances, true, now);
  return decision.decision === "skip" && decision.reason !== "do_not_disturb" ? decision.reason : undefined;
}

/** Goes through a note for one device. */
export class NotePlan {
  readonly #note: PushNote;
  readonly #circumstances: Circumstances;
  readonly #now: EpochMs;
  readonly #newId: NewId;
  readonly #log: PushLogEntry[] = [];
  #item: ItemRow;
  /** What the note says of the message that is shown: its new text, or that it is gone. Undefined: it is as it was. */
  #shown: NotedMessage | "gone" | undefined;
  /** Of what has changed it. */
  #shownTrace: Trace | undefined;
  /** What was to be sent, if its message is gone. */
  #gone: PendingPush | undefined;

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
      this.#replaceGone();
      for (const message of messages) if (message.seq > decidedSeq) this.#consider(message);
    } else {
      this.#dropPending();
    }
    this.#clearIfRead();
    return { item: this.#item, log: this.#log };
  }

  #decisionOn(message: NotedMessage): Decision {
    return decideOn(message, this.#circumstances, false, this.#now);
  }

  #consider(message: NotedMessage): void {
    const decision = this.#decisionOn(message);
    if (decision.decision === "skip") {
      this.#skip(message.kind, message.seq, decision.reason);
      return;
    }
    const ms = decision.decision === "wait" ? decision.ms : 0;
    if (ms > 0) {
      this.#log.push(this.#entry(message.kind, message.seq, { decision: "wait", wait_ms: ms }));
    }
    const { pending, due_at } = this.#item;
    // What waits already goes out when it is due, with the newest text.
    const due = pending?.message && due_at !== null ? Math.min(due_at, this.#now + ms) : this.#now + ms;
    this.#set({ message, kind: message.kind, has_waited: ms > 0 }, due);
  }

  /** Notes what a change means for what waits and for what is shown. */
  #change({ seq, message, trace }: NotedChange): void {
    const { pending, shown_seq, shown_edited_at } = this.#item;
    const isAsShown = shown_seq === seq && message?.edited_at === shown_edited_at;
    if (shown_seq === seq) {
      this.#shown = isAsShown ? undefined : (message ?? "gone");
      this.#shownTrace = trace;
    }
    if (pending?.message?.seq !== seq) return;
    if (message && !(isAsShown && pending.kind === "edited")) {
      this.#item = { ...this.#item, pending: { ...pending, message } };
      return;
    }
    this.#dropPending();
    // The device shows it like this already.
    if (message) return;
    this.#gone = pending;
    if (pending.covers_change) this.#shown ??= "gone";
  }

  /** If what waits or what is shown is gone, or looks otherwise: what takes its place. */
  #replaceGone(): void {
    const shown = this.#shown;
    const { left } = this.#note;
    if (this.#gone && !this.#item.pending) {
      const first = firstOf(this.#gone);
      const next = left.find((one) => first > 0 && one.seq >= first && this.#mayPush(one));
      if (next) this.#consider(next);
    }
    if (!shown || coversChange(this.#item)) return;
    if (this.#item.pending?.message) {
      this.#coverChange();
      return;
    }
    const mayShow = (one: NotedMessage) => !reasonNotToShow(one, this.#circumstances, this.#now);
    this.#showInstead(shown === "gone" ? left.find(mayShow) : shown);
  }

  /** Whether a message that has waited is still to be sent. */
  #mayPush(message: NotedMessage): boolean {
    const { shown_seq, shown_edited_at } = this.#item;
    const isShown = message.seq < shown_seq || (message.seq === shown_seq && shown_edited_at !== UNSURE);
    return !isShown && this.#decisionOn(message).decision !== "skip";
  }

  /** What is shown is gone, or looks otherwise now. */
  #showInstead(message: NotedMessage | undefined): void {
    const trace = this.#shownTrace;
    if (message) this.#set({ message: { ...message, trace }, kind: "edited", has_waited: false });
    else this.#item = takenAway(this.#item, this.#now, trace);
    this.#coverChange();
  }

  /** What is to be sent takes the place of what is shown. If it is dropped, that must be looked at. */
  #coverChange(): void {
    const { pending } = this.#item;
    if (pending?.message) this.#item = { ...this.#item, pending: { ...pending, covers_change: true } };
  }

  /** What was read before it was sent. */
  #dropIfRead(): void {
    const message = this.#item.pending?.message;
    const { last_read_seq } = this.#note;
    if (!message || message.seq > last_read_seq) return;
    this.#skip(message.kind, message.seq, "already_read");
    this.#item = dropped(this.#item, last_read_seq, this.#now);
  }

  /** What is shown and was read, or belongs to a conversation that the user has left. */
  #clearIfRead(): void {
    const { shown_seq, pending } = this.#item;
    const isOver = !this.#note.is_member || shown_seq <= this.#note.last_read_seq;
    if (shown_seq > 0 && isOver && !pending) this.#item = takenAway(this.#item, this.#now);
  }

  #dropPending(): void {
    this.#item = { ...this.#item, pending: null, due_at: null };
  }

  /** A message that is to be sent. Its trace stands beside it: the same message may be told again without. */
  #set(
    { message: told, ...how }: Pick<PendingPush, "kind" | "has_waited"> & { message: NotedMessage },
    due_at: EpochMs = this.#now,
  ): void {
    const { trace, ...message } = told;
    const push = newPush({ message, ...how, ...(trace && { trace }) }, this.#now, this.#newId());
    this.#item = replaced(this.#item, push, due_at);
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
