/** The states of all conversations, kept up to date by events. */
import type {
  ConversationListItem,
  FetchedMessage,
  Message,
  ServerEvent,
  SyncPage,
  UnreadTotals,
} from "@rocket-chat-api/protocol";
import { apply, type StateEvent } from "./apply.ts";
import { applyFuture, type FutureEvent } from "./apply-future.ts";
import { blank } from "./apply-sync.ts";
import type { ConversationsHost } from "./conversations-host.ts";
import { ApiError } from "./errors.ts";
import { applyFetched, applyPage, trim } from "./history.ts";
import { conversationOf, messageIdAt, seqOf } from "./ids.ts";
import { messageAt } from "./messages.ts";
import { type Applied, type ConversationState, emptyState, withoutStale } from "./state.ts";

export class Conversations {
  readonly #host: ConversationsHost;
  readonly #states = new Map<string, ConversationState>();
  #items = new Map<string, ConversationListItem>();
  /** While the server lists everything again: what is known here and was not listed yet. */
  #unlisted: Set<string> | undefined;
  #viewer = "";
  #isListed = false;
  #unread: UnreadTotals | null = null;

  constructor(host: ConversationsHost) {
    this.#host = host;
  }

  /** Whose conversations these are. */
  get viewer(): string {
    return this.#viewer;
  }

  /** Sets the viewer, as the server named them. */
  identify(userId: string): void {
    this.#viewer = userId;
  }

  /** Whether all pages of the list have come since the client was made, or were in the store. */
  get isListed(): boolean {
    return this.#isListed;
  }

  /** The unread totals of all conversations, as the server has told them last. */
  get unread(): UnreadTotals | null {
    return this.#unread;
  }

  /** Replaces everything that is known: by what a store has kept, or by nothing. */
  restore(
    viewer: string,
    states: readonly ConversationState[],
    items: ReadonlyMap<string, ConversationListItem>,
    unread: UnreadTotals | null,
    isListed: boolean,
  ): void {
    for (const id of this.ids()) this.forget(id);
    this.#viewer = viewer;
    this.#items = new Map(items);
    this.#isListed = isListed;
    for (const state of states) this.#put(state);
    this.#setUnread(unread);
    this.#host.listed();
  }

  /** Takes the totals that an event carries. */
  takeTotals(event: ServerEvent): void {
    if (event.type === "unread.total") this.#setUnread(event.data);
    else if (event.type === "connection.established") this.#setUnread(event.data.unread ?? null);
  }

  #setUnread(totals: UnreadTotals | null): void {
    if (totals === this.#unread) return;
    this.#unread = totals;
    this.#host.unread(totals);
  }

  /** What is known of a conversation; undefined if nothing is. */
  get(conversationId: string): ConversationState | undefined {
    return this.#states.get(conversationId);
  }

