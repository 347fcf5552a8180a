/** Authenticates a request: a user by token, or a server by token or key, which may act as a user (rules 1 and 28). */
import { ACT_AS_HEADER, type Failure, failure } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { credentialOfKey } from "../auth/api-key.ts";
import { refuse as refuseToken, verifyBearer } from "../auth/verify.ts";
import { findApiKey } from "../directory/api-keys.ts";
import { openDirectory } from "../directory/database.ts";
import { type Actor, checkActor, type ServerCredential } from "../domain/actor.ts";
import { isApiKey } from "../domain/api-key.ts";
import type { Caller, Identity } from "../domain/caller.ts";
import type { TokenRefusal } from "../domain/claims.ts";
import { checkRestriction } from "../domain/restriction.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Env } from "../env.ts";
import { callerById, resolveCaller } from "./callers.ts";
import { ApiError, refuse } from "./errors.ts";
import { resolveUserId } from "./external-ids.ts";

export interface AuthVariables {
  /** The user who asks, or in whose name a server asks. On paths for servers there is none. */
  caller: Caller;
  /** Who asks. */
  actor: Actor;
  /** When a socket that is opened with this credential closes. */
  expiresAt: EpochMs;
  /** When the user's token was issued; now, where a server acts for them. */
  issuedAt: EpochMs;
  /** Why the credential was refused, for the log. */
  tokenRefused?: TokenRefusal;
  /** The `sub` behind each user id that came as `ext:<sub>`. */
  externalIds?: ReadonlyMap<string, string>;
}

/** The parts of a request context that requests and socket upgrades have in common. */
interface AuthContext extends Pick<Context, "executionCtx" | "req"> {
  env: Env;
  set<Key extends keyof AuthVariables>(key: Key, value: AuthVariables[Key]): void;
}

/** How long a socket lasts that was opened with an API key, in milliseconds. A token says when it ends; a key does not. */
const KEY_SOCKET_MS = 3_600_000;

/** The credential of an `Authorization: Bearer` header, or undefined. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}

type Authenticated = { kind: "user"; identity: Identity } | { kind: "server"; credential: ServerCredential };

/** Verifies a token or key. The reason of a refusal is kept for the log. */
async function authenticate(c: AuthContext, bearer: string): Promise<Authenticated> {
  const verified = isApiKey(bearer) ? await verifyKey(c.env, bearer) : await verifyBearer(bearer, c.env);
  if (verified.ok) return verified.body;
  if ("reason" in verified && verified.reason) c.set("tokenRefused", verified.reason);
  throw new ApiError(verified.error);
}

async function verifyKey(
  env: Env,
  key: string,
): Promise<{ ok: true; body: Authenticated } | { ok: false; error: Failure; reason: TokenRefusal }> {
  const find = async (keyId: string) => await findApiKey(openDirectory(env.DB), keyId);
  const read = await credentialOfKey(key, find, env.JWT_ISSUER ?? "", Date.now());
  return "refused" in read
    ? refuseToken(read.refused)
    : { ok: true, body: { kind: "server", credential: read.credential } };
}

/**
 * Finds out who asks, and in whose name. @throws if the credential is not valid, or may not be used for this request.
 */
export async function identify(c: AuthContext, bearer: string): Promise<void> {
  const now = Date.now();
  const known = await authenticate(c, bearer);
  const actor: Actor = known.kind === "user" ? { kind: "user" } : known;
  c.set("actor", actor);
  const actAs = c.req.header(ACT_AS_HEADER);
  const isFromBrowser = c.req.header("origin") !== undefined;
  const refusal = checkActor(actor, { path: c.req.path, actAs, isFromBrowser });
  if (refusal) throw new ApiError(refusal);
  if (known.kind === "user") {
    const { identity } = known;
    const { caller, restriction } = await resolveCaller(c, identity, now);
    c.set("caller", caller);
    const forbidden = checkRestriction(restriction, identity.issued_at, now);
    if (forbidden?.code === "UNAUTHORIZED") c.set("tokenRefused", "revoked");
    if (forbidden) throw new ApiError(forbidden);
    c.set("expiresAt", identity.expires_at);
    c.set("issuedAt", identity.issued_at);
    return;
  }
  if (actAs !== undefined) await actAsUser(c, known.credential, actAs, now);
}

/** A server asks in the name of a user. */
async function actAsUser(
  c: AuthContext,
  credential: ServerCredential,
  actAs: string,
  now: EpochMs,
): Promise<void> {
  const { user_id } = await resolveUserId(c.env, decoded(actAs), credential.issuer);
  c.set("caller", await callerById(c, user_id, now));
  c.set("expiresAt", credential.expires_at ?? now + KEY_SOCKET_MS);
  c.set("issuedAt", now);
}

/** The value of the header, which is written as in a path: headers take ASCII only. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new ApiError(failure("VALIDATION_ERROR", `${ACT_AS_HEADER} is not encoded as in a URL`));
  }
}

/** Requires a valid credential, and sets `actor` and, except on paths for servers, `caller`. */
export function auth() {
  return createMiddleware<{ Bindings: Env; Variables: AuthVariables }>(async function requireAuth(c, next) {
    const bearer = bearerToken(c.req.header("authorization"));
    if (!bearer) refuse("UNAUTHORIZED");
    await identify(c, bearer);
    await next();
  });
}
