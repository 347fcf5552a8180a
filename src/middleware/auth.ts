/** Authenticates a request, and stores new or changed profiles (rule 1). */

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { verifyToken } from "../auth/verify.ts";
import { openDirectory } from "../directory/database.ts";
import { findUser, refreshFromClaims, toCaller } from "../directory/users.ts";
import { type Caller, type Identity, summaryOf } from "../domain/caller.ts";
import type { TokenRefusal } from "../domain/claims.ts";
import { claimsOf } from "../domain/profile.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { announceProfile } from "../profiles.ts";
import { ApiError, refuse } from "./errors.ts";

export interface AuthVariables {
  caller: Caller;
  /** When the caller's token expires. */
  expiresAt: EpochMs;
  /** Why the token was refused, for the log. */
  tokenRefused?: TokenRefusal;
}

/** The parts of a request context that requests and socket upgrades have in common. */
interface AuthContext extends Pick<Context, "executionCtx"> {
  env: Env;
  set(key: "tokenRefused", reason: TokenRefusal): void;
}

/** How long an isolate caches a profile, in milliseconds. */
const PROFILE_TTL_MS = 60_000;
/** Maximum number of cached profiles. */
const MAX_PROFILES = 10_000;
/** How many tokens of one user are remembered as already applied to the profile. */
const MAX_TOKENS = 8;

/** A cached profile, and the tokens that were already applied to it. Each is applied once, however long ago. */
interface KnownProfile {
  caller: Caller;
  claims: Set<string>;
  until: EpochMs;
}

const profiles = new Map<string, KnownProfile>();

/**
 * The caller behind an identity. Each isolate asks the directory once a minute. If the directory does not answer, the
 * token alone is used, so that chat works while D1 is down.
 */
export async function resolveCaller(
  c: Pick<AuthContext, "env" | "executionCtx">,
  identity: Identity,
  now: EpochMs,
): Promise<Caller> {
  const claims = tokenKey(identity);
  const known = profiles.get(identity.user_id);
  const isOld = known?.claims.has(claims) ?? false;
  if (isOld && known && known.until > now) return known.caller;
  try {
    const db = openDirectory(c.env.DB);
    const read = isOld ? await findUser(db, identity.user_id) : undefined;
    const row = read ?? (await refreshFromClaims(db, identity, now));
    const caller = toCaller(row);
    remember(caller, new Set(known?.claims).add(claims), now);
    if (row.is_untold) c.executionCtx.waitUntil(announceProfile(c.env, caller));
    return caller;
  } catch (error) {
    log("warn", "profile.unavailable", { ...errorFields(error) });
    return { ...summaryOf(identity), profile_version: 0 };
  }
}

/**
 * Identifies a token by what it can change in a profile: the claims, and the issue time (or the expiry, if there is
 * none).
 */
function tokenKey(identity: Identity): string {
  return `${identity.issued_at || identity.expires_at} ${claimsOf(identity)}`;
}

function remember(caller: Caller, claims: Set<string>, now: EpochMs): void {
  if (profiles.size >= MAX_PROFILES) profiles.clear();
  const until = now + PROFILE_TTL_MS;
  profiles.set(caller.user_id, { caller, claims: new Set([...claims].slice(-MAX_TOKENS)), until });
}

/**
 * Makes the next request read a changed profile again. Applied tokens stay remembered, so that older ones do not undo
 * the change.
 */
export function forgetProfile(userId: string): void {
  const known = profiles.get(userId);
  if (known) known.until = 0;
}

/** The token of an `Authorization: Bearer` header, or undefined. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}

/** Verifies a token. The reason of a refusal is kept for the log. */
export async function identify(c: AuthContext, token: string): Promise<Identity> {
  const verified = await verifyToken(token, c.env);
  if (verified.ok) return verified.body;
  if (verified.reason) c.set("tokenRefused", verified.reason);
  throw new ApiError(verified.error);
}

/** Requires a valid bearer token and sets `caller`. */
export function auth() {
  return createMiddleware<{ Bindings: Env; Variables: AuthVariables }>(async function authenticate(c, next) {
    const token = bearerToken(c.req.header("authorization"));
    if (!token) refuse("UNAUTHORIZED");
    const identity = await identify(c, token);
    c.set("caller", await resolveCaller(c, identity, Date.now()));
    c.set("expiresAt", identity.expires_at);
    await next();
  });
}
