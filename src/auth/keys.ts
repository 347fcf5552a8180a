/** Which key and which algorithms verify a token: decided by the configuration, never by the token (rule 2). */

import { isLoopbackHost, MIN_SECRET_BYTES } from "@rocket-chat-api/protocol";
import { createRemoteJWKSet, importSPKI, type JWTVerifyGetKey } from "jose";
import type { Env } from "../env.ts";
import { serverAudience } from "../settings.ts";

/** A way to verify tokens: one source of keys and the algorithms that go with it. */
export interface Verifier {
  algorithms: string[];
  getKey: JWTVerifyGetKey;
  /** Throws while there are no keys; absent where they are at hand. */
  check?: () => Promise<void>;
}

interface Misconfigured {
  misconfigured: string;
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
export async function verifierFor(env: Env): Promise<Verifier | Misconfigured> {
  if (env.JWT_AUDIENCE && env.JWT_AUDIENCE === serverAudience(env)) {
    return { misconfigured: "JWT_AUDIENCE is the audience of the app's own backend (JWT_SERVER_AUDIENCE)" };
  }
  if (env.JWT_JWKS_URL) return keySetVerifier(env.JWT_JWKS_URL, env);
  if (env.JWT_PUBLIC_KEY) return await publicKeyVerifier(env.JWT_PUBLIC_KEY);
  if (env.JWT_SECRET) return secretVerifier(env.JWT_SECRET);
  return { misconfigured: "none of JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL is set" };
}

/**
 * The keys of a provider sign for all of its applications and for its id tokens: issuer and audience tell ours apart.
 * Who could change the keys on their way could sign anything, so they come over https.
 */
function keySetVerifier(address: string, { JWT_ISSUER, JWT_AUDIENCE }: Env): Verifier | Misconfigured {
  if (!URL.canParse(address)) return { misconfigured: "JWT_JWKS_URL is not a URL" };
  const url = new URL(address);
  const isLocal = url.protocol === "http:" && isLoopbackHost(url.hostname);
  if (url.protocol !== "https:" && !isLocal) return { misconfigured: "JWT_JWKS_URL is not an https URL" };
  if (!JWT_ISSUER || !JWT_AUDIENCE) {
    return { misconfigured: "JWT_JWKS_URL needs JWT_ISSUER and JWT_AUDIENCE beside it" };
  }
  const keys = createRemoteJWKSet(url);
  const check = async () => {
    if (!keys.fresh) await keys.reload();
  };
  return { algorithms: ASYMMETRIC, getKey: keys, check };
}

async function publicKeyVerifier(pem: string): Promise<Verifier | Misconfigured> {
  const imported = await importPublicKey(pem.replaceAll("\\n", "\n"));
  if (!imported) return { misconfigured: "JWT_PUBLIC_KEY is not an RSA, P-256 or Ed25519 key in SPKI PEM" };
  const algorithms = imported.algorithm === "EdDSA" ? ["EdDSA", "Ed25519"] : [imported.algorithm];
  return { algorithms, getKey: async () => imported.key };
}

function secretVerifier(text: string): Verifier | Misconfigured {
  const secret = new TextEncoder().encode(text);
  if (secret.length < MIN_SECRET_BYTES) {
    return { misconfigured: `JWT_SECRET is shorter than ${MIN_SECRET_BYTES} bytes` };
  }
  return { algorithms: ["HS256"], getKey: async () => secret };
}
