/** Development tokens: signed with the local secret, for users whose id follows from their name. */
import { createHash } from "node:crypto";
import { SignJWT } from "jose";

/** The id of a development user: always the same for a name. */
export function devUserId(name: string): string {
  const hex = createHash("sha256").update(`rocket-dev:${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A token that the local server accepts. @param seconds how long it lasts. */
export async function devToken(name: string, secret: string, seconds = 7 * 24 * 3600): Promise<string> {
  return await new SignJWT({ username: name, display_name: name[0]?.toUpperCase() + name.slice(1) })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(devUserId(name))
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(secret));
}
