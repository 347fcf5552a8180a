/** A directory that is lost in the middle of traffic, and `npm run rebuild`, which is killed on its way (`npm run test:rebuild`). */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual, promisify } from "node:util";
import { ChatServer, userToken } from "@rocket-chat-api/server";
import { DevServer } from "../../scripts/serve.ts";
import { programOf, ROOT } from "../../scripts/tools.ts";

/** Tables that are the directory's, with all that is in them. `d1_migrations` stays: the database is there, and empty. */
const TABLES = [
  ...["conversations", "members", "messages", "hidden", "flushes", "revision", "users", "user_names"],
  ...["direct_pairs", "preferences", "attachments", "blocks", "device_tokens", "api_keys", "jobs"],
];
const WORDS = ["apple", "pear"];
const PEOPLE = 12;

let server: DevServer;
let chat: ChatServer;
before(async () => {
  server = await DevServer.create({ RATE_LIMIT_MODE: "off" });
  chat = new ChatServer({ url: server.url, secret: server.secret });
});
after(async () => {
  await server?.stop();
  server?.dispose();
});

interface Person {
  name: string;
  user_id: string;
  token: string;
}

async function person(name: string): Promise<Person> {
  const { user_id } = await chat.putUser(`ext:${name}`, { username: name, display_name: name });
  return { name, user_id, token: await userToken({ secret: server.secret, sub: name, seconds: 3600 }) };
}

