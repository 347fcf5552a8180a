/** Message requests: a stranger's direct chat, until it is accepted or declined (rule 29). */

import type { Conversation } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faults } from "../worker/faults.ts";
import { serverToken } from "../worker/server-kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  connect,
  direct,
  fetched,
  group,
  history,
  item,
  type Person,
  refusal,
  settled,
  type TestSocket,
  text,
} from "./kit.ts";

const accept = (who: Person, id: string) => api(who, "POST", `/conversations/${id}/accept`);
const decline = (who: Person, id: string, input: object = {}) =>
  api(who, "POST", `/conversations/${id}/decline`, input);
const say = (who: Person, id: string, content: string) =>
  api(who, "POST", `/conversations/${id}/messages`, { type: "text", content });
const read = (who: Person, id: string, { message_id }: { message_id: string }) =>
  api(who, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
const about = (socket: TestSocket, who: Person) =>
  socket.events.filter((event) => JSON.stringify(event).includes(who.user_id));
const totals = async (who: Person) =>
  (await body<{ messages: number; conversations: number }>(api(who, "GET", "/unread"), 200)).messages;

/** A stranger, ann, has written to bob. */
async function asked() {
  const [ann, bob] = await cast("ann", "bob");
  const id = await direct(ann, bob);
  const first = await text(ann, id, "hello, stranger");
  return { ann, bob, id, first };
}

/** Parts of the contract share one file, so a hook outside would turn requests on for all of them. */
function withRequests(): void {
  beforeEach(() => {
    faults.settings = { MESSAGE_REQUESTS: "on" };
  });
  afterEach(() => {
    faults.settings = {};
  });
}

describe("message requests", () => {
  withRequests();

  it("[R29 REQ-10] a stranger's chat is a request to who is asked, and to nobody else", async () => {
    const { ann, bob, id } = await asked();
    expect(await item(bob, id)).toMatchObject({
      is_request: true,
      last_message: { content: "hello, stranger" },
    });
    expect(await item(ann, id)).toMatchObject({ is_request: false });
    expect(await body(api(bob, "GET", `/conversations/${id}`), 200)).toMatchObject({ is_request: true });
    expect(await body(api(ann, "GET", `/conversations/${id}`), 200)).toMatchObject({ is_request: false });
    const other = await direct(ann, bob);
    expect(other).toBe(id);
    const listed = await body<{ conversations: Conversation[]; total: number }>(
      api(bob, "GET", "/conversations?filter=requests"),
      200,
    );
    expect(listed).toMatchObject({ total: 1, conversations: [{ conversation_id: id, is_request: true }] });
    expect(await body(api(ann, "GET", "/conversations?filter=requests"), 200)).toMatchObject({ total: 0 });
    const synced = await body<{ conversations: { changes: object; conversation: object }[] }>(
      api(bob, "GET", "/sync"),
      200,
    );
    expect(synced.conversations).toMatchObject([
      { conversation: { is_request: true }, changes: { is_request: true } },
    ]);
  });

  it("[R29 REQ-11] the event of the new chat says it to the asked one alone; a group is never a request", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const [mine, theirs] = [await connect(ann), await connect(bob)];
    const id = await direct(ann, bob);
    expect(await theirs.heard("conversation.created")).toMatchObject({
      conversation_id: id,
      data: { is_request: true },
    });
    expect(await mine.heard("conversation.created")).toMatchObject({ data: { is_request: false } });
    const together = await group(ann, [bob]);
    expect(await item(bob, together)).toMatchObject({ is_request: false });
    await refusal(accept(bob, together), "VALIDATION_ERROR");
    await refusal(decline(bob, together), "VALIDATION_ERROR");
  });

  it("[R29 REQ-12] three messages, over REST and sockets; a retry of one is answered, a fourth refused", async () => {
    const { ann, bob, id } = await asked();
    const socket = await connect(ann);
    const data = { type: "text", content: "second", client_message_id: "again" };
    const send = { type: "message.send", conversation_id: id, data };
    expect(await socket.ask(send)).toMatchObject({ type: "ack" });
    await body(say(ann, id, "third"), 201);
    await refusal(say(ann, id, "fourth"), "NOT_ACCEPTED");
    expect(await socket.ask({ ...send, data: { ...data, client_message_id: "new" } })).toMatchObject({
      type: "error",
      code: "NOT_ACCEPTED",
    });
    expect(await socket.ask(send)).toMatchObject({ type: "ack", data: { content: "second" } });
    expect((await history(bob, id)).map(({ content }) => content)).toEqual([
      "third",
      "second",
      "hello, stranger",
    ]);
    const upload = { conversation_id: id, file_name: "a.jpg", file_size: 9, mime_type: "image/jpeg" };
    await refusal(
      api(ann, "POST", "/messages/attachments/upload-url", { ...upload, attachment_type: "image" }),
      "NOT_ACCEPTED",
    );
    await body(accept(bob, id), 204);
    await body(say(ann, id, "fourth"), 201);
  });

  it("[R29 REQ-13] deleting one makes no room for another; deleting and editing are possible", async () => {
    const { ann, id, first } = await asked();
    await body(api(ann, "PUT", `/messages/${first.message_id}`, { content: "hello, friend" }), 200);
    const second = await text(ann, id, "second");
    await text(ann, id, "third");
    await body(api(ann, "DELETE", `/messages/${second.message_id}?delete_for_everyone=true`), 204);
    await refusal(say(ann, id, "fourth"), "NOT_ACCEPTED");
  });

  it("[R29 REQ-14] it counts in no total; its own count stays; once accepted it counts", async () => {
    const { ann, bob, id } = await asked();
    const socket = await connect(bob);
    expect(await item(bob, id)).toMatchObject({ unread_count: 1 });
    expect(await totals(bob)).toBe(0);
    await text(ann, id, "again");
    await settled();
    expect(socket.all("unread.total").filter(({ data }) => data.messages > 0)).toEqual([]);
    await body(accept(bob, id), 204);
    await socket.heard((event) => event.type === "unread.total" && event.data.messages === 2);
    await expect.poll(() => totals(bob)).toBe(2);
    expect((await connect(bob)).all("connection.established")[0]).toBeDefined();
  });

  it("[R29 REQ-15] the stranger hears nothing of it: no receipt, no typing, no presence, in no answer", async () => {
    const { ann, bob, id, first } = await asked();
    const sockets = await bothSockets(ann, id);
    const since = first.seq;
    const before = await body<object>(api(ann, "GET", `/users/${bob.user_id}`), 200);
    const marks = sockets.map((socket) => socket.events.length);
    const [mine, here] = await bothSockets(bob, id);
    await mine.ask({ type: "presence.update", status: "away" });
    await here.ask({ type: "typing.start", conversation_id: id });
    await body(api(bob, "POST", `/conversations/${id}/typing`), 204);
    await body(api(bob, "GET", `/conversations/${id}/messages`), 200);
    await body(read(bob, id, first), 200);
    expect(await here.ask({ type: "message.delivered", message_id: first.message_id })).toMatchObject({
      type: "ack",
    });
    await settled(500);
    for (const [index, socket] of sockets.entries()) {
      const later = JSON.stringify(socket.events.slice(marks[index]));
      expect(later).not.toContain(bob.user_id);
    }
    expect(await fetched(ann, first)).toMatchObject({ status: "sent", receipt_status: "sent" });
    const { receipts } = await body<{ receipts: object[] }>(
      api(ann, "GET", `/messages/${first.message_id}/receipts`),
      200,
    );
    expect(receipts).toMatchObject([{ status: "sent", delivered_at: null, read_at: null }]);
    expect(await body(api(ann, "GET", `/users/${bob.user_id}`), 200)).toEqual(before);
    const seen = await body<Conversation>(api(ann, "GET", `/conversations/${id}`), 200);
    expect(seen.participants.find(({ user_id }) => user_id === bob.user_id)).toMatchObject({
      is_online: false,
      last_seen_at: null,
    });
    expect((await item(ann, id))?.other_user).toMatchObject({ is_online: false, last_seen_at: null });
    const [socket] = sockets;
    await socket?.ask({ type: "sync", conversations: { [id]: since } });
    const synced = socket?.all("conversation.sync").at(-1);
    expect(synced?.data.read_states.filter(({ user_id }) => user_id === bob.user_id)).toEqual([]);
    // The asked one sees the stranger.
    expect(await body(api(bob, "GET", `/users/${ann.user_id}`), 200)).toMatchObject({ is_online: true });
  });

  it("[R29 REQ-16] neither reacts, pins nor changes settings before it is accepted", async () => {
    const { ann, bob, id, first } = await asked();
    for (const who of [ann, bob]) {
      await refusal(
        api(who, "POST", `/messages/${first.message_id}/reactions`, { emoji: "👍" }),
        "NOT_ACCEPTED",
      );
      await refusal(api(who, "PUT", `/messages/${first.message_id}/pin`), "NOT_ACCEPTED");
      const settings = { disappearing_messages_enabled: true };
      await refusal(api(who, "PUT", `/conversations/${id}`, { settings }), "NOT_ACCEPTED");
    }
    await body(accept(bob, id), 204);
    await body(api(bob, "POST", `/messages/${first.message_id}/reactions`, { emoji: "👍" }), 201);
  });
});

