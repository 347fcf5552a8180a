/** What a client and its store need of each other. */
import type { ConversationListItem, UnreadTotals } from "@rocket-chat-api/protocol";
import type { ClientError } from "../failure.ts";
import type { OutboxEntry, OutboxStorage } from "../outbox.ts";
import type { ConversationState } from "../state.ts";
import type { UploadFile, UploadOptions } from "../upload/upload.ts";

/** The conversations of a client, as a store reads and restores them. */
export interface StoredConversations {
  readonly unread: UnreadTotals | null;
  ids(): string[];
  get(conversationId: string): ConversationState | undefined;
  listItem(conversationId: string): ConversationListItem | undefined;
  restore(
    viewer: string,
    states: readonly ConversationState[],
    items: ReadonlyMap<string, ConversationListItem>,
    unread: UnreadTotals | null,
    isListed: boolean,
  ): void;
}

/** The part of a client that a store follows. */
export interface StoreClient {
  readonly conversations: StoredConversations;
  readonly outbox: { clear(): void };
  on(name: "state", listener: (state: { conversation_id: string }) => void): () => void;
  on(name: "listed" | "unread", listener: () => void): () => void;
  on(name: "status", listener: (status: string) => void): () => void;
}

/** What a store needs of its client. */
export interface StoreHost {
  /** Not whole yet when the store is made. */
  readonly client: StoreClient;
  readonly options: {
    readonly user_id?: string;
    readonly conversation_id?: string;
  };
  readonly tokens: { get(): Promise<string> };
  /** Where the next page of `GET /sync` begins. */
  readonly catchUp: { token: string | undefined };
  readonly emitter: {
    emit(name: "error", error: ClientError): void;
    emit(name: "forgotten", value: undefined): void;
  };
}

/** A file of a message that waits for its upload, with what is known of its media. */
export interface KeptFile extends Omit<UploadOptions, "onProgress" | "signal"> {
  readonly file: UploadFile;
  /** The store could not keep the bytes: only their name, size and type are here. */
  readonly is_lost?: boolean;
}

/** A message whose files are not uploaded yet. */
export interface KeptUpload extends OutboxEntry {
  readonly files: readonly KeptFile[];
}

/** Where messages wait whose files are not uploaded yet. Nothing of it rejects. */
export interface UploadStorage {
  load(): Promise<KeptUpload[]>;
  put(upload: KeptUpload): Promise<void>;
  remove(client_message_id: string): Promise<void>;
}

/** The store of one client. */
export interface ClientStore {
  /** Whether the client shows what the store had. */
  readonly isLoaded: boolean;
  readonly outbox: OutboxStorage;
  /** Messages whose files are not uploaded yet. */
  readonly files: UploadStorage;
  /** Shows what the store has, once, and follows the client from then on. Never rejects. */
  load(): Promise<void>;
  /**
   * Compares the user with whom everything here belongs to, and forgets what is another's.
   * @param user by the token; with `isServers`, as the server names them.
   */
  identify(user: string, isServers: boolean): void;
  /** Writes what has changed. Never rejects. */
  flush(): Promise<void>;
  /** Forgets everything, in memory too. Never rejects. */
  clear(): Promise<void>;
}

/** Makes the store of a client: what `indexedDbStore`, `sqliteStore`, `memoryStore` and `offlineStore` return. */
export type OfflineStore = (host: StoreHost) => ClientStore;