// biome-ignore lint/suspicious/noExplicitAny: the answers are compared as a whole.
async function ask(who: Person, method: string, path: string, body?: unknown): Promise<any> {
  const headers = { authorization: `Bearer ${who.token}`, "content-type": "application/json" };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/api/v1${path}`, init);
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

const say = (who: Person, id: string, content: string) =>
  ask(who, "POST", `/conversations/${id}/messages`, { type: "text", content });

/** Everything that a person is answered from the directory. */
async function answersOf(who: Person) {
  const { conversations: sync } = await ask(who, "GET", "/sync?limit=100");
  const byId = (one: { conversation: { conversation_id: string } }) => one.conversation.conversation_id;
  return {
    list: await ask(who, "GET", "/conversations?limit=100"),
    unread: await ask(who, "GET", "/unread"),
    searches: await Promise.all(WORDS.map((word) => ask(who, "GET", `/search/messages?q=${word}`))),
    sync: sync.sort((a: never, b: never) => (byId(a) < byId(b) ? -1 : 1)),
  };
}

/** The same of several people, once nothing changes any more: asking tells that messages have been delivered. */
async function settledAnswers(people: readonly Person[]) {
  for (let last: Awaited<ReturnType<typeof answersOf>>[] = []; ; await sleep(1_000)) {
    const answers = [];
    for (const who of people) answers.push(await answersOf(who));
    if (isDeepStrictEqual(answers, last)) return answers;
    last = answers;
  }
}

/** Empties the database beside the server that uses it. */
async function loseDirectory(): Promise<void> {
  const sql = [
    "INSERT INTO search_index (search_index) VALUES ('delete-all')",
    ...TABLES.map((table) => `DELETE FROM ${table}`),
  ].join("; ");
  await run(
    programOf("wrangler"),
    "d1",
    "execute",
    "DB",
    "--local",
    "--persist-to",
    server.state,
    "--command",
    sql,
  );
}

function rebuild(...flags: string[]): { child: ChildProcess; said: () => string } {
  const progress = join(server.state, "rebuild.json");
  const args = [
    "scripts/rebuild.ts",
    "--all",
    "--parallel",
    "1",
    "--url",
    server.url,
    "--progress",
    progress,
    ...flags,
  ];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, JWT_SECRET: server.secret },
  });
  let text = "";
  const take = (data: Buffer) => {
    text += data.toString();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  return { child, said: () => text };
}

/** Pairs and groups where everybody has said something, and what only D1 and a hub know of. */
async function stage() {
  const people: Person[] = [];
  for (let i = 0; i < PEOPLE; i++) people.push(await person(`quiet${i}`));
  const [first, second, third] = people as [Person, Person, Person];
  for (const [i, one] of people.entries()) {
    const others = people.filter((_, j) => j !== i);
    for (const other of others.slice(i, i + 4)) {
      const { conversation_id } = await ask(one, "POST", "/conversations/direct", { user_id: other.user_id });
      for (let n = 0; n < 3; n++) await say(one, conversation_id, `apple ${n} of ${one.name}`);
      await say(other, conversation_id, "a pear for an answer");
    }
    const participant_ids = others.map(({ user_id }) => user_id);
    const group = await ask(one, "POST", "/conversations/group", { name: `Group ${i}`, participant_ids });
    for (const who of people.slice(0, 5)) await say(who, group.conversation_id, "apple and pear");
  }
  await ask(second, "PUT", `/blocks/${third.user_id}`);
  return { people, first };
}

/** Two people who write all the time. */
function traffic(one: Person, id: string) {
  let last = "";
  let isOver = false;
  const work = (async () => {
    for (let n = 0; !isOver; n++) {
      const content = `busy ${n}`;
      await say(one, id, content);
      last = content;
      await sleep(30);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await work;
      return last;
    },
  };
}

describe("npm run rebuild", () => {
  it("[KEEP-20] killed and run again, gives a directory that was lost in the middle of traffic everything back", async () => {
    const { people, first } = await stage();
    const [writer, reader] = [await person("writer"), await person("reader")];
    const { conversation_id: busy } = await ask(writer, "POST", "/conversations/direct", {
      user_id: reader.user_id,
    });
    const before = await settledAnswers(people);
    const { next_token } = await ask(first, "GET", "/sync?limit=100");

    const writing = traffic(writer, busy);
    await sleep(500);
    await loseDirectory();
    await sleep(500);

    const killed = rebuild();
    while (!killed.said().includes("conversations: 20 of")) {
      assert.equal(killed.child.exitCode, null, killed.said());
      await sleep(5);
    }
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");

    const again = rebuild();
    const [code] = await once(again.child, "exit");
    const last = await writing.stop();
    assert.equal(code, 0, again.said());
    assert.match(again.said(), /^Going on with what/);
    assert.match(again.said(), /Done\.\n$/);
    assert.ok(!existsSync(join(server.state, "rebuild.json")));

    const limited = await ask(first, "GET", `/sync?limit=100&since=${next_token}`);
    assert.equal(limited.limited, true);
    for (const [i, who] of people.entries()) assert.deepEqual(await answersOf(who), before[i], who.name);
    await sleep(2_500);
    const [item] = (await ask(reader, "GET", "/conversations")).conversations;
    assert.equal(item.last_message.content, last);
    assert.equal(item.unread_count, Number(last.slice(5)) + 1);
    // Rule 7 and a block survive, too.
    const pair = await ask(writer, "POST", "/conversations/direct", { user_id: reader.user_id });
    assert.equal(pair.conversation_id, busy);
    const blocked = await ask(people[1] as Person, "GET", "/blocks");
    assert.equal(blocked.blocks.length, 1);
  });

  it("[KEEP-21] a backup that was restored, and a rebuild after it: what was D1's own is there, and what came since", async () => {
    const [one, other] = [await person("before"), await person("since")];
    const { conversation_id } = await ask(one, "POST", "/conversations/direct", { user_id: other.user_id });
    await say(one, conversation_id, "an apple of before");
    await ask(one, "PATCH", `/conversations/${conversation_id}/preferences`, { is_pinned: true });
    const file = join(server.state, "backup.sql");
    await script("backup", "--output", file);
    await say(other, conversation_id, "an apple since");
    const { next_token } = await ask(one, "GET", "/sync?limit=100");
    await sleep(2_500);
    await loseDirectory();
    // What an interrupted rebuild of before has noted is no longer so.
    writeFileSync(join(ROOT, ".rebuild.json"), "{}");
    await script("restore", file, "--yes");
    assert.ok(!existsSync(join(ROOT, ".rebuild.json")), "[KEEP-31]");
    const whole = rebuild("--restart");
    const [code] = await once(whole.child, "exit");
    assert.equal(code, 0, whole.said());
    const [item] = (await ask(one, "GET", "/conversations")).conversations;
    assert.equal(item.is_pinned, true);
    assert.equal(item.last_message.content, "an apple since");
    assert.equal((await ask(one, "GET", "/search/messages?q=apple")).total, 2);
    assert.equal((await ask(one, "GET", `/sync?limit=100&since=${next_token}`)).limited, true);
  });
});

/** Runs a script of operators on the server's own data. */
async function script(name: string, ...args: string[]): Promise<void> {
  await run(`scripts/${name}.ts`, ...args, "--persist-to", server.state);
}

/** Not execFileSync: this process would not notice that the server closes a connection that it keeps for the next request. */
async function run(...command: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, command, { cwd: ROOT });
}
