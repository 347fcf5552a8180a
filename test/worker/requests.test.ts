/** Message requests inside: push, sleep, servers, and that a stranger learns nothing (rule 29). */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hibernate } from "./checks.ts";
import { faults } from "./faults.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  hubObject,
  type Person,
  people,
  say,
} from "./kit.ts";
import { decides, logOf, phoneOf, pushesTo, screen, shows } from "./push-kit.ts";
import { asUser, serverToken } from "./server-kit.ts";

const send = (who: Person, id: string) =>
  api(who, "POST", `/conversations/${id}/messages`, { type: "text", content: "x" });
const accept = (who: Person, id: string) => api(who, "POST", `/conversations/${id}/accept`);

beforeEach(() => {
  faults.settings = { MESSAGE_REQUESTS: "on" };
});

afterEach(() => {
  faults.settings = {};
});

describe("push of message requests (rules 27 and 29)", () => {
  it("[R29 R27 REQ-80] the first message says who asks, not what; what follows is `requested`; no badge", async () => {
    const [ann, bob] = await people("ann", "bob");
    const phone = await phoneOf(bob);
    const id = await direct(ann, bob);
    const { message_id } = await say(ann, id, "canary one");
    await shows(phone, "ann wants to write to you");
    await say(ann, id, "canary two");
    await decides(phone, "requested");
    await api(ann, "PUT", `/messages/${message_id}`, { content: "canary three" });
    await expect.poll(async () => (await logOf(phone))[0]).toBeDefined();
    expect((await screen(phone)).badge).toBe(0);
    expect(JSON.stringify(await pushesTo(phone))).not.toContain("canary");
    await accept(bob, id);
    await say(ann, id, "now a chat");
    await expect.poll(async () => JSON.stringify((await screen(phone)).shown)).toContain("now a chat");
    expect((await screen(phone)).badge).toBe(3);
  });

  it("[R29 R27 REQ-81] declining takes away what is shown", async () => {
    const [ann, bob] = await people("ann", "bob");
    const phone = await phoneOf(bob);
    const id = await direct(ann, bob);
    await say(ann, id, "hello");
    await shows(phone, "ann wants to write to you");
    await api(bob, "POST", `/conversations/${id}/decline`, {});
    await shows(phone);
  });
});

describe("what is stored of a request", () => {
  it("[R29 REQ-82] it lasts while objects sleep, and the setting of the deployment does not change what exists", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    for (let sent = 0; sent < 3; sent += 1) await send(ann, id);
    faults.settings = {};
    await evictDurableObject(conversationObject(id));
    expect((await send(ann, id)).body).toMatchObject({ code: "NOT_ACCEPTED", details: { limit: 3 } });
    expect((await api(bob, "GET", `/conversations/${id}`)).body.is_request).toBe(true);
    await evictDurableObject(conversationObject(id));
    await evictDurableObject(hubObject(bob.user_id));
    await accept(bob, id);
    await evictDurableObject(conversationObject(id));
    expect((await send(ann, id)).status).toBe(201);
  });

  it("[R29 REQ-83] requests and their limits hold while D1 is down", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const [hers, his] = [await connect(ann), await connect(bob)];
    const data = { type: "text", content: "x" };
    faults.d1Down = true;
    try {
      const answers: string[] = [];
      for (let sent = 0; sent < 4; sent += 1) {
        const answer = await hers.ask({ type: "message.send", conversation_id: id, data });
        answers.push(answer.type === "error" ? answer.code : answer.type);
      }
      expect(answers).toEqual(["ack", "ack", "ack", "NOT_ACCEPTED"]);
      const answered = await his.ask({ type: "message.send", conversation_id: id, data });
      expect(answered.type).toBe("ack");
      expect(await hers.ask({ type: "message.send", conversation_id: id, data })).toMatchObject({
        type: "ack",
      });
    } finally {
      faults.d1Down = false;
    }
  });
});

describe("servers (rules 28 and 29)", () => {
  it("[R29 R28 REQ-84] in a user's name they may what the user may; without one they pass, and nothing is a request", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const backend = await serverToken();
    await api(bob, "PATCH", "/users/me/privacy", { who_can_message: "nobody", who_can_add: "nobody" });
    const begin = { user_id: bob.user_id };
    expect((await asUser(backend, ann, "POST", "/conversations/direct", begin)).body.code).toBe(
      "NOT_ACCEPTED",
    );
    const withBob = { name: "Group", participant_ids: [bob.user_id] };
    expect((await asUser(backend, ann, "POST", "/conversations/group", withBob)).body.code).toBe(
      "NOT_ACCEPTED",
    );
    const participants = [ann.user_id, bob.user_id];
    const made = await api(backend, "POST", "/server/conversations", { type: "direct", participants });
    expect(made.status).toBe(201);
    const { conversation_id: id } = made.body;
    for (let sent = 0; sent < 4; sent += 1) expect((await send(ann, id)).status).toBe(201);
    expect((await api(bob, "GET", `/conversations/${id}`)).body.is_request).toBe(false);
    const group = await api(ann, "POST", "/conversations/group", {
      name: "Group",
      participant_ids: [cid.user_id],
    });
    const path = `/server/conversations/${group.body.conversation_id}/participants`;
    expect((await api(backend, "POST", path, { user_id: bob.user_id })).status).toBe(201);
    const asked = await direct(ann, cid);
    const pushed = { type: "text", content: "from the shop", sender: ann.user_id };
    const said = await api(backend, "POST", `/server/conversations/${asked}/messages`, pushed);
    expect([201, 403]).toContain(said.status);
    expect((await asUser(backend, cid, "GET", "/users/me/privacy")).status).toBe(200);
  });
});

