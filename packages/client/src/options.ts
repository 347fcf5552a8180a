/** What a client is given, and what it tells. */
import type { ServerEvent, UnreadTotals } from "@rocket-chat-api/protocol";
import type { BackoffOptions } from "./backoff.ts";
import type { ConnectionStatus } from "./connection.ts";
import type { ClientError } from "./failure.ts";
import type { Fetch } from "./http.ts";
import type { OutboxEntry, OutboxStorage } from "./outbox.ts";
import type { OpenSocket } from "./socket.ts";
import type { ConversationState } from "./state.ts";
import type { OfflineStore } from "./store/host.ts";
import type { TokenProvider } from "./tokens.ts";

export interface ClientOptions {
  /** The service: `https://chat.example.com`. */
  url: string;
  token: TokenProvider;
  /** Follow this conversation only, over its own socket. Without it: all of the user's, over theirs. */
  conversation_id?: string;
  /**
   * The id of this installation of the app, which the app makes once and keeps on the device: 1 to 64 letters, digits, or
   * `. _ : -`. Push notifications need it (`@rocket-chat-api/client/push`).
   */
  device_id?: string;
  /** How a socket is authenticated: by a ticket, or by the token in the URL, which ends up in logs. */
  auth?: "ticket" | "token";
  /**
   * The user, if the app knows before it has a token: `sub` of the token. Then what the {@link store} has is shown without one,
   * and offline.
   */
  user_id?: string;
  /**
   * Where conversations and messages on their way survive the application: `indexedDbStore()` of
   * `@rocket-chat-api/client/store-indexeddb`, and others. It holds one user: another user's token clears it.
   */
  store?: OfflineStore;
  /** Where messages on their way survive the application, without a {@link store}; else they live as long as the client. */
  outbox?: OutboxStorage;
  /** Loaded messages kept in each conversation while new ones come; older ones can be loaded again. */
  keep_messages?: number;
  /** Milliseconds between two looks at what all conversations have in the directory; 5 minutes. */
  catch_up_ms?: number;
  backoff?: BackoffOptions;
  heartbeat_ms?: number;
  handshake_ms?: number;
  answer_ms?: number;
  /** Instead of the platform's `fetch`. */
  fetch?: Fetch;
  /**
   * Instead of the platform's `WebSocket`; Node.js before 22 has none: `openWith(WebSocket)` of `ws`. One socket for all tabs:
   * `sharedSocket()` of `@rocket-chat-api/client/tabs`.
   */
  openSocket?: OpenSocket;
}

/** What can be listened to. */
export interface ClientEvents {
  status: ConnectionStatus;
  /** A conversation is no longer what it was. */
  state: ConversationState;
  /** The unread totals of all conversations are no longer what they were; null while they are not known. */
  unread: UnreadTotals | null;
  /** All pages of the list have come, for the first time or again: `conversations.listItem` has the rows. */
  listed: undefined;
  /** Everything that is heard, after it was applied: typing and presence are only here. */
  event: ServerEvent;
  /** Something of this conversation was put into the outbox, or has left it. */
  outbox: { conversation_id: string };
  /** A message that an earlier run of the application had left in the outbox was refused. */
  refused: { entry: OutboxEntry; error: unknown };
  /**
   * There is no connection, and this is why. Once for each reason until there is one. The client goes on trying, except
   * where that is pointless; then its status is `idle`, and `start` tries again. `STORE_FAILED` alone says nothing about the
   * connection: what is known is no longer kept on this device.
   */
  error: ClientError;
  /** Everything of this user was forgotten here: they have logged out, or the token is another user's now. */
  forgotten: undefined;
  /** A connection has ended (rule 23 lists the codes). */
  closed: { code: number; reason: string };
}