describe("accepting", () => {
  withRequests();

  it("[R29 REQ-20] own devices hear it, the stranger hears what was read; a message in the history says it", async () => {
    const { ann, bob, id, first } = await asked();
    await body(read(bob, id, first), 200);
    const [hers, his] = [await connect(ann), await connect(bob)];
    await body(accept(bob, id), 204);
    expect(await his.heard("request.updated")).toMatchObject({
      conversation_id: id,
      data: { status: "accepted" },
    });
    expect(
      await hers.heard((event) => event.type === "message.receipt" && event.data.status === "read"),
    ).toMatchObject({ data: { user_id: bob.user_id, message_id: first.message_id } });
    expect(hers.all("request.updated")).toEqual([]);
    expect((await history(ann, id))[0]).toMatchObject({
      type: "system",
      system: { event: "request.accepted" },
    });
    expect(await fetched(ann, first)).toMatchObject({ receipt_status: "read" });
    expect(await item(bob, id)).toMatchObject({ is_request: false });
    const heads = (await history(ann, id)).length;
    await body(accept(bob, id), 204);
    await body(accept(ann, id), 204);
    expect(await history(ann, id)).toHaveLength(heads);
    await refusal(decline(bob, id), "CONFLICT");
    await refusal(decline(ann, id), "CONFLICT");
  });

  it("[R29 REQ-21] an answer accepts, without a message of the system's; presence is there", async () => {
    const { ann, bob, id } = await asked();
    const his = await connect(bob);
    await connect(ann);
    await body(say(bob, id, "hello back"), 201);
    expect(await his.heard("request.updated")).toMatchObject({ data: { status: "accepted" } });
    expect((await history(ann, id)).map(({ type }) => type)).toEqual(["text", "text"]);
    expect(await item(bob, id)).toMatchObject({ is_request: false });
    await expect
      .poll(
        async () =>
          (await body<{ is_online: boolean }>(api(ann, "GET", `/users/${bob.user_id}`), 200)).is_online,
      )
      .toBe(true);
    for (let more = 0; more < 4; more += 1) await body(say(ann, id, "more"), 201);
  });

  it("[R29 REQ-22] only the asked one accepts and declines; a stranger to both neither", async () => {
    const { ann, id } = await asked();
    const [eve] = await cast("eve");
    await body(accept(ann, id), 204);
    await refusal(decline(ann, id), "CONFLICT");
    for (const answer of [accept(eve, id), decline(eve, id)]) await refusal(answer, "FORBIDDEN");
    await text(ann, id, "2");
    await text(ann, id, "3");
    await refusal(say(ann, id, "4"), "NOT_ACCEPTED");
  });
});