/** What the asked one may do without answering. */
const DEEDS = ["read", "history", "type", "deliver", "away", "own", "leave", "sync", "sleep"] as const;
type Deed = (typeof DEEDS)[number];

describe("what a stranger learns (rule 29)", () => {
  /** Everything that a stranger can ask about a chat and the other one. */
  async function seenBy(who: Person, other: Person, id: string, messageId: string, since: number) {
    const paths = [
      `/conversations/${id}`,
      `/conversations/${id}/messages`,
      `/messages/${messageId}`,
      `/messages/${messageId}/receipts`,
      `/users/${other.user_id}`,
      `/users?q=${other.username}`,
      "/conversations",
    ];
    const bodies = [];
    for (const path of paths) bodies.push((await api(who, "GET", path)).body);
    const socket = await connectTo(who, id, `?since=${since}`);
    await socket.ask({ type: "sync", conversations: { [id]: since } });
    const states = socket.all("conversation.sync").map(({ data }) => data);
    socket.close();
    // Their own presence and marks move with what they do themselves.
    const isOwn = (value: { user_id?: string } | null) => value?.user_id === who.user_id;
    const shown = JSON.stringify([...bodies, states], (name, value) => {
      if (name === "read_states") return value.filter((state: { user_id: string }) => !isOwn(state));
      return isOwn(value) ? { ...value, is_online: null, last_seen_at: null } : value;
    });
    return JSON.parse(shown) as unknown;
  }

  async function act(deed: Deed, bob: Person, id: string, messageId: string): Promise<void> {
    const socket = deed === "own" ? await connectTo(bob, id) : await connect(bob);
    switch (deed) {
      case "read":
        await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: messageId });
        break;
      case "history":
        await api(bob, "GET", `/conversations/${id}/messages`);
        break;
      case "type":
        await socket.ask({ type: "typing.start", conversation_id: id });
        break;
      case "deliver":
        await socket.ask({ type: "message.delivered", message_id: messageId });
        break;
      case "away":
        await socket.ask({ type: "presence.update", status: "away" });
        break;
      case "leave":
        await api(bob, "DELETE", `/conversations/${id}`);
        break;
      case "sync":
        await api(bob, "GET", "/sync");
        break;
      case "sleep":
        await hibernate(id);
        break;
      default:
        break;
    }
    socket.close();
  }

  it("[R29 REQ-85] whatever the asked one does but answer: no event to the stranger, and no answer is another one", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...DEEDS), { minLength: 3, maxLength: 7 }), async (deeds) => {
        const [ann, bob] = await people("ann", "bob");
        const id = await direct(ann, bob);
        const { message_id, seq } = await say(ann, id, "hello");
        const [hub, own] = [await connect(ann), await connectTo(ann, id)];
        await expect.poll(() => hub.all("user.presence").length).toBeGreaterThan(0);
        const before = await seenBy(ann, bob, id, message_id, seq);
        const marks = [hub, own].map((socket) => socket.events.length);
        for (const deed of deeds) await act(deed, bob, id, message_id);
        await new Promise((resolve) => setTimeout(resolve, 350));
        for (const [index, socket] of [hub, own].entries()) {
          const later = socket.events.slice(marks[index]);
          expect(later.filter((event) => JSON.stringify(event).includes(bob.user_id))).toEqual([]);
          expect(later.filter(({ type }) => type.startsWith("message") || type.startsWith("typing"))).toEqual(
            [],
          );
          socket.close();
        }
        expect(await seenBy(ann, bob, id, message_id, seq)).toEqual(before);
      }),
      { numRuns: 5 },
    );
  }, 40_000);

  it("[R29 REQ-86] the directory keeps what it needs, and forgets it when the request is accepted", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "hello");
    const states = async () => {
      const query = "SELECT request FROM members WHERE conversation_id = ? AND user_id = ?";
      const row = await env.DB.prepare(query).bind(id, bob.user_id).first<{ request: string | null }>();
      return row?.request ?? null;
    };
    await expect.poll(states).toBe("pending");
    await api(bob, "POST", `/conversations/${id}/decline`, {});
    await expect.poll(states).toBe("declined");
    await accept(bob, id);
    await expect.poll(states).toBeNull();
  });
});
