/** Privacy settings: who may write, who may add, what others learn (rule 29). */

import type { Privacy } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { befriend } from "../worker/kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  connect,
  connectTo,
  direct,
  fetched,
  group,
  item,
  type Person,
  refusal,
  settled,
  type TestSocket,
  text,
} from "./kit.ts";

const set = (who: Person, patch: Partial<Privacy>) =>
  body<Privacy>(api(who, "PATCH", "/users/me/privacy", patch), 200);
const begin = (who: Person, other: Person) =>
  api(who, "POST", "/conversations/direct", { user_id: other.user_id });
const add = (by: Person, id: string, ...who: Person[]) =>
  api(by, "POST", `/conversations/${id}/participants`, { user_ids: who.map(({ user_id }) => user_id) });
const create = (by: Person, ...others: Person[]) =>
  api(by, "POST", "/conversations/group", {
    name: "Group",
    participant_ids: others.map(({ user_id }) => user_id),
  });
const read = (who: Person, id: string, { message_id }: { message_id: string }) =>
  body(api(who, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id }), 200);
const reads = (socket: TestSocket) =>
  socket.all("message.receipt").filter(({ data }) => data.status === "read");

const DEFAULTS = {
  who_can_message: "everyone",
  who_can_add: "everyone",
  read_receipts: true,
  last_seen: true,
};

describe("privacy settings", () => {
  it("[R29 REQ-50] have defaults; a change keeps the rest, and all own devices hear it", async () => {
    const [ann] = await cast("ann");
    const socket = await connect(ann);
    expect(await body(api(ann, "GET", "/users/me/privacy"), 200)).toEqual(DEFAULTS);
    expect(await set(ann, { who_can_add: "contacts" })).toEqual({ ...DEFAULTS, who_can_add: "contacts" });
    const changed = { ...DEFAULTS, who_can_add: "contacts", last_seen: false };
    expect(await set(ann, { last_seen: false })).toEqual(changed);
    expect(await body(api(ann, "GET", "/users/me/privacy"), 200)).toEqual(changed);
    await socket.heard((event) => event.type === "privacy.updated" && !event.data.last_seen);
    expect(socket.all("privacy.updated").at(-1)?.data).toEqual(changed);
  });

  it("[R29 REQ-51] who may begin to write: what exists goes on, what is new is refused", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const known = await befriend(cid, bob);
    await set(bob, { who_can_message: "nobody" });
    await refusal(begin(ann, bob), "NOT_ACCEPTED");
    expect((await begin(cid, bob)).body.conversation_id).toBe(known);
    await body(api(cid, "POST", `/conversations/${known}/messages`, { type: "text", content: "still" }), 201);
    await set(bob, { who_can_message: "shared_conversation" });
    await refusal(begin(ann, bob), "NOT_ACCEPTED");
    await group(cid, [ann, bob]);
    await body(begin(ann, bob), 201);
  });

  it("[R29 REQ-52] a setting that comes later ends a stranger's chat; the other one may write, and opens it", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    await text(ann, id, "hello");
    await set(bob, { who_can_message: "nobody" });
    const say = (who: Person) =>
      api(who, "POST", `/conversations/${id}/messages`, { type: "text", content: "x" });
    await expect.poll(async () => (await say(ann)).status).toBe(403);
    await refusal(say(ann), "NOT_ACCEPTED");
    await body(say(bob), 201);
    await body(say(ann), 201);
  });

  it("[R29 R8 REQ-53] who may add: nobody, contacts, everyone; the answer names who refuses, and nothing happens", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    await befriend(ann, cid);
    await direct(ann, dee);
    await set(bob, { who_can_add: "nobody" });
    await set(cid, { who_can_add: "contacts" });
    await set(dee, { who_can_add: "contacts" });
    const refused = await create(ann, bob, cid, dee);
    expect(refused.body).toMatchObject({
      code: "NOT_ACCEPTED",
      details: { user_ids: [bob.user_id, dee.user_id] },
    });
    const { conversation_id: id } = await body<{ conversation_id: string }>(create(ann, cid), 201);
    await refusal(add(ann, id, bob), "NOT_ACCEPTED");
    await refusal(add(ann, id, dee), "NOT_ACCEPTED");
    expect((await item(ann, id))?.participant_count).toBe(2);
    await set(dee, { who_can_add: "everyone" });
    await body(add(ann, id, dee), 201);
    // Who is in already is asked nothing.
    await body(add(ann, id, cid), 200);
  });

  it("[R29 R8 REQ-54] who has left comes back with a contact alone; who was removed, with anybody who may add", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    await body(api(bob, "DELETE", `/conversations/${id}`), 204);
    const refused = await add(ann, id, bob);
    expect(refused.body).toMatchObject({ code: "NOT_ACCEPTED", details: { user_ids: [bob.user_id] } });
    await befriend(ann, bob);
    await body(add(ann, id, bob), 201);
    await body(api(ann, "DELETE", `/conversations/${id}/participants/${cid.user_id}`), 204);
    await body(add(ann, id, cid), 201);
  });
});

