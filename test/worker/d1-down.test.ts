import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { alarmOf, atTime, expectError, sendCommand } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, connectTo, conversationObject, group, type Person, people, say, sign } from "./kit.ts";

const TABLES = ["conversations", "members", "messages"] as const;

/** What is projected of a conversation, without the revisions: those count flushes. */
async function projected(id: string): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for (const table of TABLES) {
    const query = `SELECT * FROM ${table} WHERE conversation_id = ?`;
    const { results } = await env.DB.prepare(query).bind(id).all<Record<string, unknown>>();
    all[table] = results
      // A row's own number is the directory's, and is given anew. What a member has sent is the higher of this and the count
      // in the conversation's row.
      .map(({ rev: _, id: __, has_sockets: ___, sent_no: ____, ...row }) => row)
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  }
  return all;
}

/** Loses what the directory holds of a conversation. */
async function forget(id: string): Promise<void> {
  await env.DB.batch(
    TABLES.map((table) => env.DB.prepare(`DELETE FROM ${table} WHERE conversation_id = ?`).bind(id)),
  );
}

/** D1 is back, and the conversation's alarm rings after the longest pause between two attempts. */
async function catchUp(member: Person, id: string): Promise<void> {
  faults.d1Down = false;
  await atTime(Date.now() + 61_000, () => runDurableObjectAlarm(conversationObject(id)));
  const head = (await api(member, "GET", `/conversations/${id}`)).body.seq;
  await vi.waitFor(async () => {
    const seq = await env.DB.prepare("SELECT seq FROM conversations WHERE conversation_id = ?")
      .bind(id)
      .first("seq");
    expect(seq).toBe(head);
  });
}

/** A group with some history, that the directory knows. */
async function known(): Promise<{ id: string; ann: Person; bob: Person }> {
  const [ann, bob] = await people("ann", "bob");
  const id = await group(ann, [bob], "Known");
  await say(ann, id, "before");
  return { id, ann, bob };
}

afterEach(() => {
  faults.d1Down = false;
});

describe("while D1 is down", () => {
  it("[D1DOWN] messages are sent and heard over REST and both sockets", async () => {
    const { id, ann, bob } = await known();
    const sockets = [await connect(ann), await connectTo(bob, id), await connect(bob)];
    faults.d1Down = true;
    const path = `/conversations/${id}/messages`;
    const rest = await api(ann, "POST", path, { type: "text", content: "over REST" });
    expect(rest).toMatchObject({ status: 201, body: { content: "over REST", status: "sent" } });
    for (const socket of sockets) {
      expect(await socket.ask(sendCommand(id, "over a socket"))).toMatchObject({ type: "ack" });
    }
    for (const socket of sockets) {
      await socket.heard(() => socket.all("message.new").length >= 4);
      const seqs = socket.all("message.new").map((event) => event.seq);
      expect(seqs).toEqual([0, 1, 2, 3].map((i) => rest.body.seq + i));
    }
    await catchUp(ann, id);
  });

  it("[D1DOWN] sockets open, and history, one message and the details are read", async () => {
    const { id, ann, bob } = await known();
    faults.d1Down = true;
    const hub = await connect(bob);
    const own = await connectTo(bob, id);
    const message = await say(ann, id, "hello");
    for (const socket of [hub, own]) await socket.heard("message.new");
    const history = await api(bob, "GET", `/conversations/${id}/messages?limit=2`);
    expect(history).toMatchObject({ status: 200, body: { has_more: true } });
    expect(history.body.messages.map((one: { content: string }) => one.content)).toEqual(["hello", "before"]);
    expect((await api(bob, "GET", `/messages/${message.message_id}`)).body).toMatchObject({
      content: "hello",
    });
    const details = await api(bob, "GET", `/conversations/${id}`);
    expect(details).toMatchObject({ status: 200, body: { name: "Known", participant_count: 2 } });
    await catchUp(ann, id);
  });

  it("[D1DOWN] a token that nobody has seen before still sends: its claims speak for it", async () => {
    const { id, ann, bob } = await known();
    const claims = { sub: bob.user_id, username: bob.username, display_name: "Bob, renamed" };
    const renamed = { ...bob, token: await sign(claims) };
    faults.d1Down = true;
    const message = await say(renamed, id, "it is me");
    expect(message).toMatchObject({ sender_id: bob.user_id, content: "it is me" });
    const stranger = { ...ann, token: await sign({ sub: crypto.randomUUID(), username: "stranger" }) };
    expectError(await api(stranger, "GET", `/conversations/${id}`), "FORBIDDEN");
    await catchUp(ann, id);
  });

  it("[D1DOWN] what needs the directory says 503, and when to come back", async () => {
    const { id, ann, bob } = await known();
    const [cid] = await people("cid");
    faults.d1Down = true;
    const needy: [method: string, path: string, body?: unknown][] = [
      ["GET", "/conversations"],
      ["POST", "/conversations/direct", { user_id: cid.user_id }],
      ["POST", "/conversations/group", { name: "New", participant_ids: [bob.user_id] }],
      ["GET", "/users/me"],
      ["PATCH", "/users/me", { display_name: "Ann" }],
      ["GET", "/users?q=ann"],
      ["GET", `/users/${bob.user_id}`],
    ];
    for (const [method, path, body] of needy) {
      const answer = await api(ann, method, path, body);
      expectError(answer, "SERVICE_UNAVAILABLE");
      expect(answer.body.message).not.toMatch(/D1|SQL|network/i);
      expect(answer.body).not.toHaveProperty("details");
    }
    await catchUp(ann, id);
    expect((await api(ann, "GET", "/conversations")).body).toMatchObject({ total: 1 });
  });
});

