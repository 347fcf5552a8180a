/** Checks the secret of an API key (rule 28). */

import { isGrantedScope } from "@rocket-chat-api/protocol";
import type { ServerCredential } from "../domain/actor.ts";
import { parseApiKey } from "../domain/api-key.ts";
import type { TokenRefusal } from "../domain/claims.ts";
import type { EpochMs } from "../domain/time.ts";

/** What is stored of a key. */
export interface StoredKey {
  /** SHA-256 of the secret, in hexadecimal digits. */
  hash: string;
  /** Scopes with spaces between them. */
  scopes: string;
  revoked_at: EpochMs | null;
}

/** How long an isolate believes what it read of a key, in milliseconds: a revoked key ends within a minute. */
const HOLDS_MS = 60_000;
/** Most keys remembered, unknown ones too. */
const MAX_KEYS = 1_000;

const known = new Map<string, { stored: StoredKey | undefined; until: EpochMs }>();

/** SHA-256 of a secret. */
export async function hashOf(secret: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
}

/**
 * The credential of an API key, or why it is refused.
 * @param find reads a key by its id. What it throws is thrown on: without the directory no key can be trusted for longer.
 */
export async function credentialOfKey(
  text: string,
  find: (keyId: string) => Promise<StoredKey | undefined>,
  issuer: string,
  now: EpochMs,
): Promise<{ credential: ServerCredential } | { refused: TokenRefusal }> {
  const key = parseApiKey(text);
  if (!key) return { refused: "malformed" };
  const stored = await remembered(key.key_id, find, now);
  const expected = bytesOf(stored?.hash ?? "0".repeat(64));
  const isEqual = crypto.subtle.timingSafeEqual(await hashOf(key.secret), expected);
  if (!stored || !isEqual) return { refused: "key_unknown" };
  if (stored.revoked_at !== null) return { refused: "key_revoked" };
  const scopes = new Set(stored.scopes.split(" ").filter(isGrantedScope));
  return { credential: { id: `key:${key.key_id}`, scopes, issuer, expires_at: undefined } };
}

async function remembered(
  keyId: string,
  find: (keyId: string) => Promise<StoredKey | undefined>,
  now: EpochMs,
): Promise<StoredKey | undefined> {
  const entry = known.get(keyId);
  // If the clock was set back, nothing is believed for longer.
  if (entry && entry.until > now && entry.until <= now + HOLDS_MS) return entry.stored;
  const stored = await find(keyId);
  if (known.size >= MAX_KEYS) known.clear();
  known.set(keyId, { stored, until: now + HOLDS_MS });
  return stored;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
