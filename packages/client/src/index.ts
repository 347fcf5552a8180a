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
 * What it promises: `state` holds every change of a conversation in the order of `seq`, whatever the network does. A
 * message that you send arrives once, in order, or is refused. It runs in browsers, Node.js from 20 and workerd, and has
 * no dependencies.
 *
 * The parts can be used alone: {@link createRest} for requests, {@link apply} to follow events that came in some other
 * way.
 */

export type {
  Attachment,
  AttachmentType,
  Conversation,
  ConversationChanges,
  ConversationEvent,
  ConversationList,
  ConversationListItem,
  ConversationSnapshot,
  ConversationType,
  CreateGroup,
  ErrorBody,
  FetchedMessage,
  LastMessage,
  Me,
  Member,
  Mention,
  Message,
  MessageEdits,
  MessagePage,
  MessageReaction,
  MessageType,
  NumberedEvent,
  Participant,
  PinPage,
  Preferences,
  PresenceStatus,
  Reaction,
  ReadResult,
  Receipt,
  ReceiptStatus,
  Receipts,
  ReplyTo,
  RestCalls,
  Role,
  SearchResult,
  SearchResults,
  SendMessage,
  ServerEvent,
  Settings,
  SyncItem,
  SyncPage,
  SystemNote,
  UnreadTotals,
  UpdateConversation,
  UpdateMe,
  UpdatePreferences,
  User,
  UserSummary,
} from "@rocket-chat-api/protocol";
export { CLOSE, type EpochMs, type ErrorCode } from "@rocket-chat-api/protocol/facts";
export { apply, isStateEvent, type StateEvent } from "./apply.ts";
export { applyFuture, asFutureEvent, type FutureEvent } from "./apply-future.ts";
export { type BackoffOptions, DEFAULT_BACKOFF } from "./backoff.ts";
export { ChatClient } from "./client.ts";
export type { ConnectionStatus } from "./connection.ts";
export type { Conversations } from "./conversations.ts";
export { ApiError, ConnectionLost, isRetryable } from "./errors.ts";
export type { ClientError } from "./failure.ts";
export { applyFetched, applyPage, type PageApplied, trim } from "./history.ts";
export { type Fetch, Http, type Query, type RequestOptions } from "./http.ts";
export { messageIdAt, seqOf } from "./ids.ts";
export type { Command } from "./link.ts";
export type { OperationMethods } from "./operations.ts";
export type { ClientEvents, ClientOptions } from "./options.ts";
export type { Draft, OutboxEntry, OutboxStorage } from "./outbox.ts";
export { createRest, type Rest, type SearchOptions } from "./rest.ts";
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
