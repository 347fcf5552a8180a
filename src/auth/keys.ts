/** Chooses the keys and algorithms that verify tokens, from the configuration alone (rule 2). */

import { isLoopbackHost, MIN_SECRET_BYTES } from "@rocket-chat-api/protocol";
import { createRemoteJWKSet, importSPKI, type JWTVerifyGetKey } from "jose";
import type { Env } from "../env.ts";
import { serverAudience } from "../settings.ts";
import { CheckedTokens } from "./checked-tokens.ts";

/** A source of keys, and the algorithms to accept with it. */
export interface Verifier {
  algorithms: string[];
  getKey: JWTVerifyGetKey;
  /** Throws if the keys cannot be fetched. Absent if the keys are local. */
  check?: () => Promise<void>;
  /** What it has verified a moment ago. */
  checked: CheckedTokens;
}

interface Misconfigured {
  misconfigured: string;
}

/** RFC 9864 renamed `EdDSA` to `Ed25519`. A token may use either name. */
const ASYMMETRIC = ["RS256", "ES256", "EdDSA", "Ed25519"];

/** Imports a PEM public key, and finds its algorithm by trying each. */
async function importPublicKey(pem: string): Promise<{ key: CryptoKey; algorithm: string } | undefined> {
  for (const algorithm of ASYMMETRIC) {
    try {
      return { key: await importSPKI(pem, algorithm), algorithm };
    } catch {
      // Not a key for this algorithm.
    }
  }
  return undefined;
}

/**
 * Chooses how tokens are verified. The most specific setting wins, so a secret left over from development never weakens
 * a configured key.
 * @returns the verifier, or a sentence for the log that says what the configuration lacks.
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
 * A provider's keys sign tokens of all its applications, and id tokens. So issuer and audience are required. The key
 * set must be fetched over https, because changed keys could sign anything.
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
  return { algorithms: ASYMMETRIC, getKey: keys, check, checked: new CheckedTokens() };
}

async function publicKeyVerifier(pem: string): Promise<Verifier | Misconfigured> {
  const imported = await importPublicKey(pem.replaceAll("\\n", "\n"));
  if (!imported) return { misconfigured: "JWT_PUBLIC_KEY is not an RSA, P-256 or Ed25519 key in SPKI PEM" };
  const algorithms = imported.algorithm === "EdDSA" ? ["EdDSA", "Ed25519"] : [imported.algorithm];
  return { algorithms, getKey: async () => imported.key, checked: new CheckedTokens() };
}

function secretVerifier(text: string): Verifier | Misconfigured {
  const secret = new TextEncoder().encode(text);
  if (secret.length < MIN_SECRET_BYTES) {
    return { misconfigured: `JWT_SECRET is shorter than ${MIN_SECRET_BYTES} bytes` };
  }
  return { algorithms: ["HS256"], getKey: async () => secret, checked: new CheckedTokens() };
}