describe("declining", () => {
  withRequests();

  it("[R29 REQ-30] it leaves the list on all devices, and the stranger says nothing more", async () => {
    const { ann, bob, id, first } = await asked();
    const [his, hers] = [await connect(bob), await connect(ann)];
    const heard = hers.events.length;
    await body(decline(bob, id), 204);
    expect(await his.heard("request.updated")).toMatchObject({ data: { status: "declined" } });
    expect(await item(bob, id)).toBeUndefined();
    expect(await body(api(bob, "GET", "/conversations?filter=requests"), 200)).toMatchObject({ total: 0 });
    await refusal(say(ann, id, "please"), "NOT_ACCEPTED");
    await refusal(api(ann, "PUT", `/messages/${first.message_id}`, { content: "please" }), "NOT_ACCEPTED");
    expect(await hers.ask({ type: "typing.start", conversation_id: id })).toMatchObject({
      code: "NOT_ACCEPTED",
    });
    await body(decline(bob, id), 204);
    await settled();
    const others = hers.events
      .slice(heard)
      .filter(({ type }) => type !== "error" && type !== "user.presence");
    expect(others).toEqual([]);
    expect(about(hers, bob)).toEqual([]);
    expect(await direct(ann, bob)).toBe(id);
    await refusal(say(ann, id, "please"), "NOT_ACCEPTED");
  });

  it("[R29 REQ-31] who has declined may think again: they accept, or write", async () => {
    const { ann, bob, id } = await asked();
    await body(decline(bob, id), 204);
    await body(say(bob, id, "well then"), 201);
    expect(await item(bob, id)).toMatchObject({ is_request: false, last_message: { content: "well then" } });
    await body(say(ann, id, "thanks"), 201);
    const second = await asked();
    await body(decline(second.bob, second.id), 204);
    await body(accept(second.bob, second.id), 204);
    expect(await item(second.bob, second.id)).toMatchObject({ is_request: false });
    await body(say(second.ann, second.id, "thanks"), 201);
  });

  it("[R29 REQ-32] with `block` the stranger is blocked too", async () => {
    const { ann, bob, id } = await asked();
    await body(decline(bob, id, { block: true }), 204);
    const { blocks } = await body<{ blocks: { user: { user_id: string } }[] }>(
      api(bob, "GET", "/blocks"),
      200,
    );
    expect(blocks.map(({ user }) => user.user_id)).toEqual([ann.user_id]);
    await refusal(say(ann, id, "please"), "BLOCKED");
    expect(await item(bob, id)).toBeUndefined();
    const accepted = await asked();
    await body(accept(accepted.bob, accepted.id), 204);
    await refusal(decline(accepted.bob, accepted.id, { block: true, report: "spam" }), "CONFLICT");
    expect(await body(api(accepted.bob, "GET", "/blocks"), 200)).toMatchObject({ blocks: [] });
  });
});

