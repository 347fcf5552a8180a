/** Which key and which algorithms verify a token: decided by the configuration, never by the token (rule 2). */
import { createRemoteJWKSet, importSPKI, type JWTVerifyGetKey } from "jose";
import type { Env } from "../env.ts";
import { MIN_SECRET_BYTES } from "../protocol/index.ts";

/** A way to verify tokens: one source of keys and the algorithms that go with it. */
export interface Verifier {
  algorithms: string[];
  getKey: JWTVerifyGetKey;
}

/** `EdDSA` is the older name of what RFC 9864 calls `Ed25519`; a token may carry either. */
const ASYMMETRIC = ["RS256", "ES256", "EdDSA", "Ed25519"];

/** The algorithm family that a PEM public key belongs to, found by importing it. */
async function importPublicKey(pem: string): Promise<{ key: CryptoKey; algorithm: string } | undefined> {
  for (const algorithm of ASYMMETRIC) {
    try {
      return { key: await importSPKI(pem, algorithm), algorithm };
    } catch {
      // Not of this family.
    }
  }
  return undefined;
}

/**
 * Chooses how tokens are verified.
 * @returns the verifier, or a sentence for the log that says what the configuration lacks. The most specific
 *   setting wins, so a secret left over from development never weakens a configured key.
 */
export async function verifierFor(env: Env): Promise<Verifier | { misconfigured: string }> {
  if (env.JWT_JWKS_URL) {
    const getKey = createRemoteJWKSet(new URL(env.JWT_JWKS_URL));
    return { algorithms: ASYMMETRIC, getKey };
  }
  if (env.JWT_PUBLIC_KEY) {
    const imported = await importPublicKey(env.JWT_PUBLIC_KEY.replaceAll("\\n", "\n"));
    if (!imported) return { misconfigured: "JWT_PUBLIC_KEY is not an RSA, P-256 or Ed25519 key in SPKI PEM" };
    const algorithms = imported.algorithm === "EdDSA" ? ["EdDSA", "Ed25519"] : [imported.algorithm];
    return { algorithms, getKey: async () => imported.key };
  }
  if (env.JWT_SECRET) {
    const secret = new TextEncoder().encode(env.JWT_SECRET);
    if (secret.length < MIN_SECRET_BYTES) {
      return { misconfigured: `JWT_SECRET is shorter than ${MIN_SECRET_BYTES} bytes` };
    }
    return { algorithms: ["HS256"], getKey: async () => secret };
  }
  return { misconfigured: "none of JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL is set" };
}