describe("however D1 fails", () => {
  const failures = [
    "D1_ERROR: Network connection lost.",
    "D1_ERROR: database is locked: SQLITE_BUSY",
    "D1 DB is overloaded. Too many requests queued.",
    "D1 DB storage operation exceeded timeout which caused object to be reset.",
    "Internal error in D1 DB storage caused object to be reset.",
    "internal error; reference = k1l2m3",
    "Durable Object reset because its code was updated.",
    "something that nobody has thought of",
  ];

  afterEach(() => {
    faults.d1Fails = undefined;
  });

  it("[R5 D1DOWN] what asks it says 503, never 500, and nothing of the statement", async () => {
    const { id, ann, bob } = await known();
    const needy = [
      "/conversations",
      "/conversations?limit=100&page=2",
      "/search/messages?q=before",
      `/search/messages?q=before&conversation_id=${id}`,
      "/sync",
      "/sync?limit=1",
      "/users/me",
      "/users?q=ann",
      `/users/${bob.user_id}`,
    ];
    for (const failure of failures) {
      faults.d1Fails = failure;
      for (const path of needy) {
        const answer = await api(ann, "GET", path);
        expect([failure, path, answer.status]).toEqual([failure, path, 503]);
        expectError(answer, "SERVICE_UNAVAILABLE");
        expect(answer.body.message).toBe("Service temporarily unavailable");
      }
      const pair = await api(ann, "POST", "/conversations/direct", { user_id: bob.user_id });
      expect([failure, pair.status]).toEqual([failure, 503]);
      const message = await say(ann, id, failure);
      expect(message).toMatchObject({ content: failure });
    }
    faults.d1Fails = undefined;
    await catchUp(ann, id);
  });
});

describe("when D1 is back", () => {
  it("[D1DOWN] the list catches up by itself, and equals a projection from scratch", async () => {
    const { id, ann, bob } = await known();
    const socket = await connectTo(bob, id);
    faults.d1Down = true;
    for (let i = 0; i < 5; i++) await say(ann, id, `missed ${i}`);
    for (let i = 0; i < 150; i++) socket.raw(JSON.stringify(sendCommand(id, `many ${i}`)));
    await socket.heard(() => socket.all("ack").length === 150);
    // The tests' own way to D1 is not behind the fault.
    expect((await projected(id)).messages).toHaveLength(2);
    await catchUp(ann, id);
    const list = (await api(ann, "GET", "/conversations")).body.conversations;
    expect(list[0]).toMatchObject({
      conversation_id: id,
      last_message: { content: "many 149", sender_username: bob.username },
      unread_count: 150,
    });
    expect((await api(bob, "GET", "/conversations")).body.conversations[0]).toMatchObject({
      unread_count: 6,
    });
    const caughtUp = await projected(id);
    expect(caughtUp.messages).toHaveLength(157);
    await forget(id);
    expect((await api(ann, "GET", "/conversations")).body.total).toBe(0);
    await conversationObject(id).rebuildProjection();
    expect(await projected(id)).toEqual(caughtUp);
    expect((await api(ann, "GET", "/conversations")).body.conversations).toEqual(list);
  });

  it("[D1DOWN] rebuilding over what is there changes nothing", async () => {
    const { id, ann, bob } = await known();
    await say(bob, id, "one more");
    await say(ann, id, "and another", { reply_to_message_id: (await say(bob, id, "quoted")).message_id });
    const before = await projected(id);
    await conversationObject(id).rebuildProjection();
    expect(await projected(id)).toEqual(before);
  });

  it("[D1DOWN] what was not written yet survives the object's end", async () => {
    const { id, ann } = await known();
    faults.d1Down = true;
    await say(ann, id, "before the end");
    await evictDurableObject(conversationObject(id));
    faults.d1Down = false;
    // The alarm was set with the message: it needs no next one.
    await runDurableObjectAlarm(conversationObject(id));
    await vi.waitFor(async () => {
      const [item] = (await api(ann, "GET", "/conversations")).body.conversations;
      expect(item.last_message).toMatchObject({ content: "before the end" });
    });
  });

  it("[D1DOWN] while it lasts, the next attempt is never more than a minute away", async () => {
    const { id, ann, bob } = await known();
    const object = conversationObject(id);
    faults.d1Down = true;
    await say(ann, id, "first");
    const start = Date.now();
    for (let minute = 1; minute <= 10; minute++) {
      const now = start + minute * 61_000;
      await atTime(now, async () => {
        await runDurableObjectAlarm(object);
        await vi.waitFor(async () => {
          const next = await alarmOf(object as DurableObjectStub);
          expect(next).toBeGreaterThan(now);
          expect(next).toBeLessThanOrEqual(now + 61_000);
        });
      });
    }
    await say(ann, id, "last");
    await atTime(start + 20 * 61_000, () => catchUp(ann, id));
    const [item] = (await api(bob, "GET", "/conversations")).body.conversations;
    expect(item).toMatchObject({ conversation_id: id, last_message: { content: "last" }, unread_count: 3 });
  });
});
