/** When a token changes the profile that the directory has (rule 1). */
import { type Identity, summaryOf } from "./caller.ts";

/** What the directory knows of the tokens that a profile came from. */
export interface KnownClaims {
  claims: string;
  claims_issued_at: number;
  external_id: string | null;
}

/** The part of a token that makes a profile, to be compared. */
export function claimsOf(identity: Identity): string {
  const { username, display_name, profile_photo_url } = summaryOf(identity);
  return JSON.stringify([username, display_name, profile_photo_url]);
}

/** The username that the claims asked for, which need not be the one that was given. */
export function wishedUsername({ claims }: Pick<KnownClaims, "claims">): unknown {
  return (JSON.parse(claims) as unknown[])[0];
}

/** `note` remembers the token, and changes nothing that anybody sees. */
export type ClaimsEffect = "nothing" | "note" | "refresh";

/**
 * What a token does to a profile: the newest one decides, so that two that are both valid do not change it back and
 * forth. One that does not say when it was made is older than all that do; among such the last one seen decides.
 */
export function effectOf(identity: Identity, known: KnownClaims): ClaimsEffect {
  const isNewer = identity.issued_at > known.claims_issued_at;
  if (claimsOf(identity) === known.claims) {
    return isNewer || known.external_id !== identity.external_id ? "note" : "nothing";
  }
  return isNewer || (identity.issued_at === 0 && known.claims_issued_at === 0) ? "refresh" : "nothing";
}
