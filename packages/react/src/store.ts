/** What all hooks under one client share: made once for each client, and only when the first hook needs it. */
import type { ChatClient, ClientError } from "@rocket-chat-api/client";
import { ConversationList } from "@rocket-chat-api/client/list";
import { Live } from "@rocket-chat-api/client/live";
import { Outgoing } from "@rocket-chat-api/client/outgoing";
import { Blocks } from "@rocket-chat-api/client/safety";
import { AttachmentUrls } from "@rocket-chat-api/client/upload";
import { Listeners } from "./listeners.ts";
import { Timeline } from "./timeline.ts";

/** Whether there is a connection, and why not. */
export interface ConnectionState {
  /** `open` while there is a connection; `idle` is not started, or ended for good. */
  readonly status: ChatClient["status"];
  readonly isOnline: boolean;
  /** Why there is no connection, with what to do about it; null while there is one or nothing is known yet. */
  readonly error: ClientError | null;
}

export class ChatStore {
  readonly client: ChatClient;
  readonly states = new Listeners();
  readonly connections = new Listeners();
  readonly totals = new Listeners();
  readonly #timelines = new Map<string, Timeline>();
  #connection: ConnectionState;
  #list: ConversationList | undefined;
  #urls: AttachmentUrls | undefined;
  #blocks: Blocks | undefined;
  readonly live: Live;
  readonly outgoing: Outgoing;

  constructor(client: ChatClient) {
    this.client = client;
    this.live = new Live(client);
    this.outgoing = new Outgoing(client);
    this.#connection = connectionOf(client, null);
    client.on("state", ({ conversation_id }) => this.states.changed(conversation_id));
    client.on("unread", () => this.totals.changed(""));
    client.on("status", (status) => this.#connected(status === "open" ? null : this.#connection.error));
    client.on("error", (error) => {
      // Says nothing about the connection.
      if (error.code !== "STORE_FAILED") this.#connected(error);
    });
  }

  get connection(): ConnectionState {
    return this.#connection;
  }

  get list(): ConversationList {
    this.#list ??= new ConversationList(this.client);
    return this.#list;
  }

  get urls(): AttachmentUrls {
    this.#urls ??= new AttachmentUrls(this.client);
    return this.#urls;
  }

  /** Whom the viewer has blocked. The list is loaded when the first hook asks for it. */
  get blocks(): Blocks {
    this.#blocks ??= new Blocks(this.client);
    return this.#blocks;
  }

  /** The messages of a conversation as they are shown. It holds little while nothing listens to it. */
  timeline(conversationId: string): Timeline {
    const known = this.#timelines.get(conversationId);
    if (known) return known;
    const made = new Timeline(this.client, this.outgoing, this.states, conversationId);
    this.#timelines.set(conversationId, made);
    return made;
  }

  #connected(error: ClientError | null): void {
    this.#connection = connectionOf(this.client, error);
    this.connections.changed("");
  }
}

function connectionOf({ status }: ChatClient, error: ClientError | null): ConnectionState {
  return { status, isOnline: status === "open", error };
}

const STORES = new WeakMap<ChatClient, ChatStore>();

/** The store of a client. */
export function storeOf(client: ChatClient): ChatStore {
  const known = STORES.get(client);
  if (known) return known;
  const made = new ChatStore(client);
  STORES.set(client, made);
  return made;
}
