/** What conversations tell this hub, and what its devices are to be sent for it. */
import type { PushLogEntry } from "@rocket-chat-api/protocol";
import type { NotedMessage, NumberedWord, PushNote } from "../../domain/push-note.ts";
import type { Screen } from "../../domain/screen.ts";
import type { EpochMs } from "../../domain/time.ts";
import { Badges } from "./badges.ts";
import { withoutBlocked } from "./blocked.ts";
import { isOlder, merged, newConversation } from "./conversation-rows.ts";
import { emptyItem, isSameItem } from "./items.ts";
import { type Circumstances, NotePlan } from "./plan.ts";
import type { ConversationRow, DeviceRow, ItemRow, PushState, PushStore } from "./push-store.ts";
import { wordFor } from "./words.ts";

/** What the inbox needs of its hub. */
export interface PushInboxHost {
  userId(): string;
  /** The screens that are looked at. */
  screens(): Screen[];
  /** Whether the user has blocked another. */
  isBlocked(userId: string): boolean;
  /** Milliseconds to wait while another device is in the foreground. */
  graceMs: number;
  ringBy(time: EpochMs | undefined): void;
  /** Tells conversations what they have not been told, and asks them, after this turn. */
  tellSoon(): void;
}

export class PushInbox {
  readonly #store: PushStore;
  readonly #host: PushInboxHost;
  readonly badges: Badges;

  constructor(store: PushStore, host: PushInboxHost) {
    this.#store = store;
    this.#host = host;
    this.badges = new Badges(store, (time) => host.ringBy(time));
  }

