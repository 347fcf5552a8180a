/** The people behind requests: their profiles, kept for a minute, and whether they may ask at all (rules 1 and 28). */
import { failure } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openDirectory } from "../directory/database.ts";
import { FILTERS } from "../directory/filters/cache.ts";
import type { UserRow } from "../directory/schema.ts";
import { findUser, refreshFromClaims, restrictionOf, toCaller } from "../directory/users.ts";
import { type Caller, type Identity, summaryOf } from "../domain/caller.ts";
import { withMaskedName } from "../domain/filter/names.ts";
import { claimsOf, isOfNoToken } from "../domain/profile.ts";
import { checkRestriction, type Restriction, UNRESTRICTED } from "../domain/restriction.ts";
import type { EpochMs } from "../domain/time.ts";
import { usernameFrom } from "../domain/usernames.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { announceProfile } from "../profiles.ts";
import { ApiError } from "./errors.ts";

/** How long an isolate caches a profile, in milliseconds. */
const PROFILE_TTL_MS = 60_000;
/** Maximum number of cached profiles. */
const MAX_PROFILES = 10_000;
/** How many tokens of one user are remembered as already applied to the profile. */
const MAX_TOKENS = 8;

/** A caller, and what a server has forbidden them. */
interface ResolvedCaller {
  caller: Caller;
  restriction: Restriction;
}

/** A cached profile, and the tokens that were already applied to it. Each is applied once, however long ago. */
interface KnownProfile extends ResolvedCaller {
  claims: Set<string>;
  until: EpochMs;
}

/** What of a request finding its caller needs. */
type CallerContext = Pick<Context, "executionCtx"> & { env: Env };

const profiles = new Map<string, KnownProfile>();

/**
 * The caller behind an identity. Each isolate asks the directory once a minute. If the directory does not answer, the
 * token alone is used, so that chat works while D1 is down.
 */
export async function resolveCaller(
  c: CallerContext,
  identity: Identity,
  now: EpochMs,
): Promise<ResolvedCaller> {
  const claims = tokenKey(identity);
  const known = profiles.get(identity.user_id);
  const isOld = known?.claims.has(claims) ?? false;
  if (isOld && known && known.until > now) return known;
  let row: UserRow;
  try {
    const db = openDirectory(c.env.DB);
    const read = isOld ? await findUser(db, identity.user_id) : undefined;
    // A directory that was lost knows nothing of the token.
    row = read && !isOfNoToken(read) ? read : await refreshFromClaims(db, identity, now);
  } catch (error) {
    log("warn", "profile.unavailable", { ...errorFields(error) });
    // What was forbidden stays forbidden, however long ago this isolate has read it.
    const restriction = known?.restriction ?? UNRESTRICTED;
    const { display_name } = withMaskedName(FILTERS.known, identity);
    return { caller: { ...summaryOf(identity), display_name, profile_version: 0 }, restriction };
  }
  const resolved = remember(row, new Set(known?.claims).add(claims), now);
  if (row.is_untold) c.executionCtx.waitUntil(announceProfile(c.env, resolved.caller));
  return resolved;
}

/**
 * The user in whose name a server asks. If the directory does not answer, only the id is known: the conversation has the
 * names in its roster. @throws NOT_FOUND if there is no such user, USER_DEACTIVATED or BANNED if a server
 * has shut them out.
 */
export async function callerById(c: CallerContext, userId: string, now: EpochMs): Promise<Caller> {
  const { caller, restriction } = await resolveById(c, userId, now);
  // No token is involved that could have been revoked.
  const refusal = checkRestriction(restriction, Number.POSITIVE_INFINITY, now);
  if (refusal) throw new ApiError(refusal);
  return caller;
}

async function resolveById(c: CallerContext, userId: string, now: EpochMs): Promise<ResolvedCaller> {
  const known = profiles.get(userId);
  if (known && known.until > now) return known;
  let row: UserRow | undefined;
  try {
    row = await findUser(openDirectory(c.env.DB), userId);
  } catch (error) {
    log("warn", "profile.unavailable", { ...errorFields(error) });
    return known ?? { caller: anonymous(userId), restriction: UNRESTRICTED };
  }
  if (!row) throw new ApiError(failure("NOT_FOUND", "No such user", { user_ids: [userId] }));
  return remember(row, new Set(known?.claims), now);
}

/** A user of whom only the id is known, because the directory does not answer. */
export function anonymous(user_id: string): Caller {
  const username = usernameFrom({}, user_id);
  return { user_id, username, display_name: username, profile_photo_url: null, profile_version: 0 };
}

/**
 * Identifies a token by what it can change in a profile: the claims, and the issue time (or the expiry, if there is
 * none).
 */
function tokenKey(identity: Identity): string {
  return `${identity.issued_at || identity.expires_at} ${claimsOf(identity)}`;
}

function remember(row: UserRow, claims: Set<string>, now: EpochMs): ResolvedCaller {
  if (profiles.size >= MAX_PROFILES) profiles.clear();
  const resolved = { caller: toCaller(row), restriction: restrictionOf(row) };
  const until = now + PROFILE_TTL_MS;
  profiles.set(row.user_id, { ...resolved, claims: new Set([...claims].slice(-MAX_TOKENS)), until });
  return resolved;
}

/**
 * Makes the next request read a changed profile again. Applied tokens stay remembered, so that older ones do not undo
 * the change.
 */
export function forgetProfile(userId: string): void {
  const known = profiles.get(userId);
  if (known) known.until = 0;
}
