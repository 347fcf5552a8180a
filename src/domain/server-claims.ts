/** Reads the claims of a server token (rule 28). */
import { type GrantedScope, isGrantedScope, MAX_SERVER_TOKEN_SECONDS } from "@rocket-chat-api/protocol";
import type { ServerCredential } from "./actor.ts";
import { acceptedId, type TokenRefusal } from "./claims.ts";
import type { EpochMs } from "./time.ts";

/** How far the clock of the backend may be ahead of ours, in milliseconds. */
const CLOCK_TOLERANCE_MS = 5_000;

/** Claims that only tokens of people have. Such a token is no server's, whatever its audience says. */
const OF_PEOPLE = [
  ...["user_id", "username", "preferred_username", "nickname", "email", "phone_number"],
  ...["name", "display_name", "picture", "profile_photo_url"],
];

type Claims = Record<string, unknown>;

/** Whether a token is addressed to servers, rightly or not. Such a token is never a user's. */
export function isForServers(claims: Claims, audience: string): boolean {
  return [claims.aud].flat().includes(audience);
}

/**
 * The credential in the verified claims of a token that {@link isForServers}.
 * @param audience of server tokens. It must be the only one, so that a token serves one purpose.
 * @param issuer of users, if the deployment names one.
 */
export function readServerClaims(
  claims: Claims,
  { audience, issuer }: { audience: string; issuer: string | undefined },
  now: EpochMs,
): { credential: ServerCredential } | { refused: TokenRefusal } {
  const { aud, exp, sub, iss } = claims;
  const audiences = [aud].flat();
  if (audiences.length !== 1 || OF_PEOPLE.some((name) => claims[name] !== undefined)) {
    return { refused: "audience" };
  }
  const scopes = scopesIn(claims.scope);
  if (scopes === undefined || !audiences.includes(audience)) return { refused: "audience" };
  if (typeof exp !== "number" || !Number.isFinite(exp)) return { refused: "no_exp" };
  const expires_at = Math.floor(exp * 1000);
  if (expires_at > now + MAX_SERVER_TOKEN_SECONDS * 1000 + CLOCK_TOLERANCE_MS) {
    return { refused: "lasts_too_long" };
  }
  const name = sub === undefined ? "server" : acceptedId(sub);
  if (name === undefined) return { refused: "id_not_accepted" };
  const from = iss ?? issuer ?? "";
  if (typeof from !== "string" || !from.isWellFormed()) return { refused: "issuer" };
  return { credential: { id: `token:${name}`, scopes, issuer: from, expires_at } };
}

/**
 * The scopes of a claim: words with spaces between them (RFC 8693 §4.2), or a list. Words that are no scopes of ours are
 * ignored, since an identity provider may add its own.
 */
function scopesIn(scope: unknown): ReadonlySet<GrantedScope> | undefined {
  const words = typeof scope === "string" ? scope.split(" ") : scope;
  if (!Array.isArray(words)) return undefined;
  return new Set(
    words.filter((word): word is GrantedScope => typeof word === "string" && isGrantedScope(word)),
  );
}
