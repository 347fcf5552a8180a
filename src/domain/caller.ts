/** Who is asking: the person that the rest of the system sees. */
import type { UserSummary } from "@rocket-chat-api/protocol";
import type { TokenPerson } from "./claims.ts";
import { usernameFrom } from "./usernames.ts";

/**
 * The person behind a request, with the version of their profile.
 * Version 0 is a profile known from the token alone (the directory did not answer); it never replaces a known one.
 */
export interface Caller extends UserSummary {
  profile_version: number;
}

/** What a token says about its owner (rule 1). The username is the one that they would like to have. */
export interface Identity extends UserSummary {
  /** The identity provider's own id. */
  external_id: string;
  /** Whether the token has a display name; the username stands in for one. */
  is_named: boolean;
  /** When the token was made, in milliseconds since 1970; 0 if it does not say. */
  issued_at: number;
  /** When the token ends, in milliseconds since 1970. */
  expires_at: number;
}

/** The identity of a token's person, once their id is known. */
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

/** The public part of a caller. */
export function summaryOf(person: UserSummary): UserSummary {
  const { user_id, username, display_name, profile_photo_url } = person;
  return { user_id, username, display_name, profile_photo_url };
}
