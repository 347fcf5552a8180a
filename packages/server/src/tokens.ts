/** Makes tokens with the secret that the service verifies them by (`JWT_SECRET`), by the platform's own cryptography. */
import {
  DEFAULT_SERVER_AUDIENCE,
  type GrantedScope,
  MAX_SERVER_TOKEN_SECONDS,
} from "@rocket-chat-api/protocol/facts";

/** What both kinds of tokens take. */
interface TokenOptions {
  /** `JWT_SECRET` of the service. */
  secret: string;
  /** `JWT_ISSUER` of the service, if it has one. */
  issuer?: string | undefined;
  /** Seconds that the token is valid for: an hour. A server token lasts a day at most. */
  seconds?: number | undefined;
}

/** A server token. */
export interface ServerTokenOptions extends TokenOptions {
  scopes: readonly GrantedScope[];
  /** Names your backend in the service's log, and has a budget of its own. */
  subject?: string | undefined;
  /** `JWT_SERVER_AUDIENCE` of the service, if it is not the usual one. */
  audience?: string | undefined;
}

/** A token for one of your users. */
export interface UserTokenOptions extends TokenOptions {
  /** The id that you know the user by. As a server you name them `ext:<sub>`, or by this if it is a UUID. */
  sub: string;
  username?: string | undefined;
  display_name?: string | undefined;
  profile_photo_url?: string | undefined;
  /** `JWT_AUDIENCE` of the service, if it has one. */
  audience?: string | undefined;
}

const HOUR = 3_600;

function encode(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const encodeJson = (value: object) => encode(new TextEncoder().encode(JSON.stringify(value)));

/** Signs claims with HS256 (RFC 7515). What is undefined among them is left out. */
async function sign(claims: object, secret: string): Promise<string> {
  const text = `${encodeJson({ alg: "HS256", typ: "JWT" })}.${encodeJson(claims)}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return `${text}.${encode(new Uint8Array(signature))}`;
}

/**
 * Makes a token for your backend. It is a secret: never let it reach a browser.
 * @throws RangeError if it would last longer than a day.
 */
export async function serverToken(options: ServerTokenOptions): Promise<string> {
  const { secret, scopes, issuer, subject, audience = DEFAULT_SERVER_AUDIENCE, seconds = HOUR } = options;
  if (seconds > MAX_SERVER_TOKEN_SECONDS) throw new RangeError("a server token lasts a day at most");
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    sub: subject,
    aud: audience,
    scope: scopes.join(" "),
    iat,
    exp: iat + seconds,
  };
  return await sign(claims, secret);
}

/** Makes a token for one of your users, to hand to their app. */
export async function userToken(options: UserTokenOptions): Promise<string> {
  const { secret, issuer, audience, seconds = HOUR, ...profile } = options;
  const iat = Math.floor(Date.now() / 1000);
  return await sign({ iss: issuer, aud: audience, ...profile, iat, exp: iat + seconds }, secret);
}