describe("receipts that one does not give (rules 19 and 29)", () => {
  it("[R29 R19 REQ-60] others do not see what is read; unread counts and own devices go on", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await befriend(ann, bob);
    const shown = await text(ann, id, "shown");
    await read(bob, id, shown);
    await expect.poll(async () => (await fetched(ann, shown)).receipt_status).toBe("read");
    await set(bob, { read_receipts: false });
    const [hers, his] = [await bothSockets(ann, id), await bothSockets(bob, id)];
    const kept = await text(ann, id, "kept");
    await read(bob, id, kept);
    for (const socket of his) {
      await socket.heard(
        (event) => event.type === "message.receipt" && event.data.message_id === kept.message_id,
      );
    }
    await settled(300);
    for (const socket of hers) expect(reads(socket)).toEqual([]);
    expect(await fetched(ann, kept)).toMatchObject({ receipt_status: "delivered" });
    expect(await fetched(ann, shown)).toMatchObject({ receipt_status: "read" });
    const { receipts } = await body<{ receipts: object[] }>(
      api(ann, "GET", `/messages/${kept.message_id}/receipts`),
      200,
    );
    expect(receipts).toMatchObject([{ status: "delivered", read_at: null }]);
    expect(await item(bob, id)).toMatchObject({ unread_count: 0 });
    const resumed = await connectTo(ann, id, "?since=0");
    const { data } = (await resumed.heard("conversation.sync")) as {
      data: { read_states: { user_id: string; last_read_seq: number }[] };
    };
    const state = data.read_states.find(({ user_id }) => user_id === bob.user_id);
    expect(state?.last_read_seq).toBe(shown.seq);
  });

  it("[R29 R19 REQ-61] nor does one see those of others; with the setting back all is there", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await befriend(ann, bob);
    await set(ann, { read_receipts: false });
    const hers = await bothSockets(ann, id);
    const said = await text(ann, id, "hello");
    await read(bob, id, said);
    await settled(300);
    for (const socket of hers) expect(reads(socket)).toEqual([]);
    expect(await fetched(ann, said)).toMatchObject({ receipt_status: "delivered" });
    await set(ann, { read_receipts: true });
    await expect.poll(async () => (await fetched(ann, said)).receipt_status).toBe("read");
  });

  it("[R29 R19 REQ-62] that somebody reads is told by nothing: a resume is the same before and after", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await befriend(ann, bob);
    await set(bob, { read_receipts: false });
    const said = await text(ann, id, "hello");
    await body(api(bob, "GET", `/conversations/${id}/messages`), 200);
    await settled(600);
    const later = await text(bob, id, "later");
    const states = async () => {
      const socket = await connectTo(ann, id, `?since=${later.seq}`);
      await socket.ask({ type: "sync", conversations: { [id]: later.seq } });
      const all = socket.all("conversation.sync").flatMap(({ data }) => data.read_states);
      return all.filter(({ user_id }) => user_id === bob.user_id);
    };
    const before = await states();
    await read(bob, id, said);
    await settled(300);
    expect(await states()).toEqual(before);
  });

  it("[R29 R19 REQ-63] with the setting back, the next thing that is read is shown, and all before it", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await befriend(ann, bob);
    await set(bob, { read_receipts: false });
    const kept = await text(ann, id, "kept");
    await read(bob, id, kept);
    await set(bob, { read_receipts: true });
    expect(await fetched(ann, kept)).toMatchObject({ receipt_status: "delivered" });
    const next = await text(ann, id, "next");
    await read(bob, id, next);
    await expect.poll(async () => (await fetched(ann, kept)).receipt_status).toBe("read");
    expect(await fetched(ann, next)).toMatchObject({ receipt_status: "read" });
  });

  it("[R29 R19 REQ-64] in a group the others learn of each other as ever", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    await set(bob, { read_receipts: false });
    const [hers, his] = [await connect(ann), await connect(bob)];
    const said = await text(ann, id, "hello");
    await read(cid, id, said);
    await hers.heard((event) => event.type === "message.receipt" && event.data.status === "read");
    expect(reads(his)).toEqual([]);
    const { receipts } = await body<{ receipts: { user_id: string; status: string }[] }>(
      api(ann, "GET", `/messages/${said.message_id}/receipts`),
      200,
    );
    expect(receipts.find(({ user_id }) => user_id === cid.user_id)?.status).toBe("read");
  });
});

