import { describe, expect, it } from "vitest";
import { block, unblock } from "./block-kit.ts";
import { expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, direct, group, type Person, people, say, type TestSocket } from "./kit.ts";
import { serverToken } from "./server-kit.ts";

/** What somebody finds in messages. */
async function finds(who: Person, q: string): Promise<string[]> {
  const { body } = await api(who, "GET", `/search/messages?q=${encodeURIComponent(q)}`);
  expect(body.total).toBe(body.results.length);
  return body.results.map(({ content }: { content: string }) => content);
}

/** Whether one finds another by name. */
async function findsPerson(who: Person, whom: Person): Promise<boolean> {
  const { body } = await api(who, "GET", `/users?q=${whom.username}`);
  return body.users.some(({ user_id }: { user_id: string }) => user_id === whom.user_id);
}

/** The text of a conversation in somebody's list. */
async function previewOf(who: Person, id: string): Promise<string | undefined> {
  const { body } = await api(who, "GET", "/conversations");
  const item = body.conversations.find((one: { conversation_id: string }) => one.conversation_id === id);
  return item.last_message?.content;
}

/** A word that no other test says. */
const rare = () => `w${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;

describe("what a blocker finds and is shown (rule 29)", () => {
  it("[BLOCK-70] search in groups leaves out whom they have blocked, for the blocker alone, until they unblock", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const word = rare();
    await say(bob, id, `${word} by bob`);
    await say(cid, id, `${word} by cid`);
    await expect.poll(() => finds(ann, word)).toHaveLength(2);
    await block(ann, bob);
    expect(await finds(ann, word)).toEqual([`${word} by cid`]);
    const { body } = await api(ann, "GET", `/search/messages?q=${word}&sender_id=${bob.user_id}`);
    expect(body).toMatchObject({ results: [], total: 0 });
    for (const other of [bob, cid]) expect(await finds(other, word)).toHaveLength(2);
    await say(bob, id, `${word} later`);
    await expect.poll(() => finds(cid, word)).toHaveLength(3);
    expect(await finds(ann, word)).toEqual([`${word} by cid`]);
    await unblock(ann, bob);
    expect(await finds(ann, word)).toHaveLength(3);
  });

  it("[BLOCK-71] in a direct chat everything is found: it can be read", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const word = rare();
    await say(bob, id, `${word} by bob`);
    await expect.poll(() => finds(ann, word)).toHaveLength(1);
    await block(ann, bob);
    for (const one of [ann, bob]) expect(await finds(one, word)).toEqual([`${word} by bob`]);
    expect(await previewOf(ann, id)).toBe(`${word} by bob`);
  });

  it("[BLOCK-72] pages of a search are full although blocked people have said most of it", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const word = rare();
    for (let i = 0; i < 12; i++) await say(i % 4 === 0 ? cid : bob, id, `${word} ${i}`);
    await expect.poll(async () => (await api(ann, "GET", `/search/messages?q=${word}`)).body.total).toBe(12);
    await block(ann, bob);
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await api(ann, "GET", `/search/messages?q=${word}&limit=2&cursor=${cursor}`);
      seen.push(...body.results.map(({ content }: { content: string }) => content));
      cursor = body.next_cursor ?? "";
    } while (cursor !== "" && seen.length < 20);
    expect(seen).toEqual([8, 4, 0].map((i) => `${word} ${i}`));
  });

  it("[BLOCK-73] the list shows the newest message that the blocker sees; what the group itself says stays", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob]);
    await say(ann, id, "by ann");
    await say(bob, id, "by bob");
    await expect.poll(() => previewOf(ann, id)).toBe("by bob");
    await block(ann, bob);
    expect(await previewOf(ann, id)).toBe("by ann");
    expect(await previewOf(bob, id)).toBe("by bob");
    const synced = await api(ann, "GET", "/sync");
    expect(
      JSON.stringify(synced.body.conversations.map((one: { conversation: object }) => one.conversation)),
    ).not.toContain("by bob");
    await api(ann, "PATCH", `/conversations/${id}/participants/${bob.user_id}`, { role: "admin" });
    await api(bob, "POST", `/conversations/${id}/participants`, { user_id: cid.user_id });
    await expect.poll(() => previewOf(ann, id)).toBe("bob added cid");
    await unblock(ann, bob);
    await say(bob, id, "again");
    await expect.poll(() => previewOf(ann, id)).toBe("again");
  });

  it("[BLOCK-74] who is blocked does not find the blocker among people; the blocker finds them, to unblock", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    await block(ann, bob);
    expect(await findsPerson(bob, ann)).toBe(false);
    const { body } = await api(bob, "GET", `/users?q=${ann.username.slice(0, -2)}`);
    expect(JSON.stringify(body)).not.toContain(ann.user_id);
    expect(await findsPerson(cid, ann)).toBe(true);
    expect(await findsPerson(ann, bob)).toBe(true);
    await unblock(ann, bob);
    expect(await findsPerson(bob, ann)).toBe(true);
  });
});

/** The presence of another in every answer that shows one. */
async function presenceIn(who: Person, whom: Person, id: string): Promise<boolean[]> {
  const is = ({ user_id }: { user_id: string }) => user_id === whom.user_id;
  const [details, list, profile, found] = [
    (await api(who, "GET", `/conversations/${id}`)).body.participants.find(is),
    (await api(who, "GET", "/conversations")).body.conversations[0].participants.find(is),
    (await api(who, "GET", `/users/${whom.user_id}`)).body,
    (await api(who, "GET", `/users?q=${whom.username}`)).body.users.find(is),
  ];
  const shown = [details, list, profile, ...(found ? [found] : [])];
  return shown.map(({ is_online, last_seen_at }) => is_online || last_seen_at !== null);
}

/** The statuses of another that a socket has heard. */
function heardOf(socket: TestSocket, whom: Person): string[] {
  return socket
    .all("user.presence")
    .filter(({ data }) => data.user_id === whom.user_id)
    .map(({ data }) => data.status);
}

describe("presence between a blocker and whom they have blocked (rule 29)", () => {
  it("[BLOCK-75] neither sees it in any answer, others do, and unblocking shows it again", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const sockets = await Promise.all([ann, bob].map((who) => connect(who)));
    await expect.poll(() => presenceIn(cid, ann, id)).toEqual([true, true, true, true]);
    await expect.poll(() => presenceIn(cid, bob, id)).toEqual([true, true, true, true]);
    await block(ann, bob);
    expect(await presenceIn(ann, bob, id)).toEqual([false, false, false, false]);
    expect(await presenceIn(bob, ann, id)).toEqual([false, false, false]);
    expect(await presenceIn(cid, ann, id)).toEqual([true, true, true, true]);
    await unblock(ann, bob);
    expect(await presenceIn(ann, bob, id)).toEqual([true, true, true, true]);
    expect(await presenceIn(bob, ann, id)).toEqual([true, true, true, true]);
    for (const socket of sockets) socket.close();
  });

  it("[BLOCK-76] both hear that the other is offline, then nothing, and what is true after the end", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    await group(ann, [bob, cid]);
    const [annHears, bobHears, cidHears] = await Promise.all([connect(ann), connect(bob), connect(cid)]);
    await expect.poll(() => presenceOnline(cid, [ann, bob])).toBe(true);
    await block(ann, bob);
    await expect.poll(() => heardOf(annHears, bob).at(-1)).toBe("offline");
    await expect.poll(() => heardOf(bobHears, ann).at(-1)).toBe("offline");
    const counts = [heardOf(annHears, bob).length, heardOf(bobHears, ann).length];
    await annHears.ask({ type: "presence.update", status: "away" });
    await bobHears.ask({ type: "presence.update", status: "away" });
    await expect.poll(() => [ann, bob].map((one) => heardOf(cidHears, one).at(-1))).toEqual(["away", "away"]);
    expect([heardOf(annHears, bob).length, heardOf(bobHears, ann).length]).toEqual(counts);
    await unblock(ann, bob);
    await expect.poll(() => heardOf(annHears, bob).at(-1)).toBe("away");
    await expect.poll(() => heardOf(bobHears, ann).at(-1)).toBe("away");
    for (const socket of [annHears, bobHears, cidHears]) socket.close();
  });

  it("[BLOCK-77] the end of a block shows no more than privacy and requests do", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    await group(ann, [bob]);
    await api(bob, "PATCH", "/users/me/privacy", { last_seen: false });
    faults.settings = { MESSAGE_REQUESTS: "on" };
    try {
      // A stranger's request that ann has not accepted.
      const request = await direct(cid, ann);
      await say(cid, request, "hello");
      const [annHears, bobHears, cidHears] = await Promise.all([connect(ann), connect(bob), connect(cid)]);
      await expect.poll(() => presenceOnline(ann, [bob])).toBe(true);
      for (const one of [bob, cid]) {
        await block(ann, one);
        await unblock(ann, one);
      }
      const times = (socket: TestSocket, whom: Person) =>
        socket.all("user.presence").flatMap(({ data }) => (data.user_id === whom.user_id ? [data] : []));
      for (const [socket, whom] of [
        [annHears, bob],
        [bobHears, ann],
      ] as const) {
        await expect.poll(() => times(socket, whom).at(-1)?.status).toBe("online");
        expect(times(socket, whom).map((one) => one.last_seen_at)).toEqual(
          times(socket, whom).map(() => null),
        );
      }
      await expect.poll(() => heardOf(annHears, cid).at(-1)).toBe("online");
      expect(heardOf(cidHears, ann)).toEqual([]);
      for (const socket of [annHears, bobHears, cidHears]) socket.close();
    } finally {
      faults.settings = {};
    }
  });
});

async function presenceOnline(viewer: Person, whom: Person[]): Promise<boolean> {
  const profiles = await Promise.all(whom.map((one) => api(viewer, "GET", `/users/${one.user_id}`)));
  return profiles.every(({ body }) => body.is_online);
}

describe("bringing a blocker into a conversation (rule 29)", () => {
  it("[BLOCK-80] who is blocked cannot add the blocker to a group, nor begin one with them", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    await block(ann, bob);
    const id = await group(bob, [cid]);
    const path = `/conversations/${id}/participants`;
    expectError(await api(bob, "POST", path, { user_id: ann.user_id }), "NOT_ACCEPTED");
    const both = await people("dan", "eve");
    const ids = [...both, ann].map(({ user_id }) => user_id);
    const refused = await api(bob, "POST", path, { user_ids: ids });
    expectError(refused, "NOT_ACCEPTED");
    expect(refused.body.details).toEqual({ user_ids: [ann.user_id] });
    expectError(
      await api(bob, "POST", "/conversations/group", { name: "Ours", participant_ids: ids }),
      "NOT_ACCEPTED",
    );
    expect((await api(bob, "GET", `/conversations/${id}`)).body.participant_count).toBe(2);
    expect((await api(cid, "POST", path, { user_id: ann.user_id })).status).toBe(403);
    await api(bob, "PATCH", `${path}/${cid.user_id}`, { role: "admin" });
    expect((await api(cid, "POST", path, { user_id: ann.user_id })).status).toBe(201);
    // Who is in already is added again without effect, as before.
    expect((await api(bob, "POST", path, { user_id: ann.user_id })).status).toBe(200);
  });

  it("[BLOCK-81] the blocker may add whom they have blocked, and a server anybody", async () => {
    const [ann, bob] = await people("ann", "bob");
    await block(ann, bob);
    const id = await group(ann, []);
    const path = `/conversations/${id}/participants`;
    expect((await api(ann, "POST", path, { user_id: bob.user_id })).status).toBe(201);
    const of = await group(bob, []);
    const server = await serverToken();
    const added = await api(server, "POST", `/server/conversations/${of}/participants`, {
      user_id: ann.user_id,
    });
    expect(added.status).toBe(201);
    const participants = [ann.user_id, bob.user_id];
    const made = await api(server, "POST", "/server/conversations", { type: "direct", participants });
    expect(made.status).toBe(201);
  });

  it("[BLOCK-82] neither begins a direct chat with the other; one that exists is found, and unblocking allows it", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const known = await direct(ann, cid);
    await block(ann, bob);
    await block(ann, cid);
    for (const [one, other] of [
      [ann, bob],
      [bob, ann],
    ] as const) {
      expectError(await api(one, "POST", "/conversations/direct", { user_id: other.user_id }), "BLOCKED");
    }
    const found = await api(cid, "POST", "/conversations/direct", { user_id: ann.user_id });
    expect([found.status, found.body.conversation_id]).toEqual([200, known]);
    await unblock(ann, bob);
    expect((await api(bob, "POST", "/conversations/direct", { user_id: ann.user_id })).status).toBe(201);
  });
});
