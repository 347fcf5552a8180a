/** Asks a running server as people, and as the app's own backend. */
import { SignJWT } from "jose";

/** An answer. */
// biome-ignore lint/suspicious/noExplicitAny: what is looked at here is literal; the schemas are held elsewhere.
export type Body = any;

/** Who asks. */
export interface Asker {
  user_id: string;
  token: string;
}

/** Asks the server as somebody. Fails unless the answer is a success. */
export class Asking {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async ask(who: Asker, method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${who.token}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  async upload(who: Asker, conversation_id: string, file_name: string, bytes: Uint8Array, mime_type: string) {
    const attachment_type = mime_type.startsWith("image/") ? "image" : "file";
    const wanted = { conversation_id, file_name, file_size: bytes.length, mime_type, attachment_type };
    const { upload_url, attachment_id } = await this.ask(
      who,
      "POST",
      "/messages/attachments/upload-url",
      wanted,
    );
    const put = await fetch(upload_url, {
      method: "PUT",
      headers: { "content-type": mime_type },
      body: new Uint8Array(bytes),
    });
    if (!put.ok) throw new Error(`the upload failed: ${put.status}`);
    return { attachment_id, type: attachment_type };
  }
}

async function sign(secret: string, claims: Record<string, unknown>): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt()
    .setExpirationTime("12h")
    .sign(new TextEncoder().encode(secret));
}

/** Somebody whom the server knows. @param sub the identity provider's id. */
export async function asker(
  api: Asking,
  secret: string,
  { sub = crypto.randomUUID(), ...claims }: { sub?: string; username: string } & Record<string, unknown>,
): Promise<Asker> {
  const token = await sign(secret, { sub, ...claims });
  const { user_id } = await api.ask({ user_id: sub, token }, "GET", "/users/me");
  return { user_id, token };
}

/** The app's own backend. */
export async function backend(secret: string): Promise<Asker> {
  const scope = "users conversations messages moderation export stats";
  return { user_id: "", token: await sign(secret, { aud: "rocket-chat:server", sub: "backend", scope }) };
}
