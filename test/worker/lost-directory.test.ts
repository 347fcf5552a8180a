/** The directory is lost, or put back to an earlier state, in the middle of traffic (docs/backup.md). */

import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { indexSome } from "../../src/directory/people.ts";
import { answersOf, backUp, lose, type Part, putBack } from "./directory-kit.ts";
import { api, conversationObject, direct, group, type Person, people, say, sign } from "./kit.ts";
import { serverToken } from "./server-kit.ts";

const WORDS = ["apple", "pear", "plum", "changed"];

/** Two people and a third, a direct chat and a group with everything that lists and search show. */
async function stage() {
  const [ann, bob, cat] = await people("ann", "bob", "cat");
  const pair = await direct(ann, bob);
  const room = await group(ann, [bob, cat], "Orchard");
  const part: Part = { people: [ann, bob, cat], conversations: [pair, room] };
  for (const text of ["an apple", "a pear", "a plum"]) await say(ann, pair, text);
  for (const text of ["apple pie", "pear tree", "plum jam"]) await say(bob, room, text);
  const edited = await say(cat, room, "to be edited");
  await api(cat, "PUT", `/messages/${edited.message_id}`, { content: "changed" });
  const gone = await say(cat, room, "apple that goes");
  await api(cat, "DELETE", `/messages/${gone.message_id}?delete_for_everyone=true`);
  const hidden = await say(cat, room, "apple that Ann hides");
  await api(ann, "DELETE", `/messages/${hidden.message_id}`);
  await api(bob, "POST", `/conversations/${pair}/read`, {});
  await say(ann, pair, `${ann.username} says apple`);
  return { ann, bob, cat, pair, room, part };
}

async function epoch(): Promise<string> {
  const row = await env.DB.prepare("SELECT epoch FROM revision WHERE id = 1").first<{ epoch: string }>();
  return row?.epoch ?? "";
}

/** What everybody is answered. */
async function answers(part: Part) {
  return await Promise.all(part.people.map((who) => answersOf(who, part, WORDS)));
}

/** What everybody is answered once all that was said is delivered, which a `/sync` tells. */
async function settledAnswers(part: Part) {
  let last = await answers(part);
  const isSame = async () => {
    const known = JSON.stringify(last);
    last = await answers(part);
    return JSON.stringify(last) === known;
  };
  // Longer than the receipts of a group wait.
  await expect.poll(isSame, { interval: 600, timeout: 10_000 }).toBe(true);
  return last;
}

/** A conversation's unread state in a person's list; undefined if it is not there. */
async function listed(who: Person, id: string) {
  const { conversations } = (await api(who, "GET", "/conversations")).body;
  return conversations.find((one: { conversation_id: string }) => one.conversation_id === id);
}

describe("a directory that was lost in the middle of traffic", () => {
  it("[R21 KEEP-1] comes back whole from a conversation that goes on, before any operator looks", async () => {
    const { ann, bob, pair, part } = await stage();
    await lose(part);
    expect((await api(ann, "GET", "/sync")).body.conversations).toEqual([]);
    await say(bob, pair, "said after the loss");
    await vi.waitFor(async () => {
      expect(await listed(ann, pair)).toMatchObject({ last_message: { content: "said after the loss" } });
    });
    const found = (await api(ann, "GET", "/search/messages?q=apple")).body;
    expect(found.total).toBe(2);
    expect((await listed(ann, pair)).participants.map((one: Person) => one.username).sort()).toEqual(
      [ann.username, bob.username].sort(),
    );
    // Rule 7 holds: their direct chat is the one that they had.
    expect(await direct(bob, ann)).toBe(pair);
  });

  it("[R21 KEEP-2] after a rebuild lists, search, people, unread and /sync answer as before", async () => {
    const { part } = await stage();
    const before = await settledAnswers(part);
    await lose(part);
    for (const id of part.conversations) await conversationObject(id).rebuildProjection();
    while ((await indexSome(openDirectory(env.DB), 100)) > 0);
    expect(await answers(part)).toEqual(before);
  });

  it("[KEEP-3] what is lost again while it is rebuilt comes back as well", async () => {
    const { ann, part, pair, room } = await stage();
    const before = await settledAnswers(part);
    await lose(part);
    await conversationObject(pair).rebuildProjection();
    await lose(part);
    await evictDurableObject(conversationObject(room));
    for (const id of part.conversations) await conversationObject(id).rebuildProjection();
    while ((await indexSome(openDirectory(env.DB), 100)) > 0);
    expect(await answers(part)).toEqual(before);
    expect((await api(ann, "GET", "/users/me")).body.username).toBe(ann.username);
  });

  it("[R1 KEEP-4] a profile that a user has set survives, and their next token is noted without changing it", async () => {
    const { ann, bob, part, pair } = await stage();
    await api(ann, "PATCH", "/users/me", { display_name: "Renamed Ann" });
    await vi.waitFor(async () => {
      const { participants } = (await api(bob, "GET", `/conversations/${pair}`)).body;
      expect(participants.map((one: { display_name: string }) => one.display_name)).toContain("Renamed Ann");
    });
    await lose(part);
    await conversationObject(pair).rebuildProjection();
    const token = await sign(
      { sub: ann.user_id, username: ann.username, display_name: "ann" },
      { expiresAt: 4e9 },
    );
    expect((await api({ ...ann, token }, "GET", "/users/me")).body).toMatchObject({
      display_name: "Renamed Ann",
    });
    const row = await env.DB.prepare("SELECT claims, external_id FROM users WHERE user_id = ?")
      .bind(ann.user_id)
      .first<{ claims: string; external_id: string }>();
    expect(row?.external_id).toBe(ann.user_id);
    expect(row?.claims).toContain(ann.username);
  });
});

