/** Who asks: a user, or the app's own backend with a server credential (rule 28). */
import {
  ACT_AS_HEADER,
  type Failure,
  failure,
  type GrantedScope,
  type Scope,
} from "@rocket-chat-api/protocol";

/** A verified server token or API key. */
export interface ServerCredential {
  /** Names it in the log and to the rate limiter: `key:<id>`, or `token:<sub>`. */
  id: string;
  scopes: ReadonlySet<GrantedScope>;
  /** The issuer of the app's users: `ext:<sub>` is the id that a token of this issuer gives its `sub`. */
  issuer: string;
  /** When it ends; undefined for an API key, which lasts until it is revoked. */
  expires_at: number | undefined;
}

/** Who asks. A server may act as a user: see `caller` of the request. */
export type Actor = { kind: "user" } | { kind: "server"; credential: ServerCredential };

/** Whether a credential has a scope. */
export function hasScope({ scopes }: ServerCredential, scope: Scope): boolean {
  return scopes.has("*") || scopes.has(scope);
}

/** The routes that only a server may use. */
const SERVER_ROUTE = /^\/(?:api\/v1\/server(?:\/|$)|metrics\/?$)/;

/**
 * The scope of each path, first match first. Paths behind `/server` need the same scope as what they are about. What a
 * socket carries is messages, so opening one needs that scope.
 */
const SCOPE_OF_PATH: readonly [RegExp, Scope][] = [
  [/^\/metrics\/?$/, "stats"],
  // A check shows a message.
  [/^\/push\/check$/, "messages"],
  [/^\/(?:users\/[^/]+\/(?:export|erase)$|exports\/)/, "export"],
  [/^\/(?:users|blocks|devices|push|push-preferences)(?:\/|$)/, "users"],
  [
    /^\/conversations\/(?!by-external-id\/)[^/]+\/(?:messages|read|typing|pins|events|ws)(?:\/|$)/,
    "messages",
  ],
  [/^\/conversations\/[^/]+\/(?:bans(?:\/|$)|participants\/[^/]+\/mute$)/, "moderation"],
  [/^\/moderation(?:\/|$)/, "moderation"],
  [/^\/(?:directory|conversations\/[^/]+\/recover)(?:\/|$)/, "operate"],
  [/^\/(?:conversations|jobs)(?:\/|$)/, "conversations"],
  [/^\/(?:messages|attachments|search|sync|unread|reports|ws)(?:\/|$)/, "messages"],
];

/** Paths that another scope opens too: who has started a job may see how far it is. */
const ALSO_OPENED: readonly [RegExp, Scope][] = [
  [/^\/jobs(?:\/|$)/, "export"],
  [/^\/jobs(?:\/|$)/, "operate"],
];

/** Whether only a server may use a path. */
function isServerPath(path: string): boolean {
  return SERVER_ROUTE.test(path);
}

/** The scope that a server needs for a path; undefined if no scope opens it. */
export function scopeOfPath(path: string): Scope | undefined {
  const own = withoutPrefix(path);
  return SCOPE_OF_PATH.find(([pattern]) => pattern.test(own))?.[1];
}

function withoutPrefix(path: string): string {
  return path.replace(/^\/api\/v1(?:\/server)?(?=\/)/, "");
}

/** The scopes each of which opens a path. */
export function scopesOfPath(path: string): Scope[] {
  const own = withoutPrefix(path);
  const others = ALSO_OPENED.filter(([pattern]) => pattern.test(own)).map(([, also]) => also);
  return [scopeOfPath(path), ...others].filter((scope) => scope !== undefined);
}

/** Whether a credential opens a path. */
function opens(credential: ServerCredential, path: string): boolean {
  return scopesOfPath(path).some((scope) => hasScope(credential, scope));
}

/** What of a request decides whether its actor may make it. */
export interface ActorRequest {
  path: string;
  /** The value of `X-Act-As`. */
  actAs: string | undefined;
  /** Whether a browser sent it: it has an `Origin`. */
  isFromBrowser: boolean;
}

/** Why an actor may not make a request, or undefined. The one place where kinds of credentials are told apart. */
export function checkActor(actor: Actor, { path, actAs, isFromBrowser }: ActorRequest): Failure | undefined {
  const scope = scopeOfPath(path);
  const details = scope === undefined ? {} : { scope };
  const isServers = isServerPath(path);
  if (actor.kind === "user") {
    if (actAs !== undefined) return failure("FORBIDDEN", `Only a server may send ${ACT_AS_HEADER}`, details);
    return isServers ? failure("FORBIDDEN", "Only a server may use this path", details) : undefined;
  }
  if (isFromBrowser) {
    const reason = "A server credential is a secret and must not be used in a browser";
    return failure("FORBIDDEN", reason, { reason: "browser" });
  }
  if (!opens(actor.credential, path)) {
    return failure("FORBIDDEN", "The credential lacks a scope", details);
  }
  if (isServers === (actAs === undefined)) return undefined;
  return isServers
    ? failure("FORBIDDEN", `This path is for the server itself: leave out ${ACT_AS_HEADER}`, details)
    : failure("FORBIDDEN", `This path is for users: name one with ${ACT_AS_HEADER}`, details);
}