  ids(): string[] {
    return [...this.#states.keys()];
  }

  /** The conversation as an item of the list, from the last `GET /sync`. */
  listItem(conversationId: string): ConversationListItem | undefined {
    return this.#items.get(conversationId);
  }

  /** Follows a conversation from nothing. */
  follow(conversationId: string): ConversationState {
    const known = this.#states.get(conversationId) ?? emptyState(conversationId, this.#viewer);
    this.#states.set(conversationId, known);
    return known;
  }

  /** The viewer is no longer a member. For what is not known by an event. */
  leave(conversationId: string): void {
    const state = this.#states.get(conversationId);
    if (state && state.membership !== "removed") this.#put({ ...state, membership: "removed" });
  }

  forget(conversationId: string): void {
    this.leave(conversationId);
    this.#states.delete(conversationId);
    this.#items.delete(conversationId);
  }

  /** Forgets what is in a conversation: the viewer may see other messages now. */
  reset(conversationId: string): void {
    const state = this.#states.get(conversationId);
    if (state) this.#put(blank(state));
  }

  /** Applies an event of a conversation. */
  take(event: StateEvent): void {
    if (event.type === "conversation.hidden") this.#items.delete(event.conversation_id);
    this.#follow(event, (before) => this.#apply(before, event));
  }

  /** Applies an event of an unknown type, and fetches what it has changed (rule 31). */
  takeFuture(event: FutureEvent): void {
    this.#follow(event, (before) => applyFuture(before, event));
    void this.refetchStale();
  }

  /** Fetches the loaded messages that have changed in an unknown way. One that cannot be fetched waits for the next time. */
  async refetchStale(): Promise<void> {
    for (const [id, state] of [...this.#states]) {
      for (const seq of state.stale.keys()) {
        if (messageAt(state, seq)) await this.#fetchAgain(messageIdAt(id, seq)).catch(() => undefined);
        else this.#put(withoutStale(this.#states.get(id) ?? state, seq));
      }
    }
  }

  #follow(
    event: { conversation_id: string; seq?: number | undefined },
    change: (state: ConversationState) => Applied,
  ): void {
    const id = event.conversation_id;
    const before = this.#states.get(id) ?? emptyState(id, this.#viewer);
    const { state, outcome } = change(before);
    // State changed: a part of an answer is missing, so ask without a bound. Unchanged: an event jumped, so ask up to it.
    if (outcome === "gap") this.#host.missing(id, state === before ? event.seq : undefined);
    if (state === before && outcome !== "gap") return;
    const { keepMessages: keep } = this.#host;
    const isLong = keep !== undefined && state.messages.length > 2 * keep;
    this.#put(isLong ? trim(state, keep) : state);
  }

  /** A message was acknowledged. If it is the next one, there is no need to wait for its event. */
  acknowledged(message: Message): void {
    const { conversation_id, seq, changed_seq } = message;
    if (this.#states.get(conversation_id)?.seq !== seq - 1 || changed_seq !== seq) return;
    this.take({ type: "message.new", conversation_id, seq, data: message });
  }

  /** Applies a page of `GET /sync`. */
  takePage(page: SyncPage): void {
    // What comes over the socket may be newer. An older server has no totals.
    this.#setUnread(this.#unread ?? page.unread ?? null);
    if (page.limited) this.#unlisted = new Set([...this.#states.keys(), ...this.#items.keys()]);
    for (const { conversation, changes } of page.conversations) {
      const { conversation_id, is_muted, muted_until, is_pinned, is_archived, push_level } = conversation;
      this.#unlisted?.delete(conversation_id);
      this.#items.set(conversation_id, conversation);
      this.take({ type: "conversation.sync", conversation_id, data: changes });
      const data = { conversation_id, is_muted, muted_until, is_pinned, is_archived, push_level };
      this.take({ type: "preferences.updated", conversation_id, data });
    }
    this.#unlist(page.removed_conversation_ids);
    if (page.has_more) return;
    this.#unlist(this.#unlisted ?? []);
    this.#unlisted = undefined;
    this.#isListed = true;
    this.#host.listed();
  }

  /** The directory does not list these. It may lag, so ask each conversation. */
  #unlist(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#items.delete(id);
      if (this.#states.has(id)) this.#host.missing(id, undefined);
    }
  }

  /** Loads older messages. @returns whether there are more. */
  async loadOlder(conversationId: string, limit = 50): Promise<boolean> {
    const before = this.#states.get(conversationId)?.loaded_from ?? 0;
    if (before === 0) return false;
    const { rest } = this.#host;
    const page = await rest.listMessages({
      conversation_id: conversationId,
      before_id: messageIdAt(conversationId, before),
      limit,
    });
    const state = this.#states.get(conversationId);
    if (!state) return false;
    const { state: next, stale } = applyPage(state, before, page);
    this.#put(next);
    for (const messageId of stale) await this.#fetchAgain(messageId);
    return next.loaded_from > 0;
  }

  async #fetchAgain(messageId: string): Promise<void> {
    let fetched: FetchedMessage;
    try {
      fetched = await this.#host.rest.getMessage({ message_id: messageId });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "NOT_FOUND") throw error;
      // Hidden in between: its own event tells.
      const state = this.#states.get(conversationOf(messageId));
      if (state) this.#put(withoutStale(state, seqOf(messageId)));
      return;
    }
    const state = this.#states.get(fetched.conversation_id);
    if (state) this.#put(applyFetched(state, fetched));
  }

  #put(state: ConversationState): void {
    const known = this.#states.get(state.conversation_id);
    if (known === state) return;
    this.#states.set(state.conversation_id, state);
    this.#host.changed(state);
  }

  #apply(before: ConversationState, event: StateEvent): Applied {
    const result = apply(before, event);
    const heard =
      event.type === "message.new"
        ? [event.data]
        : event.type === "conversation.sync"
          ? event.data.messages
          : [];
    for (const message of heard) if (message.sender_id === this.#viewer) this.#host.ownMessage(message);
    return result;
  }
}
