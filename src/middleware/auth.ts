/** Who is asking: a bearer token becomes the caller, and a first-seen or changed person is written down (rule 1). */
import { createMiddleware } from "hono/factory";
import { verifyToken } from "../auth/verify.ts";
import { openDirectory } from "../directory/database.ts";
import { refreshFromClaims, toCaller } from "../directory/users.ts";
import { type Caller, type Identity, summaryOf } from "../domain/caller.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { bodyOf, refuse } from "./errors.ts";

export interface AuthVariables {
  caller: Caller;
  /** When the caller's token ends, in milliseconds since 1970. */
  expiresAt: number;
}

/** How long an isolate trusts what it read of a profile, in milliseconds. */
const PROFILE_TTL_MS = 60_000;
/** Profiles kept in an isolate, at most. */
const MAX_PROFILES = 10_000;

const profiles = new Map<string, { claims: string; caller: Caller; until: number }>();

/**
 * The caller behind an identity. The directory is asked once a minute and isolate; when it does not answer, the
 * token alone speaks, so that chat goes on while D1 is down.
 */
export async function resolveCaller(env: Env, identity: Identity, now: number): Promise<Caller> {
  const claims = JSON.stringify(summaryOf(identity));
  const known = profiles.get(identity.user_id);
  if (known && known.claims === claims && known.until > now) return known.caller;
  try {
    const caller = toCaller(await refreshFromClaims(openDirectory(env.DB), identity, now));
    if (profiles.size >= MAX_PROFILES) profiles.clear();
    profiles.set(identity.user_id, { claims, caller, until: now + PROFILE_TTL_MS });
    return caller;
  } catch (error) {
    log("warn", "profile.unavailable", { error: String(error) });
    return { ...summaryOf(identity), profile_version: 0 };
  }
}

/** Forgets a profile that has just been changed. */
export function forgetProfile(userId: string): void {
  profiles.delete(userId);
}

/** The token of an `Authorization: Bearer` header, or undefined. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}

/** Requires a valid bearer token and sets `caller`. */
export function auth() {
  return createMiddleware<{ Bindings: Env; Variables: AuthVariables }>(async function authenticate(c, next) {
    const token = bearerToken(c.req.header("authorization"));
    if (!token) refuse("UNAUTHORIZED");
    const identity = bodyOf(await verifyToken(token, c.env));
    c.set("caller", await resolveCaller(c.env, identity, Date.now()));
    c.set("expiresAt", identity.expires_at);
    await next();
  });
}
