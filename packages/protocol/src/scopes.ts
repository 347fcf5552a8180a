/** What a server credential may do (rule 28). The library for backends uses it too. */

/** Every scope. `*` stands for all of them. */
export const SCOPES = [
  "users",
  "conversations",
  "messages",
  "moderation",
  "export",
  "stats",
  "operate",
] as const;
/** One of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number];
/** A scope as a credential carries it. */
export type GrantedScope = Scope | "*";

/** The audience of server tokens, unless `JWT_SERVER_AUDIENCE` says otherwise. A user's token never has it. */
export const DEFAULT_SERVER_AUDIENCE = "rocket-chat:server";
/** Seconds that a server token may be valid for, at most: a day. */
export const MAX_SERVER_TOKEN_SECONDS = 86_400;
/** What an API key begins with. */
export const API_KEY_PREFIX = "rck_";
/** The header that names the user in whose name a server asks. */
export const ACT_AS_HEADER = "X-Act-As";
/** What an id of the identity provider begins with, where a user id is expected. */
export const EXTERNAL_PREFIX = "ext:";
/** Code points in the id of an identity provider, and in the `external_id` of a conversation. */
export const MAX_EXTERNAL_ID_LENGTH = 128;

/** Whether a text is a scope that a credential may carry. */
export function isGrantedScope(text: string): text is GrantedScope {
  return text === "*" || SCOPES.some((scope) => scope === text);
}
