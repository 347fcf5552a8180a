/** Signs socket tickets, so that a forged ticket does not wake an object (rule 4). */
import { base64url } from "jose";
import type { Env } from "../env.ts";

const ALGORITHM = { name: "HMAC", hash: "SHA-256" } as const;
const PURPOSE = "socket ticket\n";

const keys = new Map<string, Promise<CryptoKey>>();

/**
 * The signing key of this deployment. It includes an object's id, which only this Worker knows. That also works without
 * `JWT_SECRET`.
 */
async function keyOf(env: Env): Promise<CryptoKey> {
  const material = `${env.JWT_SECRET ?? ""}\n${env.USER_HUB.idFromName("socket tickets")}`;
  const key =
    keys.get(material) ??
    crypto.subtle.importKey("raw", encode(material), ALGORITHM, false, ["sign", "verify"]);
  keys.set(material, key);
  return await key;
}

/** Signs a ticket. @param ticket from the user's hub: the user's id, a dot, and random text. */
export async function signTicket(env: Env, ticket: string): Promise<string> {
  const signature = await crypto.subtle.sign(ALGORITHM, await keyOf(env), encode(PURPOSE + ticket));
  return `${ticket}.${base64url.encode(new Uint8Array(signature))}`;
}

/** Verifies a ticket. @returns its user and the hub's part of it, or undefined. */
export async function readTicket(
  env: Env,
  signed: string,
): Promise<{ user_id: string; ticket: string } | undefined> {
  const [, ticket, user_id, signature] = /^(([^.]{1,64})\.[0-9a-f-]{36})\.([\w-]{43})$/.exec(signed) ?? [];
  if (ticket === undefined || user_id === undefined || signature === undefined) return undefined;
  const bytes = new Uint8Array(base64url.decode(signature));
  const isOurs = await crypto.subtle.verify(ALGORITHM, await keyOf(env), bytes, encode(PURPOSE + ticket));
  return isOurs ? { user_id, ticket } : undefined;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}