describe("declining and reporting", () => {
  withRequests();

  it("[R29 REQ-33] with `report` the moderators see the conversation as it was, once, also after a repetition", async () => {
    const { ann, bob, id } = await asked();
    await body(decline(bob, id, { report: "spam", block: true }), 204);
    await body(decline(bob, id, { report: "spam", block: true }), 204);
    await refusal(say(ann, id, "please"), "BLOCKED");
    const { body: queue } = await api(
      await serverToken("moderation"),
      "GET",
      "/server/moderation/queue?limit=100",
    );
    const items = queue.items.filter((one: object) => JSON.stringify(one).includes(id));
    expect(items).toHaveLength(1);
    expect(JSON.stringify(items)).toContain("hello, stranger");
    expect(JSON.stringify(items)).toContain("spam");
  });
});

describe("without message requests", () => {
  it("[R29 REQ-40] nothing waits: no request, receipts as ever, any number of messages", async () => {
    const { ann, bob, id, first } = await asked();
    expect(await item(bob, id)).toMatchObject({ is_request: false });
    for (let more = 0; more < 4; more += 1) await body(say(ann, id, "more"), 201);
    await body(read(bob, id, first), 200);
    await expect.poll(async () => (await fetched(ann, first)).receipt_status).toBe("read");
    expect(await totals(bob)).toBe(4);
    expect(await body(api(ann, "GET", "/capabilities"), 200)).toMatchObject({ message_requests: false });
  });
});
