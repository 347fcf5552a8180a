/** The person behind a request. */

import type { UserSummary, WhoCanMessage } from "@rocket-chat-api/protocol";
import type { TokenPerson } from "./claims.ts";
import type { EpochMs } from "./time.ts";
import { usernameFrom } from "./usernames.ts";

/**
 * The person behind a request, with the version of their profile. Version 0 comes from the token alone, because the
 * directory did not answer. It never replaces a known profile.
 */
export interface Caller extends UserSummary, Discretion {
  profile_version: number;
}

/**
 * What of a user's privacy conversations must know without the directory (rule 29). It travels with the profile and has its
 * version, but is shown to nobody. Left out by the token alone, and by an older release.
 */
export interface Discretion {
  /** Whether others learn what they read, and they what others read. */
  read_receipts?: boolean;
  /** Whether others learn when they were last online, and they when others were. */
  shows_last_seen?: boolean;
  /** Who may begin to write to them. */
  who_can_message?: WhoCanMessage;
}

/** What a token says about its owner (rule 1). The username is the one that they asked for. */
export interface Identity extends UserSummary {
  /** The id that the identity provider uses. */
  external_id: string;
  /** Whether the token has a display name. Otherwise the username is used. */
  is_named: boolean;
  /** When the token was issued; 0 if the token does not say, or names a time in the future. */
  issued_at: EpochMs;
  expires_at: EpochMs;
}

/** A profile's discretion. What an older release has left out is as it is for users who have set nothing. */
export function discretionOf({
  read_receipts = true,
  shows_last_seen = true,
  who_can_message = "everyone",
}: Discretion): Required<Discretion> {
  return { read_receipts, shows_last_seen, who_can_message };
}

/** Builds the identity of a token's person, once their user id is known. */
export function identityOf(person: TokenPerson, user_id: string): Identity {
  const { external_id, display_name, profile_photo_url, issued_at, expires_at } = person;
  const username = usernameFrom(person.username, user_id);
  return {
    user_id,
    username,
    display_name: display_name ?? username,
    profile_photo_url,
    external_id,
    is_named: display_name !== undefined,
    issued_at,
    expires_at,
  };
}

/** The public part of a profile. */
export function summaryOf(person: UserSummary): UserSummary {
  const { user_id, username, display_name, profile_photo_url } = person;
  return { user_id, username, display_name, profile_photo_url };
}
