/** Somebody who leaves a word in every place where a person can leave one. */
import { SignJWT } from "jose";
import { SAMPLES } from "../attachments/samples.ts";

/** An answer. */
// biome-ignore lint/suspicious/noExplicitAny: what is looked at here is literal; the schemas are held elsewhere.
type Body = any;

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

/** Somebody with a token. */
export async function asker(secret: string, username: string, claims: object = {}): Promise<Asker> {
  const user_id = crypto.randomUUID();
  return { user_id, token: await sign(secret, { sub: user_id, username, ...claims }) };
}

/** The app's own backend. */
export async function backend(secret: string): Promise<Asker> {
  const scope = "users conversations messages moderation export stats";
  return { user_id: "", token: await sign(secret, { aud: "rocket-chat:server", sub: "backend", scope }) };
}

/** What is left of the scene to look at. */
export interface Scene {
  ada: Asker;
  bob: Asker;
  server: Asker;
  group: string;
  direct: string;
  /** What others have said, which must stay. */
  others: string[];
}

const text = (content: string, more: object = {}) => ({ type: "text", content, ...more });

/** Plants the word. @param textWord what the texts have: another word, where texts are to stay. */
export async function plant(url: string, secret: string, word: string, textWord: string): Promise<Scene> {
  const api = new Asking(url);
  const server = await backend(secret);
  const photo = { picture: `https://photos.example/${word}.png`, name: `Ada ${word}` };
  const ada = await asker(secret, word, photo);
  const [bob, cid] = [await asker(secret, "bob"), await asker(secret, "cid")];
  for (const one of [ada, bob, cid]) await api.ask(one, "GET", "/users/me");
  await api.ask(server, "PUT", `/server/users/${ada.user_id}`, { metadata: { crm: word } });
  await api.ask(server, "PUT", "/server/moderation/filters/names", {
    ...{ type: "words", action: "flag", match: "anywhere", entries: [textWord, word] },
  });
  const ids = [bob.user_id, cid.user_id];
  const { conversation_id: group } = await api.ask(ada, "POST", "/conversations/group", {
    ...{ name: `Ada ${word} and friends`, description: `of ${word}`, participant_ids: ids },
  });
  const { conversation_id: direct } = await api.ask(ada, "POST", "/conversations/direct", {
    user_id: bob.user_id,
  });
  const say = async (who: Asker, id: string, body: object): Promise<Body> =>
    await api.ask(who, "POST", `/conversations/${id}/messages`, body);
  for (let i = 0; i < 150; i++)
    await say(ada, group, text(`${textWord} number ${i}`, { client_message_id: `${word}-${i}` }));
  const first = await say(ada, group, text(`${textWord} first`, { metadata: { note: word } }));
  await api.ask(ada, "PUT", `/messages/${first.message_id}`, { content: `${textWord} second` });
  const reply = await say(bob, group, text("an answer", { reply_to_message_id: first.message_id }));
  const mention = await say(bob, group, text("hello there", { metadata: { mentions: [`@${word}`] } }));
  await api.ask(ada, "POST", `/messages/${mention.message_id}/reactions`, { emoji: "👍" });
  await api.ask(ada, "PUT", `/messages/${mention.message_id}/pin`);
  await api.ask(ada, "PUT", `/conversations/${group}`, { name: `The group of Ada ${word}` });
  await api.ask(ada, "PATCH", `/conversations/${group}/participants/${cid.user_id}`, { role: "admin" });
  const bytes = new TextEncoder().encode(`a file of ${textWord}\n`.repeat(50));
  await say(ada, group, await api.upload(ada, group, `${word}.txt`, bytes, "text/plain"));
  const png = SAMPLES["image/png"] ?? new Uint8Array();
  await say(ada, direct, await api.upload(ada, direct, `${word}.png`, png, "image/png"));
  await api.upload(ada, direct, `${word}-unsent.png`, png, "image/png");
  await say(ada, direct, text(`${textWord} in private`));
  const gone = await say(ada, direct, text(`${textWord} deleted`));
  await api.ask(ada, "DELETE", `/messages/${gone.message_id}?delete_for_everyone=true`);
  const read = { up_to_message_id: mention.message_id };
  await api.ask(bob, "PUT", `/conversations/${group}/read`, read);
  await api.ask(ada, "PUT", `/conversations/${group}/read`, read);
  const push = { platform: "android", provider: "fcm", token: `${word}:device`, locale: "en" };
  await api.ask(ada, "PUT", `/devices/${word}`, push).catch((error: unknown) => {
    if (!String(error).includes("SERVICE_UNAVAILABLE")) throw error;
  });
  await api.ask(ada, "PUT", `/blocks/${cid.user_id}`);
  await api.ask(ada, "POST", "/reports", {
    message_id: mention.message_id,
    reason: "spam",
    comment: `${word} says`,
  });
  await api.ask(bob, "POST", "/reports", { message_id: first.message_id, reason: "spam", comment: "look" });
  await api.ask(bob, "POST", "/reports", { user_id: ada.user_id, reason: "other" });
  await api.ask(ada, "PATCH", `/conversations/${group}/preferences`, { is_pinned: true });
  await api.ask(ada, "POST", "/ws/ticket");
  await api.ask(server, "PUT", `/server/moderation/bans/${ada.user_id}`, { reason: `${word} was rude` });
  await api.ask(server, "DELETE", `/server/moderation/bans/${ada.user_id}`);
  await api.ask(server, "POST", `/server/users/${ada.user_id}/export`);
  return { ada, bob, server, group, direct, others: [reply.message_id, mention.message_id] };
}
