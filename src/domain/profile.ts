/** Decides when a token changes the stored profile (rule 1). */
import { type Identity, summaryOf } from "./caller.ts";

/** In place of claims, where a lost directory has the profile back from conversations: no token is known. */
export const UNKNOWN_CLAIMS = "[]";

/** What the directory stores of the tokens behind a profile. */
interface KnownClaims {
  claims: string;
  claims_issued_at: number;
  external_id: string | null;
}

/** The profile part of a token, as a comparable string. */
export function claimsOf(identity: Identity): string {
  const { username, display_name, profile_photo_url } = summaryOf(identity);
  return JSON.stringify([username, display_name, profile_photo_url]);
}

/** The username that the claims asked for. The user may have another one. */
export function wishedUsername({ claims }: Pick<KnownClaims, "claims">): unknown {
  return (JSON.parse(claims) as unknown[])[0];
}

/** `note` stores the token's data without a visible change. */
export type ClaimsEffect = "nothing" | "note" | "refresh";

/**
 * The effect of a token on a profile. The newest token decides, so that two valid tokens do not change it back and
 * forth. A token without an issue time counts as older than all others. Among those the last one seen decides.
 */
export function effectOf(identity: Identity, known: KnownClaims): ClaimsEffect {
  if (isOfNoToken(known)) return "note";
  const isNewer = identity.issued_at > known.claims_issued_at;
  if (claimsOf(identity) === known.claims) {
    return isNewer || known.external_id !== identity.external_id ? "note" : "nothing";
  }
  return isNewer || (identity.issued_at === 0 && known.claims_issued_at === 0) ? "refresh" : "nothing";
}

/** Whether no token behind a profile is known. */
export function isOfNoToken({ claims }: Pick<KnownClaims, "claims">): boolean {
  return claims === UNKNOWN_CLAIMS;
}

/** The claims after a token that changes no profile. */
export function notedClaims(identity: Identity, known: Pick<KnownClaims, "claims">): string {
  return isOfNoToken(known) ? claimsOf(identity) : known.claims;
}
