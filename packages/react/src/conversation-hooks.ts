/** Hooks for the connection, the list, and one conversation without its messages. */
import type {
  ConversationInfo,
  ConversationState,
  Member,
  Preferences,
  UnreadTotals,
  UpdatePreferences,
} from "@rocket-chat-api/client";
import type { ListFilter, ListItem } from "@rocket-chat-api/client/list";
import { useCallback, useMemo, useState, useSyncExternalStore } from "react";
import { useStore } from "./provider.ts";
import { isSameFields, isSameList, useSelected } from "./selected.ts";
import type { ConnectionState } from "./store.ts";

const NOT_CONNECTED: ConnectionState = { status: "idle", isOnline: false, error: null };

/** Whether there is a connection, and why not. */
export function useConnection(): ConnectionState {
  const store = useStore();
  const subscribe = useCallback((listener: () => void) => store.connections.on("", listener), [store]);
  return useSelected(subscribe, () => store.connection, NOT_CONNECTED, isSameFields);
}

/** The unread totals of all conversations; null while they are not known. */
export function useUnread(): UnreadTotals | null {
  const store = useStore();
  const subscribe = useCallback((listener: () => void) => store.totals.on("", listener), [store]);
  return useSyncExternalStore(subscribe, () => store.client.unread, returnNull);
}

const returnNull = (): null => null;

/** What to list, and how much of it. */
export interface ConversationsOptions {
  /** `inbox` unless you say otherwise. A function must be the same from render to render. */
  filter?: ListFilter;
  /** Rows of the first page, and of each `loadMore`; 30. */
  pageSize?: number;
}

/** The conversation list. */
export interface ConversationsState {
  /** In order: pinned first, then newest activity. A row that has not changed is the same object: `memo` your rows. */
  items: readonly ListItem[];
  /** Conversations of this filter in all. */
  total: number;
  hasMore: boolean;
  /** Whether the server has sent the whole list; before that `total` grows. */
  isLoaded: boolean;
  /** Shows one more page. */
  loadMore: () => void;
}

const EMPTY_LIST = { items: [] as readonly ListItem[], total: 0, isLoaded: false };

/** The conversation list in order, with totals. */
export function useConversations({
  filter = "inbox",
  pageSize = 30,
}: ConversationsOptions = {}): ConversationsState {
  const store = useStore();
  const [pages, setPages] = useState(1);
  const count = pages * pageSize;
  const subscribe = useCallback((listener: () => void) => store.list.onChange(listener), [store]);
  const read = () => {
    const { list } = store;
    return { items: list.items(filter).slice(0, count), total: list.total(filter), isLoaded: list.isListed };
  };
  const isSame = (one: typeof EMPTY_LIST, other: typeof EMPTY_LIST) =>
    one.total === other.total && one.isLoaded === other.isLoaded && isSameList(one.items, other.items);
  const shown = useSelected(subscribe, read, EMPTY_LIST, isSame);
  const loadMore = useCallback(() => setPages((known) => known + 1), []);
  return useMemo(
    () => ({ ...shown, hasMore: shown.total > shown.items.length, loadMore }),
    [shown, loadMore],
  );
}

/** One conversation, without its messages. */
export interface ConversationView {
  /** Its name, settings and so on; null while nothing is known. */
  conversation: ConversationInfo | null;
  membership: ConversationState["membership"];
  /** A stranger's direct conversation that the viewer has not accepted. */
  isRequest: boolean;
  unreadCount: number;
  unreadMentions: number;
  preferences: Preferences | null;
  /** Mutes, pins, archives. @throws as requests do. */
  setPreferences: (patch: UpdatePreferences) => Promise<void>;
}

const UNKNOWN = {
  conversation: null,
  membership: "unknown" as ConversationState["membership"],
  isRequest: false,
  unreadCount: 0,
  unreadMentions: 0,
  preferences: null,
};

function viewOf(state: ConversationState | undefined): Omit<ConversationView, "setPreferences"> {
  if (!state) return UNKNOWN;
  const { info: conversation, membership, is_request, unread_count, unread_mentions, preferences } = state;
  const counts = { unreadCount: unread_count, unreadMentions: unread_mentions };
  return { conversation, membership, isRequest: is_request, ...counts, preferences };
}

/** A part of the state of one conversation. */
export function useConversationPart<T>(
  conversationId: string,
  select: (state: ConversationState | undefined) => T,
  atServer: T,
  isSame?: (one: T, other: T) => boolean,
): T {
  const store = useStore();
  const subscribe = useCallback(
    (listener: () => void) => store.states.on(conversationId, listener),
    [store, conversationId],
  );
  const read = () => select(store.client.conversations.get(conversationId));
  return useSelected(subscribe, read, atServer, isSame);
}

/** One conversation: what it is called, who the viewer is in it, and what is unread. */
export function useConversation(conversationId: string): ConversationView {
  const { client } = useStore();
  const view = useConversationPart(conversationId, viewOf, UNKNOWN, isSameFields);
  const setPreferences = useCallback(
    async (patch: UpdatePreferences) => {
      await client.rest.updatePreferences(conversationId, patch);
    },
    [client, conversationId],
  );
  return useMemo(() => ({ ...view, setPreferences }), [view, setPreferences]);
}

const NOBODY: readonly Member[] = [];

/** The members of a conversation, in the order in which they are known. The same array until one changes. */
export function useMembers(conversationId: string): readonly Member[] {
  return useConversationPart(
    conversationId,
    (state) => (state ? [...state.members.values()] : NOBODY),
    NOBODY,
    isSameList,
  );
}
