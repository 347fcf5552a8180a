/** A person who leaves a word in every place where a person can leave one. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { pngChunk } from "../../attachments/pictures.ts";
import { bytes, SAMPLES } from "../../attachments/samples.ts";
import type { PushControl } from "../../push/control.ts";
import { type Asker, Asking, asker, type Body, backend } from "./asking.ts";

/** The words that are planted. */
export interface Words {
  /** What must be gone: names, and what the person has added. */
  name: string;
  /** What the person has written. Another word where texts are to stay. */
  text: string;
}

/** What is left of the scene to look at. */
export interface Scene {
  api: Asking;
  words: Words;
  ada: Asker;
  bob: Asker;
  cid: Asker;
  dee: Asker;
  server: Asker;
  group: string;
  direct: string;
  /** What others have said, which must stay. */
  others: string[];
}

/** Settings that the scene needs: what two people report is hidden, and strangers ask before they write. */
export const SCENE_SETTINGS = { REPORTS_HIDE_AFTER: "2", MESSAGE_REQUESTS: "on" };

const text = (content: string, more: object = {}) => ({ type: "text", content, ...more });

/** Sends a message. */
export async function say({ api }: Pick<Scene, "api">, who: Asker, id: string, body: object): Promise<Body> {
  return await api.ask(who, "POST", `/conversations/${id}/messages`, body);
}

/** Plants the words, all but those that wait to be delivered (late.ts). */
export async function plant(url: string, secret: string, words: Words, control: PushControl): Promise<Scene> {
  const api = new Asking(url);
  const server = await backend(secret);
  await filters(api, server);
  const photo = {
    picture: `https://photos.example/${words.name}.png`,
    name: `Ada-Lou ${words.name} (she/her)`,
  };
  const ada = await asker(api, secret, { sub: `idp|${words.name}`, username: words.name, ...photo });
  const [bob, cid, dee] = (await Promise.all(
    ["bob", "cid", "dee"].map((username) => asker(api, secret, { username })),
  )) as [Asker, Asker, Asker];
  await api.ask(server, "PUT", `/server/users/${ada.user_id}`, { metadata: { crm: words.name } });
  const group = await groupOf(api, ada, [bob, cid, dee], words);
  const direct = await directOf(api, ada, bob);
  await api.ask(bob, "POST", `/conversations/${direct}/accept`);
  const scene: Scene = { api, words, ada, bob, cid, dee, server, group, direct, others: [] };
  await phones(scene, control);
  await texts(scene);
  await files(scene);
  await moderated(scene, await asker(api, secret, { username: "eve" }));
  await reported(scene);
  await own(scene);
  await exported(scene, ada);
  await exported(scene, bob);
  return scene;
}

/** Filters of the app: they name nobody. */
async function filters(api: Asking, server: Asker): Promise<void> {
  for (const [name, action, word] of [
    ["masked", "mask", "darn"],
    ["flagged", "flag", "heck"],
  ]) {
    const filter = { type: "words", action, entries: [word] };
    await api.ask(server, "PUT", `/server/moderation/filters/${name}`, filter);
  }
}

async function groupOf(api: Asking, owner: Asker, others: Asker[], { name }: Words): Promise<string> {
  const { conversation_id } = await api.ask(owner, "POST", "/conversations/group", {
    name: `Ada ${name} and friends`,
    description: `of ${name}`,
    participant_ids: others.map(({ user_id }) => user_id),
  });
  const photo_url = `https://photos.example/groups/${name}.png`;
  await api.ask(owner, "PUT", `/conversations/${conversation_id}`, { photo_url });
  return conversation_id;
}

async function directOf(api: Asking, who: Asker, { user_id }: Asker): Promise<string> {
  return (await api.ask(who, "POST", "/conversations/direct", { user_id })).conversation_id;
}

/** Phones whose providers take nothing: what they are to be sent waits. */
async function phones({ api, words, ada, bob }: Scene, control: PushControl): Promise<void> {
  for (const provider of ["apns", "webpush"] as const)
    await control.answer({ provider, answer: { status: 500 } });
  const phone = () => ({ platform: "ios", provider: "apns", token: randomBytes(32).toString("hex") });
  await api.ask(bob, "PUT", "/devices/phone", { ...phone(), app_id: "com.example.chat" });
  await api.ask(ada, "PUT", `/devices/${words.name}`, { ...phone(), app_id: `com.example.${words.name}` });
  const { endpoint, keys } = await control.subscribe();
  const subscription = { endpoint: `${endpoint}${words.name}`, keys };
  await api.ask(ada, "PUT", "/devices/browser", { platform: "web", provider: "webpush", subscription });
  // Conversations hear of the phones.
  await sleep(2_000);
}

