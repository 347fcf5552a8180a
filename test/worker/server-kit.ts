/** The app's own backend, as tests have it: server tokens, API keys, and requests with them. */
import { env } from "cloudflare:workers";
import { SCOPES } from "@rocket-chat-api/protocol";
import { type Answer, api, type Person, sign } from "./kit.ts";

/** A credential as a bearer; `api` takes it like a person. */
export type Backend = Person;

const asBackend = (token: string): Backend => ({ user_id: "", username: "", token });

/** A server token with these scopes. @param claims what it says besides. */
export async function serverToken(
  scope: string = SCOPES.join(" "),
  claims: Record<string, unknown> = {},
  expiresAt?: number,
): Promise<Backend> {
  const all = { aud: "rocket-chat:server", sub: "shop-backend", scope, ...claims };
  return asBackend(await sign(all, expiresAt === undefined ? {} : { expiresAt }));
}

const hex = (bytes: ArrayBuffer) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Makes an API key, as `npm run keys -- create` does. */
export async function apiKey(scopes = "*"): Promise<Backend & { key_id: string }> {
  const key_id = crypto.randomUUID().slice(0, 8);
  const random = crypto.getRandomValues(new Uint8Array(32));
  const secret = btoa(String.fromCharCode(...random))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  const hash = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
  await env.DB.prepare(
    "INSERT INTO api_keys (key_id, hash, scopes, name, created_at) VALUES (?, ?, ?, '', ?)",
  )
    .bind(key_id, hash, scopes, Date.now())
    .run();
  return { ...asBackend(`rck_${key_id}_${secret}`), key_id };
}

/** Revokes a key, as `npm run keys -- revoke` does. */
export async function revokeKey({ key_id }: { key_id: string }): Promise<void> {
  await env.DB.prepare("UPDATE api_keys SET revoked_at = ? WHERE key_id = ?").bind(Date.now(), key_id).run();
}

/** A request of the backend in a user's name. @param user an id, or `ext:<sub>`. */
export async function asUser(
  backend: Backend,
  user: string | Pick<Person, "user_id">,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const name = typeof user === "string" ? user : user.user_id;
  return await api(backend, method, path, body, { "x-act-as": encodeURIComponent(name), ...headers });
}
