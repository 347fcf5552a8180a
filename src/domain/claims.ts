/** Reads the claims of a verified token (rules 1 and 28). */

import {
  codePoints,
  HttpUrl,
  hasVisible,
  lineProblem,
  MAX_DISPLAY_NAME_LENGTH,
  MAX_EXTERNAL_ID_LENGTH,
  SYSTEM_USER_ID,
  Uuid,
} from "@rocket-chat-api/protocol";
import type { EpochMs } from "./time.ts";
import type { UsernameSources } from "./usernames.ts";

/** Why a token is refused. Only the log says it, never an answer. */
export type TokenRefusal =
  | "algorithm"
  | "audience"
  | "expired"
  | "id_needs_identity_secret"
  | "id_not_accepted"
  | "issuer"
  | "key_revoked"
  | "key_unknown"
  | "lasts_too_long"
  | "malformed"
  | "no_exp"
  | "not_yet_valid"
  | "revoked"
  | "wrong_key";

/** The claims to read, where the operator has configured other names. */
export interface ClaimNames {
  username?: string | undefined;
  name?: string | undefined;
  photo?: string | undefined;
}

/** The person of a token, before they have a user id. */
export interface TokenPerson {
  /** The id that the identity provider uses. */
  external_id: string;
  issuer: string;
  username: UsernameSources;
  display_name: string | undefined;
  profile_photo_url: string | null;
  /** When the token was issued; 0 if the token does not say, or names a time in the future. */
  issued_at: EpochMs;
  expires_at: EpochMs;
}

/** Later expiry times are cut to the year 2100, because alarms and dates of the platform have limits. */
const MAX_EXPIRES_AT = Date.UTC(2100, 0);
/**
 * Dates in tokens are in seconds, but some identity providers write milliseconds. Numbers in this range are
 * milliseconds from 2001 to 2286; as seconds they would be in the distant future. `nbf` is not converted, so that a
 * token that is not valid yet is never accepted.
 */
const [FIRST_IN_MS, LAST_IN_MS] = [1e12, 1e13];
/** How far the identity provider's clock may be ahead of ours, in milliseconds. */
const MAX_AHEAD_MS = 60_000;

type Claims = Record<string, unknown>;

/** Reads the claims of a verified token. An invalid name or photo is ignored. An invalid identity refuses the token. */
export function readClaims(
  payload: unknown,
  names: ClaimNames,
  now: EpochMs,
): { person: TokenPerson } | { refused: TokenRefusal } {
  if (typeof payload !== "object" || payload === null) return { refused: "malformed" };
  const claims = payload as Claims;
  const external_id = externalId(claims);
  if (external_id === undefined) return { refused: "id_not_accepted" };
  const issuer = claims.iss ?? "";
  if (typeof issuer !== "string" || !issuer.isWellFormed()) return { refused: "issuer" };
  const { exp } = claims;
  if (typeof exp !== "number" || !Number.isFinite(exp) || exp <= 0) return { refused: "no_exp" };
  const expires_at = Math.min(inMs(exp), MAX_EXPIRES_AT);
  // jose has checked `exp` as seconds. As milliseconds it must be checked here.
  if (isInMs(exp) && expires_at <= now) return { refused: "expired" };
  return {
    person: {
      external_id,
      issuer,
      username: usernameSources(claims, names.username),
      display_name: first(claims, names.name ? [names.name] : ["display_name", "name"], cleanName),
      profile_photo_url:
        first(claims, names.photo ? [names.photo] : ["profile_photo_url", "picture"], photoUrl) ?? null,
      issued_at: issuedAt(claims.iat, now),
      expires_at,
    },
  };
}

/** The id in `sub` or `user_id`. If both are present they must be equal. UUIDs become lower case. */
function externalId({ sub, user_id }: Claims): string | undefined {
  const given = [sub, user_id].filter((value) => value !== undefined && value !== null);
  const ids = new Set(given.map(acceptedId));
  const [id] = ids;
  return ids.size === 1 ? id : undefined;
}

/** An id of an identity provider, if it is one that we accept. UUIDs become lower case. */
export function acceptedId(value: unknown): string | undefined {
  // Some backends use numbers as ids.
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || text === "" || codePoints(text) > MAX_EXTERNAL_ID_LENGTH) return undefined;
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) return undefined;
  const uuid = asUuid(text);
  return uuid === SYSTEM_USER_ID ? undefined : (uuid ?? text);
}

/** The UUID in lower case, or undefined if the text is not a UUID. */
export function asUuid(text: string): string | undefined {
  return Uuid.safeParse(text).data;
}

function usernameSources(claims: Claims, named: string | undefined): UsernameSources {
  const { preferred_username, nickname, email, name } = claims;
  const username = named ? claimAt(claims, named) : claims.username;
  return { username, fold: Boolean(named), preferred_username, nickname, email, name };
}

/** A claim by its name (which may be a URL), or by a path such as `user_metadata.full_name`. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const key of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Claims)[key];
  }
  return value;
}

/** The first usable value among these claims. */
function first(
  claims: Claims,
  names: string[],
  clean: (value: unknown) => string | undefined,
): string | undefined {
  for (const name of names) {
    const value = clean(claimAt(claims, name));
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * Makes a display name fit on one line: line breaks become spaces, and unclosed text directions are removed.
 * @returns undefined if nothing visible is left.
 */
function cleanName(value: unknown): string | undefined {
  if (typeof value !== "string" || value.includes("\0") || !value.isWellFormed()) return undefined;
  let name = value.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
  if (lineProblem(name)) name = name.replace(/[\u202a-\u202e\u2066-\u2069]/g, "").trim();
  return hasVisible(name) && codePoints(name) <= MAX_DISPLAY_NAME_LENGTH ? name : undefined;
}

function photoUrl(value: unknown): string | undefined {
  return HttpUrl.safeParse(value).data;
}

/**
 * The issue time of a token. It does not depend on the current time, so that a token refreshes a profile only once. A
 * future time would make every later token look older, so it counts as no time.
 */
function issuedAt(iat: unknown, now: EpochMs): EpochMs {
  if (typeof iat !== "number" || !(iat > 0)) return 0;
  const issued_at = inMs(iat);
  return issued_at > now + MAX_AHEAD_MS ? 0 : issued_at;
}

const isInMs = (date: number) => date >= FIRST_IN_MS && date < LAST_IN_MS;

/** Converts a date of a token to whole milliseconds. */
function inMs(date: number): EpochMs {
  return Math.floor(isInMs(date) ? date : date * 1000);
}
