/** Development tokens: signed with the local secret, for users whose id follows from their name. */
import { SignJWT } from "jose";

/** How long a token lasts, in seconds: a week. */
const LIFETIME_S = 7 * 24 * 3600;

/** The id of a development user. @param hash the SHA-256 of {@link hashedName}, in hexadecimal digits. */
export function idOfHash(hash: string): string {
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** What the id of a name is made from. */
export function hashedName(name: string): string {
  return `rocket-dev:${name}`;
}

/** The name that others see. */
export function displayName(name: string): string {
  return `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;
}

/** A token that the local server accepts. @param seconds how long it lasts. */
export async function signToken(
  user: { name: string; user_id: string },
  secret: string,
  seconds = LIFETIME_S,
): Promise<string> {
  return await new SignJWT({ username: user.name, display_name: displayName(user.name) })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user.user_id)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(secret));
}