  /** The word for a conversation that has called; undefined if the user never had a device. */
  wordOf(conversationId: string): NumberedWord | undefined {
    const state = this.#store.state();
    if (!state) return undefined;
    const known = this.#store.conversation(conversationId);
    // It is new: the directory's list has not named it.
    const row = known ?? this.#reworded(newConversation(conversationId), state);
    // While the directory is not read, it may be older, and is asked for what was said since the first device came.
    const fresh = state.is_seeded ? row : { ...row, is_told: false, wanted_since: state.wanted_since };
    if (!known && this.#store.hasActiveDevice) this.#store.putConversation(fresh);
    return this.#store.numbered(row);
  }

  /**
   * Takes a note: writes down what it says, and decides for each device about the messages in it.
   * @returns the word for its conversation.
   */
  noted(note: PushNote, now: EpochMs): NumberedWord {
    const state = this.#store.state();
    if (!state || !this.#store.hasActiveDevice) return { word: "none", version: state?.version ?? 0 };
    const before = this.#store.conversation(note.conversation_id) ?? newConversation(note.conversation_id);
    // What changed before a note that came earlier was in that one, or in the one before.
    const isLate = note.seq < before.decided_seq;
    const isOld = isLate || isOlder(note, before);
    const after = this.#apply(isOld ? { ...note, changed: [] } : note, before, state, now);
    const decided_seq = Math.max(before.decided_seq, note.seq);
    // Some changes are not known: the conversation is asked about what is shown.
    const mustAsk = note.is_cut || (isOld && !isLate && note.changed.length > 0);
    const reworded = this.#reworded(after, state, now);
    const row = { ...reworded, decided_seq, is_told: reworded.is_told && !mustAsk };
    if (mustAsk) this.#tellSoon(now);
    if (note.is_member) this.#store.putConversation(row);
    else this.#leave(row);
    if (note.unread_count < before.unread_count) this.badges.lower(note.conversation_id, now);
    return this.#store.numbered(row);
  }

  /**
   * Takes the state of a conversation that this hub has asked. It decides about no new message: those come with notes. If
   * the hub has known nothing of the conversation, what was said so far needs no decision.
   * @param since the conversation has just learned to tell more: what was said since then is new, to devices of that time.
   * @returns false if a note has overtaken the answer: what it says of a message may be out of date, and is left out.
   */
  stateSeen(note: PushNote, now: EpochMs, since?: EpochMs): boolean {
    const state = this.#store.state();
    const before = this.#store.conversation(note.conversation_id);
    if (!state || !before) return true;
    const isOld = isOlder(note, before);
    if (note.is_member) {
      const isKnown = before.seq > 0;
      const messages = since === undefined ? [] : note.messages.filter((it) => isWanted(it, isKnown, since));
      const seen = { ...note, changed: isOld ? [] : note.changed, messages };
      // Who registers later gets nothing that is older.
      const isNewTo = ({ sent_at = 0 }: NotedMessage, device: DeviceRow) => sent_at >= device.registered_at;
      const after = this.#apply(seen, before, state, now, isNewTo);
      const isDecided = !isKnown || since !== undefined;
      const decided_seq = isDecided ? Math.max(before.decided_seq, note.seq) : before.decided_seq;
      this.#store.putConversation({ ...after, decided_seq });
    } else {
      this.#leave(this.#apply(note, before, state, now));
    }
    if (note.unread_count < before.unread_count) this.badges.lower(note.conversation_id, now);
    return !isOld;
  }

  /** The messages of a conversation that devices show or are to be sent. */
  seqsOnDevices(conversation_id: string): number[] {
    const items = [...this.#store.devices().keys()].map((id) => this.#store.item(id, conversation_id));
    const seqs = items.flatMap((item) => [item?.shown_seq ?? 0, item?.pending?.message?.seq ?? 0]);
    return [...new Set(seqs)].filter((seq) => seq > 0);
  }

  #tellSoon(now: EpochMs): void {
    // After this turn, and by the alarm if this object dies before.
    this.#host.tellSoon();
    this.#host.ringBy(now + SAFETY_NET_MS);
  }

  /**
   * The user has left a conversation. What they have set there counts again when they come back, as it does in the directory.
   */
  #leave(row: ConversationRow): void {
    const { conversation_id, is_muted, muted_until, push_level, word, seq, rev } = row;
    if (!is_muted && push_level === null) {
      this.#store.removeConversation(conversation_id);
      return;
    }
    const set = { is_muted, muted_until, push_level, word, seq, rev };
    const upTo = { decided_seq: seq, last_read_seq: seq };
    this.#store.putConversation({ ...newConversation(conversation_id), ...set, ...upTo });
  }

  /** What the decisions of one device depend on. */
  circumstances(
    conversation: ConversationRow,
    device: DeviceRow | undefined,
    state: Pick<PushState, "preferences">,
  ): Circumstances {
    return {
      user_id: this.#host.userId(),
      conversation,
      device,
      preferences: state.preferences,
      screens: this.#host.screens(),
      grace_ms: this.#host.graceMs,
      isBlocked: (id) => this.#host.isBlocked(id),
    };
  }

  /** Applies a note to each device. @param isNewTo whether a message is new to a device. @returns the conversation as it says. */
  #apply(
    note: PushNote,
    before: ConversationRow,
    state: PushState,
    now: EpochMs,
    isNewTo: (message: NotedMessage, device: DeviceRow) => boolean = () => true,
  ): ConversationRow {
    const row = merged(before, note);
    const shown = withoutBlocked(note, (id) => this.#host.isBlocked(id));
    const current = { ...shown, last_read_seq: row.last_read_seq };
    for (const device of this.#store.devices().values()) {
      const item = this.#store.item(device.device_id, note.conversation_id);
      const plan = new NotePlan(
        { ...current, messages: current.messages.filter((message) => isNewTo(message, device)) },
        item ?? emptyItem(device.device_id, note.conversation_id),
        this.circumstances(row, device, state),
        now,
        () => crypto.randomUUID(),
      );
      const planned = plan.run(before.decided_seq);
      this.#write(item, planned.item, planned.log, now);
    }
    return row;
  }

  #write(before: ItemRow | undefined, item: ItemRow, log: readonly PushLogEntry[], now: EpochMs): void {
    this.#store.addToLog(item.device_id, log);
    if (before ? isSameItem(before, item) : item.pending === null) return;
    this.#store.putItem(item);
    // If this object dies while it sends, the alarm goes on.
    if (item.due_at !== null) this.#host.ringBy(Math.max(item.due_at, now + SAFETY_NET_MS));
  }

  /** A conversation with the word that it should have. It hears that with the answer to its call. */
  #reworded(row: ConversationRow, state: PushState, now: EpochMs = Date.now()): ConversationRow {
    const { preferences } = state;
    const isLevelSomewhere = preferences.level === "none" && this.#store.isLevelSomewhere;
    const word = wordFor(row, preferences, this.#store.hasActiveDevice, now, isLevelSomewhere);
    if (word === row.word) return row;
    this.#store.nextVersion();
    return { ...row, word };
  }
}

/** Milliseconds until the alarm looks after a push that is being sent. */
export const SAFETY_NET_MS = 15_000;

/**
 * Whether a message in the answer to a raised word is news. Mentions were wanted before, where any were.
 * @param isKnown whether the conversation has told of mentions before.
 */
function isWanted({ kind, sent_at = 0 }: NotedMessage, isKnown: boolean, since: EpochMs): boolean {
  return sent_at >= since || (isKnown && kind !== "message");
}
