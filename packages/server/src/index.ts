/** For your own backend: never for a browser. */

export type { GrantedScope, Scope } from "@rocket-chat-api/protocol/facts";
export type { Acting } from "./acting.ts";
export type { ConversationPatch, NewConversation, ServerMessage } from "./conversations.ts";
export { ApiError, ConnectionLost, isRetryable } from "./errors.ts";
export type { Fetch, RequestOptions } from "./http.ts";
export { ChatServer, type ChatServerOptions } from "./server.ts";
export { type ServerTokenOptions, serverToken, type UserTokenOptions, userToken } from "./tokens.ts";