describe("a directory that was put back to an earlier state", () => {
  it("[R21 KEEP-5] is found out by the first conversation that is ahead of it, and gets a new identity", async () => {
    const { ann, bob, cat, pair, room, part } = await stage();
    await runDurableObjectAlarm(conversationObject(pair));
    const backup = await backUp(part);
    const epochBefore = await epoch();
    const early = (await api(cat, "GET", "/sync")).body.next_token;
    await say(bob, pair, "after the backup, an apple");
    await api(bob, "POST", `/conversations/${room}/read`, {});
    const ahead = (await api(ann, "GET", "/sync")).body.next_token;
    const before = await settledAnswers(part);
    await putBack(part, backup);
    // Its own clients are ahead of it: never silence.
    expect((await api(ann, "GET", `/sync?since=${ahead}`)).body.limited).toBe(true);
    await say(bob, pair, "and one more apple");
    await vi.waitFor(async () => expect(await epoch()).not.toBe(epochBefore));
    await vi.waitFor(async () => {
      expect(await listed(ann, pair)).toMatchObject({ last_message: { content: "and one more apple" } });
    });
    // Its revision has passed the token's in the meantime, and still the token is of no use.
    for (let i = 0; i < 4; i++) await say(bob, pair, `filler ${i}`);
    for (const token of [ahead, early]) {
      expect((await api(ann, "GET", `/sync?since=${token}`)).body.limited).toBe(true);
    }
    const found = (await api(ann, "GET", "/search/messages?q=apple")).body;
    expect(found.total).toBe(before[0]?.searches[0].total + 1);
  });

  it("[R21 KEEP-6] one that was put back changes its identity once, however many conversations find out", async () => {
    const { ann, bob, pair, room, part } = await stage();
    for (const id of part.conversations) await runDurableObjectAlarm(conversationObject(id));
    const backup = await backUp(part);
    await say(ann, pair, "later");
    await say(ann, room, "later");
    await putBack(part, backup);
    await evictDurableObject(conversationObject(room));
    await say(bob, pair, "one");
    const renewed = await epoch();
    await say(bob, room, "two");
    await vi.waitFor(async () => {
      expect(await listed(ann, room)).toMatchObject({ last_message: { content: "two" } });
    });
    expect(await epoch()).toBe(renewed);
  });

  it("[R9 KEEP-7] a client that pages through its list in between gets every conversation", async () => {
    const [ann, bob] = await people("ann", "bob");
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await group(ann, [bob], `Group ${i}`));
    const part = { people: [ann, bob], conversations: ids };
    const backup = await backUp(part);
    for (const id of ids.slice(0, 3)) await say(bob, id, "moves it up");
    const first = (await api(ann, "GET", "/conversations?limit=2")).body;
    await putBack(part, backup);
    const seen = new Set<string>(
      first.conversations.map((one: { conversation_id: string }) => one.conversation_id),
    );
    for (let cursor = first.next_cursor; cursor; ) {
      const page = (await api(ann, "GET", `/conversations?limit=2&cursor=${cursor}`)).body;
      for (const { conversation_id } of page.conversations) seen.add(conversation_id);
      cursor = page.next_cursor;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
  });
});

