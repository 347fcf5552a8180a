/** Derives user ids from ids of an identity provider that are not UUIDs (rule 28). */

import { MIN_SECRET_BYTES } from "@rocket-chat-api/protocol";
import { asUuid, type TokenPerson } from "../domain/claims.ts";

/** Imported keys, by secret. Importing costs more than signing. */
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

/** Formats the first 16 bytes as a UUIDv8 (RFC 9562 §5.8). Only the version and variant bits are replaced. */
export function uuidV8(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 16), (byte, i) => {
    const value = i === 6 ? (byte & 0x0f) | 0x80 : i === 8 ? (byte & 0x3f) | 0x80 : byte;
    return value.toString(16).padStart(2, "0");
  }).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Why ids that are not UUIDs cannot be accepted, as a sentence for the log; undefined if they can. */
function identitySecretProblem(secret: string | undefined): string | undefined {
  if (!secret) return "IDENTITY_SECRET is not set, and the token's id is not a UUID";
  if (new TextEncoder().encode(secret).length < MIN_SECRET_BYTES) {
    return `IDENTITY_SECRET is shorter than ${MIN_SECRET_BYTES} bytes, and the token's id is not a UUID`;
  }
  return undefined;
}

/**
 * The user id of a token's person: their UUID, or a keyed hash of issuer and id. The hash needs no lookup, and cannot
 * be computed from an email address or a number without the secret. Ids cannot contain a line break, so the hashed text
 * is unique for each pair of issuer and id.
 * @param secret at least 32 bytes.
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
