/** People by the claims of their tokens. */

import { type Me, Me as MeSchema } from "@rocket-chat-api/protocol";
import { expect } from "vitest";
import { read, type workerWith } from "./checks.ts";
import { type Answer, api, type Person, sign } from "./kit.ts";

/** A secret that is not the tests' own. */
export const SECRET = "another secret of more than 32 bytes";

export const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
export const bearer = (token: string): Person => ({ user_id: "", username: "", token });

/** What `GET /users/me` answers to claims. */
export async function me(claims: Record<string, unknown>): Promise<Me> {
  const answer = await api(bearer(await sign(claims)), "GET", "/users/me");
  expect(answer.status).toBe(200);
  return MeSchema.parse(answer.body);
}

/** The same, of a Worker with other settings, to a token. */
export async function meAt(worker: ReturnType<typeof workerWith>, token: string): Promise<Answer> {
  return await read(await worker("/api/v1/users/me", { headers: { authorization: `Bearer ${token}` } }));
}

/** The id as the contract has it: version and variant are put into the text. */
export async function expectedId(secret: string, issuer: string, sub: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const hash = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`${issuer}\n${sub}`)));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = "89ab"[Number.parseInt(hex[16] ?? "", 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
