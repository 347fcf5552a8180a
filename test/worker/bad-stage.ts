/** The stage of the tables of bad input: conversations that must not change, and sockets that must hear nothing. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { newAttachmentId } from "@rocket-chat-api/protocol";
import { expect, vi } from "vitest";
import { PNG, sendFile, upload } from "./attachments-kit.ts";
import type { Bad } from "./bad-kit.ts";
import { read } from "./checks.ts";
import { checkAnswer } from "./contract.ts";
import {
  type Answer,
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  group,
  type Person,
  people,
  request,
  say,
  type TestSocket,
} from "./kit.ts";
import { serverToken } from "./server-kit.ts";

/** Two conversations of ann and bob and one of bob and eve, what was said there, and sockets that are in good health. */
async function build() {
  const [ann, bob, eve] = await people("ann", "bob", "eve");
  const ids = {
    direct: await direct(ann, bob),
    group: await group(ann, [bob]),
    foreign: await direct(bob, eve),
  };
  const said = await say(ann, ids.direct, "said by ann");
  const heard = await say(bob, ids.direct, "said by bob");
  const gone = await say(ann, ids.direct, "deleted by ann");
  await api(ann, "DELETE", `/messages/${gone.message_id}?delete_for_everyone=true`);
  const secret = await say(bob, ids.foreign, "a secret");
  const picture = await sendFile(ann, ids.group);
  const { messages } = (await api(ann, "GET", `/conversations/${ids.group}/messages`)).body;
  const names: Record<string, string> = {
    ...ids,
    server: (await serverToken()).token,
    ann: ann.user_id,
    bob: bob.user_id,
    eve: eve.user_id,
    said: said.message_id,
    heard: heard.message_id,
    gone: gone.message_id,
    secret: secret.message_id,
    picture: picture.message_id,
    photo: picture.attachment_id,
    note: messages.at(-1).message_id,
    later: `${ids.direct.slice(0, 24)}0000000fffff`,
    unsent: await upload(ann, ids.group, PNG),
    hers: await upload(bob, ids.group, PNG),
    noPhoto: newAttachmentId(ids.group),
    foreignPhoto: newAttachmentId(ids.foreign),
    anothers: bob.token,
  };
  // Ann's first: her presence is then told to nobody who listens.
  const healthy = [await connect(ann), await connect(bob)];
  for (const id of [ids.direct, ids.group]) healthy.push(await connectTo(bob, id));
  return { ann, bob, eve, ids, names, healthy };
}
type Setting = Awaited<ReturnType<typeof build>>;

/** The setting, and how it was when last looked at. */
export interface Stage extends Setting {
  before: Awaited<ReturnType<typeof settled>>;
}

/** Builds a stage, and waits until it has come to rest. */
export async function setStage(): Promise<Stage> {
  const setting = await build();
  return { ...setting, before: await settled(setting) };
}

/** Puts what is on the stage in the place of its names. */
export function fill({ names }: Stage, text: string): string {
  return text.replaceAll(/:([a-zA-Z]+)/g, (match, name: string) => names[name] ?? match);
}

/** Does what a row says. Fails if the answer is not one that the route describes. */
export async function send(at: Stage, [method, path, body, , more = {}]: Bad): Promise<Answer> {
  const own = { authorization: `Bearer ${at.ann.token}`, "content-type": "application/json", ...more };
  const headers = { ...own, authorization: fill(at, own.authorization) };
  const filled = fill(at, /^\/ws\b(?!\/ticket)/.test(path) ? path : `/api/v1${path}`);
  const json = typeof body === "string" ? body : JSON.stringify(body);
  const init = { method, headers, ...(json === undefined ? {} : { body: fill(at, json) }) };
  const answer = await read(await request(filled, init));
  checkAnswer(method, filled, answer.status, answer.body);
  return answer;
}

