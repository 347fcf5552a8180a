/** Verifies bearer tokens: of users, and of the app's own backend. */

import { type Failure, failure, MAX_TOKEN_LENGTH } from "@rocket-chat-api/protocol";
import { errors, type JWTPayload, jwtVerify } from "jose";
import type { ServerCredential } from "../domain/actor.ts";
import { type Identity, identityOf } from "../domain/caller.ts";
import { readClaims, type TokenPerson, type TokenRefusal } from "../domain/claims.ts";
import { isPhotoAllowed } from "../domain/photo.ts";
import { isForServers, readServerClaims } from "../domain/server-claims.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { photoHosts, serverAudience } from "../settings.ts";
import { type Verifier, verifierFor } from "./keys.ts";
import { userIdOf } from "./user-id.ts";

/** Tolerated clock difference to the identity provider, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** What was verified, or the failure for the client. `reason` is for the log. */
type Verified<T> = { ok: true; body: T } | { ok: false; error: Failure; reason?: TokenRefusal };

/** Whose token it is: a person's, or a server's. */
type Bearer = { kind: "user"; identity: Identity } | { kind: "server"; credential: ServerCredential };

/** One verifier for each configuration, because importing a key and fetching a key set are expensive. */
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

/**
 * Why tokens cannot be verified, as a sentence for the log; undefined if they can. Throws if keys cannot be fetched.
 */
export async function keysProblem(env: Env): Promise<string | undefined> {
  const verifier = await cachedVerifier(env);
  if ("misconfigured" in verifier) return verifier.misconfigured;
  await verifier.check?.();
  return undefined;
}

/**
 * Verifies the token of a user; see {@link verifyBearer}. Tokens of the app's own backend are refused.
 * @returns the identity, or UNAUTHORIZED without a reason, or SERVICE_UNAVAILABLE.
 */
export async function verifyToken(token: string, env: Env): Promise<Verified<Identity>> {
  const verified = await verifyBearer(token, env);
  if (!verified.ok) return verified;
  const { body } = verified;
  return body.kind === "user" ? { ok: true, body: body.identity } : refuse("audience");
}

/**
 * Verifies a bearer token: signature, pinned algorithm, required expiry, issuer and audience if configured, and the
 * claims of a person or a server.
 * @returns whose it is, or UNAUTHORIZED without a reason, or SERVICE_UNAVAILABLE if nothing is configured or the key
 *   set cannot be fetched.
 */
export async function verifyBearer(token: string, env: Env): Promise<Verified<Bearer>> {
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
  return isForServers(claims, serverAudience(env)) ? serverOf(claims, env) : await userOf(claims, env);
}

async function verifiedClaims(token: string, verifier: Verifier, env: Env): Promise<JWTPayload> {
  const known = verifier.checked.claimsOf(token, Date.now());
  if (known) return known;
  const { payload } = await jwtVerify(token, verifier.getKey, {
    algorithms: verifier.algorithms,
    requiredClaims: ["exp"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    // The audience is checked afterwards: it says whether the token is a user's or a server's.
    ...(env.JWT_ISSUER ? { issuer: env.JWT_ISSUER } : {}),
  });
  verifier.checked.add(token, payload, Date.now());
  return payload;
}

/** The server of a verified token. */
function serverOf(claims: JWTPayload, env: Env): Verified<Bearer> {
  const expected = { audience: serverAudience(env), issuer: env.JWT_ISSUER };
  const read = readServerClaims(claims, expected, Date.now());
  if ("refused" in read) return refuse(read.refused);
  return { ok: true, body: { kind: "server", credential: read.credential } };
}

/** The person of a verified token. */
async function userOf(claims: JWTPayload, env: Env): Promise<Verified<Bearer>> {
  if (env.JWT_AUDIENCE && ![claims.aud].flat().includes(env.JWT_AUDIENCE)) return refuse("audience");
  const names = { username: env.JWT_USERNAME_CLAIM, name: env.JWT_NAME_CLAIM, photo: env.JWT_PHOTO_CLAIM };
  const read = readClaims(claims, names, Date.now());
  if ("refused" in read) return refuse(read.refused);
  const userId = await userIdOf(read.person, env.IDENTITY_SECRET);
  if (typeof userId !== "string") {
    log("error", "auth.misconfigured", { reason: userId.misconfigured });
    return refuse("id_needs_identity_secret");
  }
  return {
    ok: true,
    body: { kind: "user", identity: identityOf(withAllowedPhoto(read.person, env), userId) },
  };
}

function withAllowedPhoto(person: TokenPerson, env: Env): TokenPerson {
  const { profile_photo_url } = person;
  const isAllowed = profile_photo_url === null || isPhotoAllowed(profile_photo_url, photoHosts(env));
  return isAllowed ? person : { ...person, profile_photo_url: null };
}

/** @returns a refusal of any kind of credential. */
export function refuse(reason: TokenRefusal): { ok: false; error: Failure; reason: TokenRefusal } {
  return { ok: false, error: failure("UNAUTHORIZED", "Invalid token"), reason };
}

function refusalOf(error: unknown): Verified<never> {
  const reason = reasonOf(error);
  if (reason !== undefined) return refuse(reason);
  log("error", "auth.keys_unavailable", { ...errorFields(error) });
  return { ok: false, error: failure("SERVICE_UNAVAILABLE") };
}

/** Why a token is refused; undefined if the cause is on our side, such as an unavailable key set. */
function reasonOf(error: unknown): TokenRefusal | undefined {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return "algorithm";
  // jose throws this if a key does not fit the algorithm.
  if (error instanceof TypeError) return "wrong_key";
  if (!(error instanceof errors.JOSEError)) return undefined;
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return undefined;
  // jose has no error class of its own for a key set response that is not 200 or not JSON.
  if (error.code === errors.JOSEError.code) return undefined;
  const isMalformed = error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid;
  return isMalformed ? "malformed" : "wrong_key";
}

function reasonOfClaim(claim: string): TokenRefusal {
  switch (claim) {
    case "iss":
      return "issuer";
    case "exp":
      return "no_exp";
    case "nbf":
      return "not_yet_valid";
    default:
      return "malformed";
  }
}