describe("what the hubs of users give back", () => {
  it("[R28 R29 KEEP-8] bans, deactivations, revocations, blocks, tokens of devices and muted conversations", async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const backend = await serverToken();
    const room = await group(ann, [bob, cat]);
    const part: Part = { people: [ann, bob, cat], conversations: [room] };
    await api(ann, "PUT", `/blocks/${bob.user_id}`);
    const device = { platform: "android", provider: "fcm", token: `token-of-${ann.user_id}`, locale: "en" };
    await api(ann, "PUT", `/devices/${crypto.randomUUID()}`, device);
    await api(ann, "PATCH", `/conversations/${room}/preferences`, { is_muted: true });
    await api(backend, "PUT", `/server/moderation/bans/${bob.user_id}`, { reason: "Spam" });
    await api(backend, "POST", `/server/users/${cat.user_id}/deactivate`);
    const owners = async () =>
      (await env.DB.prepare("SELECT user_id FROM device_tokens WHERE user_id = ?").bind(ann.user_id).all())
        .results;
    expect(await owners()).toHaveLength(1);
    await lose(part);
    expect((await restore(backend, "conversations", part.conversations)).done).toEqual([room]);
    const hubs = part.people.map(({ user_id }) => env.USER_HUB.idFromName(user_id).toString());
    expect(await restore(backend, "users", hubs)).toEqual({
      done: expect.arrayContaining(hubs),
      pending: [],
      empty: [],
      failed: [],
    });
    expect(await owners()).toHaveLength(1);
    expect((await listed(ann, room)).is_muted).toBe(true);
    expect((await api(backend, "GET", `/server/moderation/bans/${bob.user_id}`)).body).toMatchObject({
      reason: "Spam",
    });
    const [blocked] = (
      await env.DB.prepare("SELECT * FROM blocks WHERE blocker_id = ?").bind(ann.user_id).all()
    ).results;
    expect(blocked).toMatchObject({ blocked_id: bob.user_id, is_blocked: 1 });
    for (const who of [bob, cat]) {
      const token = await sign({ sub: who.user_id, username: who.username }, { expiresAt: 4e9 });
      expect((await api({ ...who, token }, "GET", "/users/me")).status).toBe(403);
    }
  });

  it("[R28 KEEP-9] a ban of somebody who is in no conversation holds, and their token brings the name", async () => {
    const [dan] = await people("dan");
    const backend = await serverToken();
    await api(backend, "PUT", `/server/moderation/bans/${dan.user_id}`, { reason: "Spam" });
    await lose({ people: [dan], conversations: [] });
    await restore(backend, "users", [dan.user_id]);
    await api(backend, "DELETE", `/server/moderation/bans/${dan.user_id}`);
    const token = await sign(
      { sub: dan.user_id, username: dan.username, display_name: "Dan" },
      { expiresAt: 4e9 },
    );
    expect((await api({ ...dan, token }, "GET", "/users/me")).body).toMatchObject({ username: dan.username });
  });

  it("[KEEP-10] an id that holds nothing is empty, and one of another kind is not reached", async () => {
    const backend = await serverToken();
    const [ann] = await people("ann");
    const hub = env.USER_HUB.idFromName(ann.user_id).toString();
    const unknown = env.CONVERSATION.idFromName("nothing").toString();
    expect(await restore(backend, "conversations", [hub, unknown])).toEqual({
      done: [],
      pending: [],
      empty: [unknown],
      failed: [hub],
    });
  });

  it("[R21 KEEP-11] an operator renews the identity, and every token is answered with everything", async () => {
    const { ann, part } = await stage();
    const { next_token } = (await api(ann, "GET", "/sync")).body;
    expect((await api(await serverToken("operate"), "POST", "/server/directory/renew")).status).toBe(204);
    const page = (await api(ann, "GET", `/sync?since=${next_token}`)).body;
    expect(page).toMatchObject({ limited: true });
    expect(page.conversations).toHaveLength(part.conversations.length);
  });
});

async function restore(backend: Person, kind: string, objects: readonly string[]) {
  return (await api(backend, "POST", "/server/directory/rebuild", { kind, objects })).body;
}