/** Tables of the directory, and by what their rows are somebody's. */
const DIRECTORY = {
  users: "user_id",
  direct_pairs: "substr(pair, 1, 36) IN ids OR substr(pair, 38)",
  conversations: "conversation_id",
  members: "user_id",
  messages: "conversation_id",
  hidden: "user_id",
  preferences: "user_id",
  flushes: "conversation_id",
  attachments: "uploader_id",
};

/** Everything that is stored about the stage: the conversations' own tables, the directory's rows, and the lists. */
async function stored({ ann, bob, eve, ids }: Setting) {
  const keys = [...Object.values(ids), ...[ann, bob, eve].map((person) => person.user_id)];
  const rows = Object.entries(DIRECTORY).map(([table, owner]) =>
    env.DB.prepare(
      `WITH ids AS (SELECT value FROM json_each(?)) SELECT * FROM ${table} WHERE ${owner} IN ids`,
    ).bind(JSON.stringify(keys)),
  );
  const directory = (await env.DB.batch(rows)).map(({ results }) => results);
  const objects = await Promise.all(Object.values(ids).map(tablesOf));
  const lists = await Promise.all([ann, bob].map((person) => shownTo(person, ids)));
  return { directory, objects, lists };
}

async function tablesOf(conversationId: string) {
  return await runInDurableObject(conversationObject(conversationId), (_, { storage: { sql } }) => {
    const tables = sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
      )
      .toArray();
    return tables.map(({ name }) => [name, sql.exec(`SELECT * FROM "${name}"`).toArray()]);
  });
}

async function shownTo(who: Person, ids: Stage["ids"]) {
  const paths = [
    "/conversations",
    "/users/me",
    ...[ids.direct, ids.group].map((id) => `/conversations/${id}`),
  ];
  return await Promise.all(paths.map(async (path) => (await api(who, "GET", path)).body));
}

/** What a socket has heard, but for its unread totals: they come half a second after what changed them. */
function heardBy(socket: TestSocket) {
  return socket.events.filter(({ type }) => type !== "unread.total");
}

/** What is stored and what was heard, once the stage has come to rest: receipts and presences come by themselves. */
async function settled(at: Setting) {
  let before = "";
  const heard = () => at.healthy.map((socket) => heardBy(socket).length);
  await vi.waitUntil(
    async () => {
      const now = JSON.stringify([await stored(at), heard()]);
      const isSame = now === before;
      before = now;
      return isSame;
    },
    { timeout: 5_000, interval: 20 },
  );
  return { stored: await stored(at), heard: heard() };
}

/** Fails if anything was stored or heard since the last time. */
export async function expectUndisturbed(at: Stage): Promise<void> {
  const { before, healthy } = at;
  at.before = { stored: await stored(at), heard: healthy.map((socket) => heardBy(socket).length) };
  expect(at.before.stored).toEqual(before.stored);
  expect(healthy.map((socket, i) => heardBy(socket).slice(before.heard[i]))).toEqual(healthy.map(() => []));
}

/** Every healthy socket is asked something, and hears what is said now and nothing before it. */
export async function expectHealth(at: Stage): Promise<void> {
  const { bob, ids, healthy, before } = at;
  for (const [i, socket] of healthy.entries()) {
    const id = i === 3 ? ids.group : ids.direct;
    expect(await socket.ask({ type: "typing.stop", conversation_id: id })).toMatchObject({ type: "ack" });
    const { message_id } = await say(bob, id, "still well");
    await socket.heard((event) => event.type === "message.new" && event.data.message_id === message_id);
    const since = heardBy(socket).slice(before.heard[i]).map(summary);
    expect(since.filter((what) => !/^(ack|message\.receipt|message\.new: still well)$/.test(what))).toEqual(
      [],
    );
  }
  at.before = await settled(at);
}

function summary(event: TestSocket["events"][number]): string {
  return event.type === "message.new" ? `message.new: ${event.data.content}` : event.type;
}
