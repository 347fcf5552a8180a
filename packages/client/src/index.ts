/**
 * The client library: REST, a socket that stays connected, the state of every conversation, and an outbox.
 *
 * ```ts
 * const client = new ChatClient({ url: "https://chat.example.com", token: () => session.token() });
 * client.on("state", (state) => render(state));
 * client.start();
 * await client.send(conversationId, { content: "Hello!" });
 * ```
 *
 * What it promises: `state` holds every change of a conversation in the order of `seq`, whatever the network does;
 * what was sent arrives once, in order, or is refused. It runs in browsers, Node.js from 20 and workerd, and depends on
 * nothing but the protocol's types and figures.
 *
 * The parts can be used alone: {@link Rest} for requests, {@link apply} to follow events that came in some other way.
 */
export { apply, isStateEvent, type StateEvent } from "./apply.ts";
export { applyFuture, asFutureEvent, type FutureEvent } from "./apply-future.ts";
export { type BackoffOptions, DEFAULT_BACKOFF } from "./backoff.ts";
export { ChatClient, type Draft } from "./client.ts";
export { CLOSED, type ConnectionStatus } from "./connection.ts";
export type { Conversations } from "./conversations.ts";
export { ApiError, ConnectionLost, isRetryable } from "./errors.ts";
export type { ClientError } from "./failure.ts";
export { applyFetched, applyPage, type PageApplied, trim } from "./history.ts";
export { type Fetch, Http, type Query, type RequestOptions } from "./http.ts";
export { messageIdAt, seqOf } from "./ids.ts";
export type { ClientEvents, ClientOptions } from "./options.ts";
export { type OutboxEntry, type OutboxStorage, webStorage } from "./outbox.ts";
export { receiptStatus } from "./receipts.ts";
export { type HistoryOptions, Rest, type SearchOptions } from "./rest.ts";
export {
  type ClientSocket,
  type OpenSocket,
  openWith,
  type SocketEvents,
  type WebSocketClass,
} from "./socket.ts";
export {
  type Applied,
  type ConversationInfo,
  type ConversationState,
  emptyState,
  type Watermarks,
} from "./state.ts";
export { expiryOf, type TokenProvider, Tokens, userOf } from "./tokens.ts";
