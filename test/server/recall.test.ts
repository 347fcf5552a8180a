/**
 * A conversation that goes back to a point in time (`npm run test:recall`). The local runtime has no such recovery, so the test does what
 * the platform does: it puts the object's storage back while the server is down. From there on the job of the real thing goes on, as
 * after a crash right then.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChatServer } from "@rocket-chat-api/server";
import { DevServer } from "../../scripts/serve.ts";
import { changeDirectory } from "./erase/files.ts";
import { ask, attempt, Device, keepStorage, type Person, person, putBack, until } from "./recall-kit.ts";

/** Where the cron trigger is fired by hand. */
const CRON = "/cdn-cgi/local/scheduled";
/** Longer than the directory lags. */
const LAG_MS = 3_000;
/** As `SPARE_NUMBERS`. */
const SPARE = 1_000_000;

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

const say = async (who: Person, id: string, content: string) =>
  await ask(server, who, "POST", `/conversations/${id}/messages`, { type: "text", content });

const tokenOf = async (who: Person): Promise<string> =>
  (await ask(server, who, "GET", "/sync?limit=100")).next_token;

interface Shown {
  seq: number;
  content: string;
  message_id: string;
  is_deleted: boolean;
}

async function historyOf(who: Person, id: string): Promise<Shown[]> {
  const { messages } = await ask(server, who, "GET", `/conversations/${id}/messages?limit=100`);
  return [...messages].sort((a: Shown, b: Shown) => a.seq - b.seq);
}

const textsOf = (messages: readonly Shown[]) =>
  messages.filter(({ content }) => content !== "").map(({ content }) => content);

/** The row of a job that has died after the object's storage was put back. */
function interruptedJob(conversation_id: string, head: number, to: number): { job_id: string; sql: string } {
  const job_id = randomUUID();
  const at = Date.now();
  const armed = { undo: "before", up_to: head + SPARE, rev: head + SPARE, forgotten: [], at };
  const cursor = JSON.stringify({ to, bookmark: "then", armed });
  const values = [job_id, "recover_conversation", conversation_id, "running"].map((text) => `'${text}'`);
  const sql = `INSERT INTO jobs (job_id, kind, subject, status, progress, cursor, created_at, updated_at)
    VALUES (${values.join(", ")}, 0.2, '${cursor}', ${at}, ${at - 600_000})`;
  return { job_id, sql };
}

