/** From a bearer token to an identity. */

import { type Failure, failure, MAX_TOKEN_LENGTH } from "@rocket-chat-api/protocol";
import { errors, type JWTPayload, jwtVerify } from "jose";
import { type Identity, identityOf } from "../domain/caller.ts";
import { readClaims, type TokenPerson, type TokenRefusal } from "../domain/claims.ts";
import { isPhotoAllowed } from "../domain/photo.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { photoHosts, serverAudience } from "../settings.ts";
import { type Verifier, verifierFor } from "./keys.ts";
import { userIdOf } from "./user-id.ts";

/** Seconds that the identity provider's clock may differ from ours. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** An identity; or what the client hears, and for a token that is refused what the log says beside it. */
export type Verified = { ok: true; body: Identity } | { ok: false; error: Failure; reason?: TokenRefusal };

/** One verifier for each configuration in this isolate: importing a key and fetching a key set are not free. */
const verifiers = new Map<string, ReturnType<typeof verifierFor>>();

function cachedVerifier(env: Env): ReturnType<typeof verifierFor> {
  const { JWT_SECRET, JWT_PUBLIC_KEY, JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE } = env;
  const configuration = JSON.stringify([
    JWT_SECRET,
    JWT_PUBLIC_KEY,
    JWT_JWKS_URL,
    JWT_ISSUER,
    JWT_AUDIENCE,
    serverAudience(env),
  ]);
  let verifier = verifiers.get(configuration);
  if (!verifier) {
    verifier = verifierFor(env);
    verifiers.set(configuration, verifier);
  }
  return verifier;
}

/** Why no token can be verified, as a sentence for the log; undefined if they can. Throws where keys cannot be fetched. */
export async function keysProblem(env: Env): Promise<string | undefined> {
  const verifier = await cachedVerifier(env);
  if ("misconfigured" in verifier) return verifier.misconfigured;
  await verifier.check?.();
  return undefined;
}

/**
 * Verifies a bearer token: signature, pinned algorithm, required expiry, issuer and audience where configured, and
 * claims that name a person.
 * @returns the identity; or UNAUTHORIZED, which never says why; or SERVICE_UNAVAILABLE when nothing is configured to
 *   verify with, or the key set cannot be fetched.
 */
export async function verifyToken(token: string, env: Env): Promise<Verified> {
  if (token.length === 0 || token.length > MAX_TOKEN_LENGTH) return refuse("malformed");
  const verifier = await cachedVerifier(env);
  if ("misconfigured" in verifier) {
    log("error", "auth.misconfigured", { reason: verifier.misconfigured });
    return { ok: false, error: failure("SERVICE_UNAVAILABLE") };
  }
  let claims: JWTPayload;
  try {
    claims = await verifiedClaims(token, verifier, env);
  } catch (error) {
    return refusalOf(error);
  }
  return await identify(claims, env);
}

async function verifiedClaims(token: string, verifier: Verifier, env: Env): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, verifier.getKey, {
    algorithms: verifier.algorithms,
    requiredClaims: ["exp"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(env.JWT_ISSUER ? { issuer: env.JWT_ISSUER } : {}),
    ...(env.JWT_AUDIENCE ? { audience: env.JWT_AUDIENCE } : {}),
  });
  return payload;
}

/** Who a verified token belongs to. A token of the app's own backend belongs to nobody. */
async function identify(claims: JWTPayload, env: Env): Promise<Verified> {
  if ([claims.aud].flat().includes(serverAudience(env))) return refuse("audience");
  const names = { username: env.JWT_USERNAME_CLAIM, name: env.JWT_NAME_CLAIM, photo: env.JWT_PHOTO_CLAIM };
  const read = readClaims(claims, names, Date.now());
  if ("refused" in read) return refuse(read.refused);
  const userId = await userIdOf(read.person, env.IDENTITY_SECRET);
  if (typeof userId !== "string") {
    log("error", "auth.misconfigured", { reason: userId.misconfigured });
    return refuse("id_needs_identity_secret");
  }
  return { ok: true, body: identityOf(withAllowedPhoto(read.person, env), userId) };
}

function withAllowedPhoto(person: TokenPerson, env: Env): TokenPerson {
  const { profile_photo_url } = person;
  const isAllowed = profile_photo_url === null || isPhotoAllowed(profile_photo_url, photoHosts(env));
  return isAllowed ? person : { ...person, profile_photo_url: null };
}

function refuse(reason: TokenRefusal): Verified {
  return { ok: false, error: failure("UNAUTHORIZED", "Invalid token"), reason };
}

function refusalOf(error: unknown): Verified {
  const reason = reasonOf(error);
  if (reason !== undefined) return refuse(reason);
  log("error", "auth.keys_unavailable", { ...errorFields(error) });
  return { ok: false, error: failure("SERVICE_UNAVAILABLE") };
}

/** Why a token is refused; undefined where the trouble is ours: the key set cannot be had. */
function reasonOf(error: unknown): TokenRefusal | undefined {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return "algorithm";
  // What jose throws when a key does not fit the algorithm.
  if (error instanceof TypeError) return "wrong_key";
  if (!(error instanceof errors.JOSEError)) return undefined;
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return undefined;
  // What jose throws when the key set's response is no 200 or no JSON has no class of its own.
  if (error.code === errors.JOSEError.code) return undefined;
  const isMalformed = error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid;
  return isMalformed ? "malformed" : "wrong_key";
}

function reasonOfClaim(claim: string): TokenRefusal {
  switch (claim) {
    case "iss":
      return "issuer";
    case "aud":
      return "audience";
    case "exp":
      return "no_exp";
    case "nbf":
      return "not_yet_valid";
    default:
      return "malformed";
  }
}
