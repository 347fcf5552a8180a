import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { Message } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import type { ModerationNote } from "../../src/domain/moderation-note.ts";
import { atTime, expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connectTo, conversationObject, group, type Person, people, person, say } from "./kit.ts";
import { asUser, serverToken } from "./server-kit.ts";
import { usageOf } from "./usage.ts";

const at = (id: string, path = "") => `/conversations/${id}${path}`;
const server = (id: string, path: string) => `/server/conversations/${id}${path}`;
const inFuture = (ms: number) => new Date(Date.now() + ms).toISOString();
const ban = (by: Person, id: string, who: Person, input: object = {}) =>
  api(by, "PUT", at(id, `/bans/${who.user_id}`), input);

/** Reads the object of a conversation by SQL. */
async function rowsOf<T>(id: string, query: string): Promise<T[]> {
  return await runInDurableObject(
    conversationObject(id),
    (_, state) => state.storage.sql.exec(query).toArray() as T[],
  );
}

/** What stands in the log of moderation, the oldest first. */
async function notesOf(id: string): Promise<ModerationNote[]> {
  const rows = await rowsOf<{ note: string }>(id, "SELECT note FROM moderation_notes ORDER BY id");
  return rows.map(({ note }) => JSON.parse(note));
}

/** Messages of a sender that are not deleted. */
const leftOf = async (id: string, who: Person) =>
  (
    await rowsOf<{ n: number }>(
      id,
      `SELECT count(*) AS n FROM messages WHERE sender_id = '${who.user_id}' AND type <> 'system' AND deleted_at IS NULL`,
    )
  )[0]?.n;

/** A group of Ann's with a moderator and a member. */
async function moderated() {
  const [ann, mia, bob] = await people("ann", "mia", "bob");
  const id = await group(ann, [mia, bob]);
  await api(ann, "PATCH", at(id, `/participants/${mia.user_id}`), { role: "moderator" });
  return { ann, mia, bob, id };
}

async function saysMuch(id: string, who: Person, messages: number): Promise<void> {
  await Promise.all(Array.from({ length: messages }, (_, i) => say(who, id, `spam ${i}`)));
}

afterEach(() => {
  faults.d1Down = false;
});