describe("a conversation that goes back", () => {
  it("[RECALL-1] lists, search, unread, /sync and every client are right afterwards, and no number comes twice", async () => {
    const [ann, bob, dan, fay] = (await Promise.all(
      ["ann", "bob", "dan", "fay"].map((name) => person(server, chat, name)),
    )) as [Person, Person, Person, Person];
    const participant_ids = [bob.user_id, dan.user_id];
    const group = await ask(server, ann, "POST", "/conversations/group", { name: "Then", participant_ids });
    const id: string = group.conversation_id;
    const first = await say(ann, id, "apple one");
    for (const text of ["apple two", "apple three"]) await say(ann, id, text);
    const pear = await say(bob, id, "a pear");
    await say(dan, id, "canary of dan");
    await say(ann, id, "apple four");
    await sleep(LAG_MS);
    const [early, between, late] = [
      new Device(server, bob),
      new Device(server, bob),
      new Device(server, bob),
    ];
    const live = new Device(server, ann);
    const hasText = (device: Device, text: string) => () =>
      device.state(id)?.messages.some(({ content }) => content === text);
    const bring = async (device: Device, text: string) => {
      await device.start();
      await until(`a device shows ${text}`, hasText(device, text));
    };
    await bring(early, "apple four");
    await early.stop();
    const tokens = [await tokenOf(bob)];
    await sleep(500);

    await server.stop();
    const kept = keepStorage(server, id);
    const to = Date.now();
    await server.start();

    // What is forgotten.
    await say(ann, id, "apple forgotten 1");
    await ask(server, ann, "PUT", `/messages/${first.message_id}`, { content: "apple edited" });
    await bring(between, "apple edited");
    await between.stop();
    await sleep(LAG_MS);
    tokens.push(await tokenOf(bob));
    await ask(server, bob, "DELETE", `/messages/${pear.message_id}?delete_for_everyone=true`);
    await ask(server, ann, "POST", `/conversations/${id}/participants`, { user_id: fay.user_id });
    const forgotten = await say(fay, id, "apple forgotten 2 of fay");
    await ask(server, bob, "POST", `/messages/${first.message_id}/reactions`, { emoji: "👍" });
    await ask(server, ann, "PUT", `/messages/${first.message_id}/pin`);
    await ask(server, ann, "PUT", `/conversations/${id}`, { name: "Later" });
    await ask(server, bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: forgotten.message_id });
    await ask(server, bob, "PATCH", "/users/me", { display_name: "Bob of today" });
    await chat.eraseUser(dan.user_id, "erase");
    await until("dan is erased in the group", async () =>
      (await historyOf(ann, id)).every(({ content }) => content !== "canary of dan"),
    );
    await say(ann, id, "apple forgotten 3");
    await bring(late, "apple forgotten 3");
    await late.stop();
    assert.ok((await late.stored()).includes("apple forgotten 3"));
    await sleep(LAG_MS);
    tokens.push(await tokenOf(bob));
    const fayToken = await tokenOf(fay);
    const { seq: head } = await ask(server, ann, "GET", `/conversations/${id}`);
    const given = (await historyOf(ann, id)).map(({ seq }) => seq);

    await server.stop();
    putBack(kept);
    const job = interruptedJob(id, head, to);
    changeDirectory(server.state, job.sql);
    await server.start();
    // The cron trigger has not looked yet.
    await live.start();
    const inBetween = await say(ann, id, "said in between");
    assert.ok(inBetween.seq <= head, "it has a number that was given before");
    await fetch(server.url + CRON);
    const done = await until("the recovery is done", async () => {
      const one = await chat.job(job.job_id);
      return one.status === "running" ? undefined : one;
    });
    assert.deepEqual([done.status, done.recovery], ["done", { bookmark: "then", undo_bookmark: "before" }]);

    const messages = await historyOf(bob, id);
    const expected = ["apple one", "apple two", "apple three", "a pear", "apple four", "said in between"];
    assert.deepEqual(
      textsOf(messages.filter((one) => (one as never as { type: string }).type === "text")),
      expected,
    );
    const between2 = messages.find(({ content }) => content === "said in between");
    assert.ok(between2 && between2.seq > head + SPARE, "it has a number of its own now");
    const next = await say(bob, id, "apple since");
    assert.ok(next.seq > between2.seq && !given.includes(next.seq));
    const seqs = (await historyOf(bob, id)).map(({ seq }) => seq);
    assert.deepEqual(seqs, [...new Set(seqs)]);

    // The erased person is not back, and the names are those of today.
    const info = await ask(server, ann, "GET", `/conversations/${id}`);
    assert.equal(info.name, "Then");
    const people = info.participants.map((one: { display_name: string }) => one.display_name);
    assert.deepEqual(people.sort(), ["Bob of today", "ann"]);
    assert.equal((await ask(server, bob, "GET", "/search/messages?q=canary")).total, 0);

    await sleep(LAG_MS);
    const found = (await ask(server, bob, "GET", "/search/messages?q=apple")).results;
    const texts = found.map(({ content }: Shown) => content).sort();
    assert.deepEqual(texts, ["apple four", "apple one", "apple since", "apple three", "apple two"]);
    const [item] = (await ask(server, bob, "GET", "/conversations")).conversations;
    assert.deepEqual(
      [item.name, item.last_message.content, item.unread_count],
      ["Then", "apple since", 1],
      "bob has read all but what was said in between",
    );
    assert.equal((await ask(server, bob, "GET", "/unread")).messages, 1);

    // Who joined since is out, everywhere.
    assert.equal((await attempt(server, fay, "GET", `/conversations/${id}/messages`)).status, 403);
    assert.deepEqual((await ask(server, fay, "GET", "/conversations")).conversations, []);
    const left = await ask(server, fay, "GET", `/sync?since=${fayToken}`);
    assert.deepEqual(left.removed_conversation_ids, [id]);

    // Every token from before brings the newest page.
    for (const [i, token] of tokens.entries()) {
      const page = await ask(server, bob, "GET", `/sync?since=${token}`);
      const [{ changes }] = page.conversations;
      assert.deepEqual([changes.limited, page.limited], [true, false], `token ${i}`);
      assert.deepEqual(textsOf(changes.messages), textsOf(await historyOf(bob, id)), `token ${i}`);
    }
    const { conversations: again } = await ask(server, bob, "GET", `/sync?since=${await tokenOf(bob)}`);
    assert.deepEqual(again, []);

    // Every device, whatever it had.
    const whole = await historyOf(bob, id);
    for (const [name, device] of Object.entries({ early, between, late })) {
      await bring(device, "apple since");
      await until(`${name} shows what there is`, () => {
        const shown = device.state(id)?.messages ?? [];
        return JSON.stringify(textsOf(shown)) === JSON.stringify(textsOf(whole));
      });
      assert.equal(device.state(id)?.unread_count, 1, name);
      await device.stop();
      const stored = await device.stored();
      assert.ok(stored.includes("apple since"), `${name} has stored what there is`);
      assert.ok(!stored.includes("forgotten"), `${name} has stored nothing of it`);
    }
    await until("the live client shows what there is", () => {
      const shown = live.state(id)?.messages ?? [];
      return JSON.stringify(shown.map(({ seq }) => seq)) === JSON.stringify(seqs);
    });
    // What is said live comes once, in order.
    const last = await say(bob, id, "at last");
    await until("it comes", hasText(live, "at last"));
    assert.deepEqual(live.heard.filter(({ seq }) => seq === last.seq).length, 1);
    await live.stop();
  });
});