describe("when one was last online (rules 22 and 29)", () => {
  const seenAt = async (viewer: Person, who: Person) =>
    (await body<{ last_seen_at: string | null }>(api(viewer, "GET", `/users/${who.user_id}`), 200))
      .last_seen_at;

  it("[R29 R22 REQ-70] who hides it shows it in no answer and no event, and does not see it of others", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const at = "2026-01-15T10:30:00.000Z";
    for (const who of [ann, bob, cid]) await wasSeen(who, at);
    await set(bob, { last_seen: false });
    expect(await seenAt(ann, bob)).toBeNull();
    expect(await seenAt(bob, ann)).toBeNull();
    expect(await seenAt(ann, cid)).toBe(at);
    const of = async (viewer: Person) => {
      const details = await body<{ participants: { user_id: string; last_seen_at: string | null }[] }>(
        api(viewer, "GET", `/conversations/${id}`),
        200,
      );
      const listed = await item(viewer, id);
      return [...details.participants, ...(listed?.participants ?? [])].flatMap(
        ({ user_id, last_seen_at }) => (user_id === viewer.user_id || last_seen_at === null ? [] : user_id),
      );
    };
    expect(new Set(await of(ann))).toEqual(new Set([cid.user_id]));
    expect(await of(bob)).toEqual([]);
    expect(await body(api(bob, "GET", "/users/me"), 200)).toMatchObject({ last_seen_at: at });
    await set(bob, { last_seen: true });
    expect(await seenAt(ann, bob)).toBe(at);
    expect(await seenAt(bob, ann)).toBe(at);
  });

  it("[R29 R22 REQ-71] events of presence leave it out, on both kinds of socket", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    for (const who of [ann, bob]) await wasSeen(who, "2026-01-15T10:30:00.000Z");
    await set(bob, { last_seen: false });
    const [watching, hiding] = [await bothSockets(cid, id), await bothSockets(bob, id)];
    await connect(ann);
    const told = async (socket: TestSocket, who: Person) => {
      const heard = await socket.heard(
        (event) => event.type === "user.presence" && event.data.user_id === who.user_id,
      );
      return heard.type === "user.presence" && heard.data.last_seen_at;
    };
    for (const socket of watching) {
      expect(await told(socket, ann)).not.toBeNull();
      expect(await told(socket, bob).catch(() => null)).toBeNull();
    }
    for (const socket of hiding) expect(await told(socket, ann)).toBeNull();
  });
});

/** Notes when somebody was last online. */
async function wasSeen({ user_id }: Person, at: string): Promise<void> {
  const { env } = await import("cloudflare:workers");
  await env.DB.prepare("UPDATE users SET last_seen_at = ? WHERE user_id = ?")
    .bind(Date.parse(at), user_id)
    .run();
}