async function texts(scene: Scene): Promise<void> {
  const { api, words, ada, bob, cid, dee, group, direct } = scene;
  const { name, text: word } = words;
  for (let i = 0; i < 150; i++)
    await say(scene, ada, group, text(`${word} number ${i}`, { client_message_id: `${name}-${i}` }));
  const first = await say(scene, ada, group, text(`${word} first`, { metadata: { note: name } }));
  await api.ask(ada, "PUT", `/messages/${first.message_id}`, { content: `${word} second` });
  const reply = await say(scene, bob, group, text("an answer", { reply_to_message_id: first.message_id }));
  const mention = await say(scene, bob, group, text("hello", { metadata: { mentions: [`@${name}`] } }));
  await api.ask(bob, "PUT", `/messages/${mention.message_id}`, { content: "hello there" });
  scene.others.push(reply.message_id, mention.message_id);
  await api.ask(ada, "POST", `/messages/${mention.message_id}/reactions`, { emoji: "👍" });
  await api.ask(ada, "PUT", `/messages/${mention.message_id}/pin`);
  await api.ask(ada, "PUT", `/conversations/${group}`, { name: `The group of Ada ${name}` });
  await api.ask(ada, "PATCH", `/conversations/${group}/participants/${cid.user_id}`, { role: "admin" });
  await say(scene, ada, direct, text(`${word} in private`));
  const gone = await say(scene, ada, direct, text(`${word} gone`, { metadata: { note: name } }));
  await api.ask(ada, "PUT", `/messages/${gone.message_id}`, { content: `${word} deleted` });
  await api.ask(ada, "DELETE", `/messages/${gone.message_id}?delete_for_everyone=true`);
  const read = { up_to_message_id: mention.message_id };
  for (const who of [ada, bob]) await api.ask(who, "PUT", `/conversations/${group}/read`, read);
  // A request that nobody has accepted.
  await say(scene, ada, await directOf(api, ada, dee), text(`${word} asks`));
}

async function files({ api, words, ada, group, direct }: Scene): Promise<void> {
  const { name, text: word } = words;
  const upload = async (id: string, file: string, content: Uint8Array, type: string) =>
    await api.upload(ada, id, file, content, type);
  const note = bytes(`a file of ${word}\n`.repeat(50));
  await say({ api }, ada, group, await upload(group, `${name}.txt`, note, "text/plain"));
  const plain = SAMPLES["image/png"] ?? bytes();
  const noted = bytes(plain.subarray(0, 33), pngChunk("tEXt", bytes(`Author\0${name}`)), plain.subarray(33));
  await say({ api }, ada, direct, await upload(direct, `${name}.png`, noted, "image/png"));
  await upload(direct, `${name}-unsent.png`, noted, "image/png");
}

/** What a moderator writes, and what is written about one. */
async function moderated({ api, words, ada, bob, dee, group }: Scene, eve: Asker): Promise<void> {
  const { name, text: word } = words;
  const at = `/conversations/${group}`;
  await api.ask(ada, "PUT", `${at}/participants/${dee.user_id}/mute`, { reason: `${word} is annoyed` });
  await api.ask(ada, "PUT", `${at}/bans/${eve.user_id}`, { reason: `${word} is angry` });
  const other = (await api.ask(bob, "POST", "/conversations/group", {
    name: "Elsewhere",
    participant_ids: [ada.user_id, dee.user_id],
  })) as { conversation_id: string };
  await say({ api }, ada, other.conversation_id, text(`${word} elsewhere`));
  await api.ask(bob, "PUT", `/conversations/${other.conversation_id}/bans/${ada.user_id}`, {
    reason: `${name} is rude`,
    announce: true,
  });
}

async function reported(scene: Scene): Promise<void> {
  const { api, words, ada, bob, cid, server, group, others } = scene;
  const { name, text: word } = words;
  const report = async (who: Asker, target: object, comment = "look") =>
    await api.ask(who, "POST", "/reports", { ...target, reason: "spam", comment });
  await report(ada, { message_id: others[1] }, `${name} says`);
  const seen = await say(scene, ada, group, text(`${word} reported`));
  await report(bob, { message_id: seen.message_id });
  const hidden = await say(scene, ada, group, text(`${word} withheld`));
  for (const who of [bob, cid]) await report(who, { message_id: hidden.message_id });
  // The name stands in this snapshot, and the id does not: by then the conversation was renamed by another.
  await api.ask(cid, "PUT", `/conversations/${group}`, { name: `For ${name}` });
  for (let i = 0; i < 12; i++) await say(scene, bob, group, text(`between ${i}`));
  const between = await say(scene, cid, group, text("of no interest"));
  for (let i = 0; i < 6; i++) await say(scene, bob, group, text(`after ${i}`));
  await report(bob, { message_id: between.message_id });
  await report(bob, { user_id: ada.user_id });
  const { items } = await api.ask(server, "GET", "/server/moderation/queue?status=open&limit=100");
  const about = items.find((item: Body) => item.target.type === "user" && item.user?.user_id === ada.user_id);
  const item = about ?? items.find((one: Body) => JSON.stringify(one.target).includes(ada.user_id));
  const decision = { action: "warn", note: `${name} was warned` };
  await api.ask(server, "POST", `/server/moderation/queue/${item.item_id}`, decision);
  await say(scene, ada, group, text(`${word} darn`));
  await say(scene, ada, group, text(`${word} heck`));
  await api.ask(ada, "PATCH", "/users/me", { display_name: `Ada ${name} heck` });
}

/** What is nobody else's. */
async function own({ api, ada, cid, group }: Scene): Promise<void> {
  await api.ask(ada, "PUT", `/blocks/${cid.user_id}`);
  await api.ask(ada, "PATCH", `/conversations/${group}/preferences`, { is_pinned: true });
}

/** Has a person's data exported, and waits for the files. */
async function exported({ api, server }: Scene, { user_id }: Asker): Promise<void> {
  const { job_id } = await api.ask(server, "POST", `/server/users/${user_id}/export`);
  for (let i = 0; i < 100; i++) {
    const job = await api.ask(server, "GET", `/server/jobs/${job_id}`);
    if (job.status === "done") return;
    await sleep(200);
  }
  throw new Error("the export was not done in time");
}
