/** Who is asking: from a token's claims to the person that the rest of the system sees. */
import { z } from "zod";
import { DisplayName, HttpUrl, Username, type UserSummary, Uuid } from "../protocol/index.ts";

/**
 * The person behind a request, with the version of their profile.
 * Version 0 is a profile known from the token alone (the directory did not answer); it never replaces a known one.
 */
export interface Caller extends UserSummary {
  profile_version: number;
}

/** What a token says about its owner (rule 1). */
export interface Identity extends UserSummary {
  /** Milliseconds since 1970 at which the token ends. */
  expires_at: number;
}

/** A token may last for ever; the platform's alarms and dates do not: the year 2100. */
const MAX_EXPIRES_AT = Date.UTC(2100, 0);

const Claims = z
  .object({
    sub: Uuid.optional(),
    user_id: Uuid.optional(),
    username: Username,
    display_name: DisplayName.optional().catch(undefined),
    profile_photo_url: HttpUrl.nullable().catch(null).default(null),
    exp: z.number().positive(),
  })
  .refine((claims) => claims.sub !== undefined || claims.user_id !== undefined)
  .refine((claims) => !claims.sub || !claims.user_id || claims.sub === claims.user_id);

/**
 * Reads the claims of a verified token. A broken name or photo is left out; a broken identity refuses the token.
 * @returns the identity, or undefined if the claims do not hold one.
 */
export function identityFromClaims(claims: unknown): Identity | undefined {
  const parsed = Claims.safeParse(claims);
  if (!parsed.success) return undefined;
  const { sub, user_id, username, display_name, profile_photo_url, exp } = parsed.data;
  const id = sub ?? user_id;
  if (id === undefined) return undefined;
  return {
    user_id: id,
    username,
    display_name: display_name ?? username,
    profile_photo_url,
    expires_at: Math.min(Math.floor(exp * 1000), MAX_EXPIRES_AT),
  };
}

/** The public part of a caller. */
export function summaryOf(person: UserSummary): UserSummary {
  const { user_id, username, display_name, profile_photo_url } = person;
  return { user_id, username, display_name, profile_photo_url };
}
