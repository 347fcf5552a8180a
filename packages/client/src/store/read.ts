/** Reads a store: what it has of a user, as far as it is whole. */
import type { ConversationListItem, UnreadTotals } from "@rocket-chat-api/protocol";
import type { OutboxEntry } from "../outbox.ts";
import { type ConversationState, emptyState } from "../state.ts";
import type { StoreBackend, StoredFields } from "./backend.ts";
import type { KeptUpload } from "./host.ts";
import { isRecord } from "./kept-shape.ts";
import { decodeState, type StoredState } from "./kept-state.ts";
import { type KeptToken, type ListEntry, scopeOf } from "./state-writer.ts";

/** The form of what is stored. A store of another form is dropped, all but what waits to be sent. */
export const STORE_VERSION = 1;

/** A conversation as it is shown, and what is stored of it: nothing where only the list has it. */
export interface ReadConversation {
  readonly id: string;
  readonly state: ConversationState;
  readonly stored: StoredState | undefined;
  readonly item: ConversationListItem | null;
}

/** What a store has. */
export interface ReadStore {
  /** The user, as the server names them. */
  readonly viewer: string | undefined;
  /** Where `GET /sync` goes on; undefined if the list is not whole. */
  readonly token: string | undefined;
  readonly unread: UnreadTotals | null;
  readonly conversations: readonly ReadConversation[];
  readonly outbox: readonly OutboxEntry[];
  readonly files: readonly KeptUpload[];
}

/** The rows of the list that a store has. */
export function itemsOf({ conversations }: ReadStore): Map<string, ConversationListItem> {
  return new Map(conversations.flatMap(({ id, item }) => (item ? [[id, item] as const] : [])));
}

/** How what waits is read. */
export interface Queues {
  outbox(): Promise<OutboxEntry[]>;
  files(): Promise<KeptUpload[]>;
}

interface Meta {
  version?: number;
  user?: string;
  viewer?: string;
  token?: KeptToken;
  unread?: UnreadTotals;
}

/** A store that has nothing. */
export const NOTHING: ReadStore = {
  ...{ viewer: undefined, token: undefined, unread: null, conversations: [], outbox: [], files: [] },
};

/**
 * Reads what a store has of a user. Whatever is another's is removed.
 * @param only the one conversation to read; undefined reads all. @throws as the backend does.
 */
export async function readStore(
  backend: StoreBackend,
  user: string,
  only: string | undefined,
  queues: Queues,
  now: number,
): Promise<ReadStore> {
  const meta = (await backend.load("meta")) as Meta;
  const isUsers = meta.user === user || meta.viewer === user;
  const outbox = isUsers ? await queues.outbox() : [];
  const files = isUsers ? await queues.files() : [];
  if (!isUsers || meta.version !== STORE_VERSION) {
    if (Object.keys(meta).length > 0) await backend.clear();
    const viewer = isUsers ? meta.viewer : undefined;
    await backend.save("meta", { version: STORE_VERSION, user, viewer });
    return { ...NOTHING, viewer, outbox, files };
  }
  const conversations = await readConversations(backend, meta.viewer ?? user, only, now);
  // What the list says of one that is asked for again, its preferences for example, comes with the whole list alone.
  const isWhole = conversations.every(({ isBroken }) => !isBroken);
  const token = isWhole && only === undefined ? tokenOf(meta.token, conversations) : undefined;
  const { viewer } = meta;
  const unread = isRecord(meta.unread) ? meta.unread : null;
  return { viewer, token, unread, conversations, ...unsent(conversations, outbox, files) };
}

async function readConversations(
  backend: StoreBackend,
  viewer: string,
  only: string | undefined,
  now: number,
): Promise<(ReadConversation & { isBroken: boolean })[]> {
  const list = Object.entries(await backend.load("list"));
  const wanted = list.filter(([id]) => only === undefined || id === only);
  return await Promise.all(
    wanted.map(async ([id, entry]) => {
      const { item = null } = (isRecord(entry) ? entry : {}) as Partial<ListEntry>;
      const isItem = item === null || (isRecord(item) && item.conversation_id === id);
      const fields: StoredFields = await backend.load(scopeOf(id));
      const decoded = decodeState(fields, id, viewer, now);
      const isBroken = !decoded || !isItem;
      // One that is not there, or not whole, is asked for from its beginning.
      return {
        id,
        item: isItem ? item : null,
        isBroken,
        stored: undefined,
        state: emptyState(id, viewer),
        ...decoded,
      };
    }),
  );
}

/** The token, if everything that it takes for known is here. */
function tokenOf(
  token: KeptToken | undefined,
  conversations: readonly ReadConversation[],
): string | undefined {
  const known = new Set(conversations.map(({ id }) => id));
  return token?.ids.every((id) => known.has(id)) ? token.value : undefined;
}

/** What still waits: a message that is in its conversation was sent, and one in the outbox has its files. */
function unsent(
  conversations: readonly ReadConversation[],
  outbox: readonly OutboxEntry[],
  files: readonly KeptUpload[],
): Pick<ReadStore, "outbox" | "files"> {
  const sent = new Set(
    conversations.flatMap(({ state }) =>
      state.messages.flatMap((one) =>
        one.sender_id === state.viewer_id ? (one.client_message_id ?? []) : [],
      ),
    ),
  );
  const left = outbox.filter((one) => !sent.has(one.client_message_id));
  for (const one of left) sent.add(one.client_message_id);
  return { outbox: left, files: files.filter((one) => !sent.has(one.client_message_id)) };
}