describe("the log of moderation", () => {
  it("[ROOM-50] each act of a moderator is noted in its turn, whether the history tells of it or not", async () => {
    const { mia, bob, id } = await moderated();
    const until = inFuture(60_000);
    const said = await say(bob, id, "spam");
    faults.d1Down = true;
    await api(mia, "DELETE", `/messages/${said.message_id}?delete_for_everyone=true`);
    await api(mia, "PUT", at(id, `/participants/${bob.user_id}/mute`), { until, reason: "Spam" });
    await api(mia, "PUT", at(id, `/participants/${bob.user_id}/mute`), { until, reason: "Spam" });
    await api(mia, "DELETE", at(id, `/participants/${bob.user_id}/mute?announce=true`));
    await ban(mia, id, bob, { delete_messages: "day" });
    await api(mia, "DELETE", at(id, `/bans/${bob.user_id}`));
    const who = { actor_id: mia.user_id, target_id: bob.user_id, seq: null, reason: null };
    expect(await notesOf(id)).toEqual([
      { ...who, action: "room.delete_message", at: expect.any(Number), seq: said.seq, details: {} },
      { ...who, action: "room.mute", at: expect.any(Number), reason: "Spam", details: { until } },
      { ...who, action: "room.unmute", at: expect.any(Number), details: {} },
      {
        ...{ ...who, action: "room.ban", at: expect.any(Number) },
        details: { until: null, delete_messages: "day" },
      },
      { ...who, action: "room.unban", at: expect.any(Number), details: {} },
    ]);
  });

  it("[ROOM-51] who deletes what they said themselves moderates nothing", async () => {
    const { bob, mia, id } = await moderated();
    // What is noted stays in the rows until the directory has it.
    faults.d1Down = true;
    for (const who of [bob, mia]) {
      const { message_id } = await say(who, id, "mine");
      await api(who, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    }
    expect(await notesOf(id)).toEqual([]);
  });
});

describe("a ban that deletes many messages", () => {
  it("[ROOM-52] deletes the newest at once and the rest by its alarm, in batches, also after the object died", async () => {
    const { ann, mia, bob, id } = await moderated();
    await saysMuch(id, bob, 90);
    await say(ann, id, "between");
    await saysMuch(id, bob, 60);
    const answer = await ban(mia, id, bob, { delete_messages: "all" });
    expect(answer.status).toBe(201);
    await abortAllDurableObjects();
    expect(await leftOf(id, bob)).toBeGreaterThan(0);
    const rang = await runDurableObjectAlarm(conversationObject(id));
    expect(rang).toBe(true);
    expect(await leftOf(id, bob)).toBe(0);
    expect(await rowsOf(id, "SELECT * FROM purges")).toEqual([]);
    expect(await leftOf(id, ann)).toBe(1);
    const { body } = await api(ann, "GET", at(id, "/messages?limit=100"));
    expect(body.messages.every((one: Message) => one.is_deleted || one.sender.user_id === ann.user_id)).toBe(
      true,
    );
  });

  it("[ROOM-53] a follower hears each deletion in order, and what others say meanwhile stays", async () => {
    const { ann, mia, bob, id } = await moderated();
    await saysMuch(id, bob, 150);
    const socket = await connectTo(ann, id);
    const [answer] = await Promise.all([
      ban(mia, id, bob, { delete_messages: "all" }),
      ...Array.from({ length: 5 }, (_, i) => say(ann, id, `meanwhile ${i}`)),
    ]);
    expect(answer.status).toBe(201);
    await expect.poll(() => leftOf(id, bob), { timeout: 10_000 }).toBe(0);
    await expect.poll(() => socket.all("message.deleted").length).toBe(150);
    const numbers = socket.events.flatMap((event) => ("seq" in event && event.seq ? [event.seq] : []));
    const heard = [...new Set(numbers)].sort((a, b) => a - b);
    expect(numbers).toEqual(heard);
    expect(heard).toEqual(heard.map((_, i) => (heard[0] ?? 0) + i));
    expect(await leftOf(id, ann)).toBe(5);
    socket.close();
  });

  it("[R29 ROOM-90] a second order deletes no less than the first one, which is still at work", async () => {
    const { mia, bob, id } = await moderated();
    await saysMuch(id, bob, 150);
    // All of it was said two days ago.
    await runInDurableObject(conversationObject(id), (_, state) => {
      state.storage.sql.exec("UPDATE messages SET created_at = created_at - 172800000");
    });
    await ban(mia, id, bob, { delete_messages: "all" });
    expect(await leftOf(id, bob)).toBeGreaterThan(0);
    await ban(mia, id, bob, { delete_messages: "day" });
    await expect.poll(() => leftOf(id, bob), { timeout: 10_000 }).toBe(0);
  });

  it("[ROOM-54] nothing of a sender who said nothing is searched for", async () => {
    const { ann, mia, bob, id } = await moderated();
    await saysMuch(id, ann, 60);
    const usage = await usageOf(id, async () => {
      await ban(mia, id, bob, { delete_messages: "all" });
    });
    expect(usage.object_rows_read).toBeLessThan(60);
    expect(await rowsOf(id, "SELECT * FROM purges")).toEqual([]);
  });
});

describe("moderation by a server", () => {
  it("[R28 ROOM-60] a server mutes and bans whomever it wants, the owner too, and needs the scope", async () => {
    const { ann, mia, bob, id } = await moderated();
    const backend = await serverToken("moderation");
    const mute = server(id, `/participants/${ann.user_id}/mute`);
    const muted = await api(backend, "PUT", mute, { reason: "Spam", announce: true });
    expect(muted).toMatchObject({ status: 200, body: { is_owner: true, mute: { until: null } } });
    expectError(await api(ann, "POST", at(id, "/messages"), { type: "text", content: "x" }), "MUTED");
    expectError(await api(ann, "DELETE", at(id, `/participants/${ann.user_id}/mute`)), "FORBIDDEN");
    const [note] = (await api(bob, "GET", at(id, "/messages?limit=1"))).body.messages;
    expect(note).toMatchObject({ content: "ann was muted", system: { event: "participant.muted" } });
    expect((await api(backend, "DELETE", mute)).status).toBe(204);
    const banned = await api(backend, "PUT", server(id, `/bans/${ann.user_id}`), {});
    expect(banned).toMatchObject({
      status: 201,
      body: { user_id: ann.user_id, banned_by: "00000000-0000-0000-0000-000000000000" },
    });
    const { participants } = (await api(bob, "GET", at(id))).body;
    expect(participants.find((one: { is_owner: boolean }) => one.is_owner)?.user_id).toBe(mia.user_id);
    expect((await api(backend, "GET", server(id, "/bans"))).body.bans).toMatchObject([
      { user_id: ann.user_id },
    ]);
    const conversations = await serverToken("conversations");
    const added = { user_ids: [ann.user_id] };
    expectError(await api(conversations, "POST", server(id, "/participants"), added), "BANNED");
    for (const path of [`/participants/${bob.user_id}/mute`, `/bans/${bob.user_id}`]) {
      expectError(await api(conversations, "PUT", server(id, path), {}), "FORBIDDEN");
    }
    expect((await api(backend, "DELETE", server(id, `/bans/${ann.user_id}`))).status).toBe(204);
    expect((await api(conversations, "POST", server(id, "/participants"), added)).status).toBe(201);
    const log = async () => (await api(backend, "GET", `/server/moderation/log?target=${ann.user_id}`)).body;
    await expect
      .poll(async () => (await log()).entries.map(({ action }: { action: string }) => action).reverse())
      .toEqual(["room.mute", "room.unmute", "room.ban", "room.unban"]);
  });

  it("[R28 ROOM-61] a server that acts as a user may what the user may: the muted and frozen write nothing through it", async () => {
    const { ann, mia, bob, id } = await moderated();
    const backend = await serverToken("*");
    const say = (who: Person) =>
      asUser(backend, who, "POST", at(id, "/messages"), { type: "text", content: "hello" });
    await asUser(backend, mia, "PUT", at(id, `/participants/${bob.user_id}/mute`), {});
    expectError(await say(bob), "MUTED");
    expect((await say(mia)).status).toBe(201);
    await asUser(backend, mia, "DELETE", at(id, `/participants/${bob.user_id}/mute`));
    await api(ann, "PUT", at(id), { settings: { is_frozen: true } });
    expectError(await say(bob), "FROZEN");
    expectError(await asUser(backend, bob, "PUT", at(id, `/bans/${mia.user_id}`), {}), "FORBIDDEN");
    // What the app itself says is no member's.
    const text = { type: "text", content: "Back at noon" };
    const system = { event: "shop.closed" };
    expect((await api(backend, "POST", server(id, "/messages"), { ...text, system })).status).toBe(201);
    const inName = { ...text, sender: bob.user_id };
    expectError(await api(backend, "POST", server(id, "/messages"), inName), "FROZEN");
    await asUser(backend, ann, "PUT", at(id, `/bans/${bob.user_id}`), {});
    expectError(await say(bob), "BANNED");
  });

  it("[R28 ROOM-62] in a direct conversation, and of people who are not in, there is nothing to mute", async () => {
    const { ann, id } = await moderated();
    const eve = await person("eve");
    const backend = await serverToken("moderation");
    const pair = (await api(ann, "POST", "/conversations/direct", { user_id: eve.user_id })).body;
    const inPair = (path: string) => server(pair.conversation_id, path);
    expectError(
      await api(backend, "PUT", inPair(`/participants/${eve.user_id}/mute`), {}),
      "VALIDATION_ERROR",
    );
    expectError(await api(backend, "PUT", inPair(`/bans/${eve.user_id}`), {}), "VALIDATION_ERROR");
    expectError(await api(backend, "GET", inPair("/bans")), "VALIDATION_ERROR");
    expectError(await api(backend, "PUT", server(id, `/participants/${eve.user_id}/mute`), {}), "NOT_FOUND");
    expectError(await api(backend, "PUT", server(id, `/bans/${crypto.randomUUID()}`), {}), "NOT_FOUND");
  });
});

describe("what moderation costs", () => {
  it("[ROOM-63] a message costs no row more where bans and mutes are; in slow mode it reads two: the last message and the last edit", async () => {
    const { ann, bob, id } = await moderated();
    const cost = async (sender: Person) => {
      await say(sender, id, "warm");
      const usage = await usageOf(id, async () => void (await say(sender, id, "hello")));
      return { read: usage.object_rows_read, written: usage.object_rows_written };
    };
    const plain = await cost(bob);
    await ban(ann, id, await person("eve"));
    const until = new Date(Date.now() + 30).toISOString();
    await api(ann, "PUT", at(id, `/participants/${bob.user_id}/mute`), { until });
    await expect.poll(async () => (await say(bob, id, "again")).message_id).toBeDefined();
    const beside = await cost(bob);
    expect(beside.written).toBeLessThanOrEqual(plain.written);
    expect(beside.read).toBeLessThanOrEqual(plain.read);
    await api(ann, "PUT", at(id), { settings: { slow_mode_seconds: 1 } });
    await expect
      .poll(async () => (await say(bob, id, "slowly")).message_id, { timeout: 3_000 })
      .toBeDefined();
    const usage = await usageOf(id, async () => {
      const sent = await atTime(Date.now() + 1_100, () => say(bob, id, "hello"));
      expect(sent.message_id).toBeDefined();
    });
    expect(usage.object_rows_written).toBeLessThanOrEqual(plain.written);
    expect(usage.object_rows_read).toBeLessThanOrEqual(plain.read + 2);
  });
});

describe("while the directory is down", () => {
  it("[ROOM-64] members and former members are muted and banned, and what was forbidden holds", async () => {
    const { ann, mia, bob, id } = await moderated();
    faults.d1Down = true;
    const muted = await api(mia, "PUT", at(id, `/participants/${bob.user_id}/mute`), {});
    expectError(await api(bob, "POST", at(id, "/messages"), { type: "text", content: "x" }), "MUTED");
    expect(muted.status).toBe(200);
    expect((await ban(mia, id, bob)).status).toBe(201);
    expectError(await api(bob, "GET", at(id, "/messages")), "BANNED");
    expect((await api(ann, "GET", at(id, "/bans"))).body.bans).toHaveLength(1);
  });
});
