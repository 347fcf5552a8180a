/** Writes the conversations of a client, and from where `GET /sync` goes on, in an order in which any write may be the last. */
import type { ConversationListItem, UnreadTotals } from "@rocket-chat-api/protocol";
import type { ConversationState } from "../state.ts";
import type { StoreBackend, StoredFields } from "./backend.ts";
import type { StoredConversations } from "./host.ts";
import { encodeState, type StoredState } from "./kept-state.ts";

/** Where `GET /sync` goes on, and the conversations that it takes for known. */
export interface KeptToken {
  readonly value: string;
  readonly ids: readonly string[];
}

/** How much is kept. */
export interface Limits {
  readonly keepConversations: number;
  readonly keepMessages: number;
}

/** What is stored of a conversation in the list: its row as the server listed it, if it has. */
export interface ListEntry {
  readonly item: ConversationListItem | null;
}

/** The scope of a conversation. */
export function scopeOf(conversationId: string): string {
  return `c:${conversationId}`;
}

export class StateWriter {
  readonly #backend: StoreBackend;
  readonly #limits: Limits;
  /** Names this run of the application, in the names of writings. */
  readonly #run: () => string;
  #writings = 0;
  readonly #states = new Map<string, StoredState | undefined>();
  readonly #items = new Map<string, ConversationListItem | null>();
  readonly #dirty = new Set<string>();
  #unread: UnreadTotals | null | undefined;
  /** The ids that the stored token goes with, as text; undefined if none is stored. */
  #tokenKey: string | undefined;

  constructor(backend: StoreBackend, limits: Limits, run: () => string) {
    this.#backend = backend;
    this.#limits = limits;
    this.#run = run;
  }

  /** This is stored already. @param stored undefined where only the list has the conversation. */
  stored(id: string, stored: StoredState | undefined, item: ConversationListItem | null): void {
    this.#states.set(id, stored);
    this.#items.set(id, item);
  }

  /** A conversation is no longer what it was. */
  changed(id: string): void {
    this.#dirty.add(id);
  }

  /** Nothing is stored any more. */
  reset(): void {
    this.#states.clear();
    this.#items.clear();
    this.#dirty.clear();
    this.#unread = undefined;
    this.#tokenKey = undefined;
  }

  /**
   * Writes what has changed. First the conversations, then the token that takes them for known: a token alone would hide them.
   * @param token undefined if none is known, or it is not of this client. @throws as the backend does.
   */
  async write(conversations: StoredConversations, token: string | undefined): Promise<void> {
    const all = listable(conversations);
    const kept = newest(all, conversations, this.#limits.keepConversations);
    const dropped = [...this.#states.keys()].filter((id) => !kept.has(id));
    // What is written from here on is written again if it changes while this is on its way.
    const changed = [...kept.values()].filter(({ conversation_id: id }) => {
      return this.#dirty.has(id) || !this.#states.has(id);
    });
    this.#dirty.clear();
    const list = this.#changedItems(kept, conversations);
    await Promise.all(changed.map((state) => this.#writeState(state)));
    if (Object.keys(list).length > 0) await this.#backend.save("list", list);
    const isWhole = kept.size === all.length;
    await this.#writeMeta(conversations.unread, isWhole ? token : undefined, [...kept.keys()]);
    await this.#drop(dropped);
  }

  async #writeState(state: ConversationState): Promise<void> {
    const id = state.conversation_id;
    const before = this.#states.get(id);
    // Forgotten: the viewer may see other messages now, so these must go.
    if (state.seq === 0) {
      this.#states.set(id, undefined);
      if (before) await this.#backend.drop(scopeOf(id));
      return;
    }
    this.#writings += 1;
    const writing = `${this.#run()}.${this.#writings}`;
    const { patch, stored } = encodeState(state, before, this.#limits.keepMessages, writing);
    this.#states.set(id, stored);
    await this.#backend.save(scopeOf(id), patch);
  }

  #changedItems(kept: ReadonlyMap<string, unknown>, conversations: StoredConversations): StoredFields {
    const patch: StoredFields = {};
    for (const id of kept.keys()) {
      const item = conversations.listItem(id) ?? null;
      if (this.#items.get(id) === item) continue;
      this.#items.set(id, item);
      patch[id] = { item } satisfies ListEntry;
    }
    return patch;
  }

  async #writeMeta(unread: UnreadTotals | null, value: string | undefined, ids: string[]): Promise<void> {
    const token: KeptToken | undefined = value === undefined ? undefined : { value, ids };
    const key = JSON.stringify(token);
    if (key === this.#tokenKey && unread === this.#unread) return;
    this.#tokenKey = key;
    this.#unread = unread;
    await this.#backend.save("meta", { token, unread: unread ?? undefined });
  }

  async #drop(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    for (const id of ids) {
      this.#states.delete(id);
      this.#items.delete(id);
    }
    await this.#backend.save("list", Object.fromEntries(ids.map((id) => [id, undefined])));
    await Promise.all(ids.map((id) => this.#backend.drop(scopeOf(id))));
  }
}

/** The conversations that the viewer is in. */
function listable(conversations: StoredConversations): ConversationState[] {
  return conversations.ids().flatMap((id) => {
    const state = conversations.get(id);
    return state && state.membership !== "removed" ? [state] : [];
  });
}

/** The conversations in which something was said last. */
function newest(
  all: readonly ConversationState[],
  conversations: StoredConversations,
  limit: number,
): Map<string, ConversationState> {
  const activity = (state: ConversationState): string => {
    const item = conversations.listItem(state.conversation_id);
    const { created_at = "" } = state.messages.at(-1) ?? item?.last_message ?? state.info ?? item ?? {};
    return created_at;
  };
  const kept =
    all.length <= limit
      ? all
      : [...all].sort((one, other) => (activity(one) < activity(other) ? 1 : -1)).slice(0, limit);
  return new Map(kept.map((state) => [state.conversation_id, state]));
}
