/** The user id of a person whom an identity provider knows by something else than a UUID (rule 28). */

import { MIN_SECRET_BYTES } from "@rocket-chat-api/protocol";
import { asUuid, type TokenPerson } from "../domain/claims.ts";

/** Imported keys, by their secret: importing one costs more than using it. */
const keys = new Map<string, Promise<CryptoKey>>();

function keyOf(secret: string): Promise<CryptoKey> {
  let key = keys.get(secret);
  if (!key) {
    const bytes = new TextEncoder().encode(secret);
    key = crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    keys.set(secret, key);
  }
  return key;
}

/** Writes the first 16 bytes as a UUIDv8 (RFC 9562 §5.8): all of them but the version and the variant. */
export function uuidV8(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 16), (byte, i) => {
    const value = i === 6 ? (byte & 0x0f) | 0x80 : i === 8 ? (byte & 0x3f) | 0x80 : byte;
    return value.toString(16).padStart(2, "0");
  }).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Why ids that are no UUIDs cannot be accepted, as a sentence for the log; undefined if they can. */
export function identitySecretProblem(secret: string | undefined): string | undefined {
  if (!secret) return "IDENTITY_SECRET is not set, and the token's id is not a UUID";
  if (new TextEncoder().encode(secret).length < MIN_SECRET_BYTES) {
    return `IDENTITY_SECRET is shorter than ${MIN_SECRET_BYTES} bytes, and the token's id is not a UUID`;
  }
  return undefined;
}

/**
 * The user id of a token's person: their UUID as it is, else a keyed hash of issuer and id, which needs no look-up and
 * which nobody can compute from an email address or a number. A line break cannot be in an id, so no two pairs of
 * issuer and id are the same text.
 * @param secret 32 bytes or more.
 */
export async function userIdOf(
  { external_id, issuer }: Pick<TokenPerson, "external_id" | "issuer">,
  secret: string | undefined,
): Promise<string | { misconfigured: string }> {
  const uuid = asUuid(external_id);
  if (uuid !== undefined) return uuid;
  const misconfigured = identitySecretProblem(secret);
  if (misconfigured || !secret) return { misconfigured: misconfigured ?? "" };
  const text = new TextEncoder().encode(`${issuer}\n${external_id}`);
  return uuidV8(new Uint8Array(await crypto.subtle.sign("HMAC", await keyOf(secret), text)));
}
