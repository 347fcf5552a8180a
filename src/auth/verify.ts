/** From a bearer token to an identity. */
import { errors, jwtVerify } from "jose";
import { type Identity, identityFromClaims } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { MAX_TOKEN_LENGTH } from "../protocol/index.ts";
import { type Verifier, verifierFor } from "./keys.ts";

/** Seconds that the identity provider's clock may differ from ours. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** One verifier for each configuration in this isolate: importing a key and fetching a key set are not free. */
const verifiers = new Map<string, ReturnType<typeof verifierFor>>();

function cachedVerifier(env: Env): ReturnType<typeof verifierFor> {
  const configuration = JSON.stringify([env.JWT_SECRET, env.JWT_PUBLIC_KEY, env.JWT_JWKS_URL]);
  let verifier = verifiers.get(configuration);
  if (!verifier) {
    verifier = verifierFor(env);
    verifiers.set(configuration, verifier);
  }
  return verifier;
}

/**
 * Verifies a bearer token: signature, pinned algorithm, required expiry, issuer and audience where configured, and
 * claims that name a person.
 * @returns the identity; or UNAUTHORIZED, which never says more than that the token is not valid or has expired; or
 *   SERVICE_UNAVAILABLE when nothing is configured to verify with, or the key set cannot be fetched.
 */
export async function verifyToken(token: string, env: Env): Promise<Outcome<Identity>> {
  if (token.length === 0 || token.length > MAX_TOKEN_LENGTH) return refused("UNAUTHORIZED", "Invalid token");
  const verifier = await cachedVerifier(env);
  if ("misconfigured" in verifier) {
    log("error", "auth.misconfigured", { reason: verifier.misconfigured });
    return refused("SERVICE_UNAVAILABLE");
  }
  try {
    const identity = identityFromClaims(await verifiedClaims(token, verifier, env));
    return identity ? found(identity) : refused("UNAUTHORIZED", "Invalid token claims");
  } catch (error) {
    return refuseToken(error);
  }
}

async function verifiedClaims(token: string, verifier: Verifier, env: Env): Promise<unknown> {
  const { payload } = await jwtVerify(token, verifier.getKey, {
    algorithms: verifier.algorithms,
    requiredClaims: ["exp", "username"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(env.JWT_ISSUER ? { issuer: env.JWT_ISSUER } : {}),
    ...(env.JWT_AUDIENCE ? { audience: env.JWT_AUDIENCE } : {}),
  });
  return payload;
}

function refuseToken(error: unknown): Outcome<Identity> {
  if (error instanceof errors.JWTExpired) return refused("UNAUTHORIZED", "Token expired");
  const keySetFailed =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    // What jose throws when the key set's response is no 200 or no JSON has no class of its own.
    (error instanceof errors.JOSEError && error.code === errors.JOSEError.code) ||
    !(error instanceof errors.JOSEError || error instanceof TypeError);
  if (keySetFailed) {
    log("error", "auth.keys_unavailable", { reason: String(error) });
    return refused("SERVICE_UNAVAILABLE");
  }
  return refused("UNAUTHORIZED", "Invalid token");
}
