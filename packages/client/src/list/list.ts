/** All conversations in order, by filter, with totals. */
import type { ListClient } from "./host.ts";
import { compareItems, isSame, itemOf, type ListItem } from "./item.ts";

/**
 * What to list: `inbox` is all but archived ones and requests, `all` is everything. A function is a filter of your own:
 * give the same function each time, since results are kept by it.
 */
export type ListFilter =
  | "inbox"
  | "unread"
  | "direct"
  | "groups"
  | "archived"
  | "requests"
  | "all"
  | ((item: ListItem) => boolean);

const isInInbox = (item: ListItem): boolean => !item.is_archived && !item.is_request;
const FILTERS: Record<Extract<ListFilter, string>, (item: ListItem) => boolean> = {
  inbox: isInInbox,
  unread: (item) => isInInbox(item) && item.unread_count > 0,
  direct: (item) => isInInbox(item) && item.type === "direct",
  groups: (item) => isInInbox(item) && item.type === "group",
  archived: (item) => item.is_archived && !item.is_request,
  requests: (item) => item.is_request,
  all: () => true,
};

interface Kept {
  version: number;
  items: readonly ListItem[];
}

export class ConversationList {
  readonly #client: ListClient;
  readonly #rows = new Map<string, ListItem>();
  readonly #listeners = new Set<() => void>();
  readonly #kept = new Map<string, Kept>();
  readonly #keptByFunction = new WeakMap<(item: ListItem) => boolean, Kept>();
  readonly #stops: (() => void)[];
  #sorted: readonly ListItem[] | undefined;
  #version = 0;

  constructor(client: ListClient) {
    this.#client = client;
    for (const id of client.conversations.ids()) this.#take(id);
    this.#stops = [
      client.on("state", ({ conversation_id }) => {
        if (this.#take(conversation_id)) this.#changed();
      }),
      client.on("listed", () => this.#changed()),
    ];
  }

  /** Whether all pages of the list have come: before that, totals grow. */
  get isListed(): boolean {
    return this.#client.conversations.isListed;
  }

  /** One row; undefined if the conversation is not in the list. */
  item(conversationId: string): ListItem | undefined {
    return this.#rows.get(conversationId);
  }

  /** The rows of a filter in order. The same array as long as nothing in it changes. */
  items(filter: ListFilter = "inbox"): readonly ListItem[] {
    const known = typeof filter === "string" ? this.#kept.get(filter) : this.#keptByFunction.get(filter);
    if (known?.version === this.#version) return known.items;
    const all = this.#all().filter(typeof filter === "string" ? FILTERS[filter] : filter);
    const isOld = known?.items.length === all.length && known.items.every((item, at) => item === all[at]);
    const kept = { version: this.#version, items: isOld ? known.items : all };
    if (typeof filter === "string") this.#kept.set(filter, kept);
    else this.#keptByFunction.set(filter, kept);
    return kept.items;
  }

  /** How many conversations a filter has. */
  total(filter: ListFilter = "inbox"): number {
    return this.items(filter).length;
  }

  /** Calls `listener` when a row, the order or {@link isListed} has changed. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows the client no longer. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #all(): readonly ListItem[] {
    this.#sorted ??= [...this.#rows.values()].sort(compareItems);
    return this.#sorted;
  }

  /** Reads a conversation again. @returns whether its row has changed. */
  #take(id: string): boolean {
    const { conversations } = this.#client;
    const state = conversations.get(id);
    const before = this.#rows.get(id);
    const after = state && itemOf(state, conversations.listItem(id));
    if (isSame(before, after)) return false;
    if (after) this.#rows.set(id, after);
    else this.#rows.delete(id);
    this.#sorted = undefined;
    this.#version += 1;
    return true;
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
