/** Rule 19: read and delivered watermarks, unread counts and receipts. */

import {
  type Message,
  messageId,
  type ReadResult,
  type Receipts,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
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
  history,
  item,
  type Person,
  person,
  refusal,
  settled,
  type TestSocket,
  text,
} from "./kit.ts";

const read = (who: Person, message: Message) =>
  body<ReadResult>(
    api(who, "PUT", `/conversations/${message.conversation_id}/read`, {
      up_to_message_id: message.message_id,
    }),
    200,
  );
const receipts = async (who: Person, message: Message) =>
  (await body<Receipts>(api(who, "GET", `/messages/${message.message_id}/receipts`), 200)).receipts;
/** What a socket heard of somebody's receipts. */
const heardOf = (socket: TestSocket, who: Person, status: "delivered" | "read") =>
  socket
    .all("message.receipt")
    .filter((event) => event.data.user_id === who.user_id && event.data.status === status)
    .map((event) => event.data.message_id);

async function several(who: Person, id: string, count: number): Promise<Message[]> {
  const sent = [];
  for (let i = 0; i < count; i++) sent.push(await text(who, id, `${i}`));
  return sent;
}

describe("the read watermark", () => {
  it("[R19] only moves forward: reading older messages again changes nothing and is told to nobody", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const [one, two, three, four] = (await several(ann, id, 4)) as [Message, Message, Message, Message];
    const socket = await connectTo(ann, id);
    expect(await read(bob, three)).toEqual({ marked_read: 3, unread_count: 1, unread_mentions: 0 });
    expect(await read(bob, one)).toEqual({ marked_read: 0, unread_count: 1, unread_mentions: 0 });
    const own = await connect(bob);
    expect(await own.ask({ type: "message.read", message_id: two.message_id })).toMatchObject({
      type: "ack",
    });
    expect(await item(bob, id)).toMatchObject({ unread_count: 1 });
    expect(await fetched(ann, three)).toMatchObject({ receipt_status: "read" });
    await read(bob, four);
    await expect.poll(() => heardOf(socket, bob, "read").at(-1)).toBe(four.message_id);
    expect(heardOf(socket, bob, "read")).toEqual([three.message_id, four.message_id]);
  });

  it("[R19] marked_read counts the others' messages it passed: not one's own, the system's, deleted or hidden ones", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const [one, two, three] = (await several(ann, id, 3)) as [Message, Message, Message];
    await text(bob, id, "my own");
    await api(ann, "PUT", `/conversations/${id}`, { name: "A message of the system's" });
    const last = await text(ann, id, "last");
    const after = await text(ann, id, "after");
    await body(api(ann, "DELETE", `/messages/${one.message_id}?delete_for_everyone=true`), 204);
    await body(api(bob, "DELETE", `/messages/${two.message_id}`), 204);
    expect(await item(bob, id)).toMatchObject({ unread_count: 3 });
    expect(await read(bob, last)).toMatchObject({ marked_read: 2, unread_count: 1 });
    expect(await item(bob, id)).toMatchObject({ unread_count: 1 });
    await body(api(ann, "DELETE", `/messages/${three.message_id}?delete_for_everyone=true`), 204);
    expect(await item(bob, id)).toMatchObject({ unread_count: 1 });
    expect(await read(bob, after)).toMatchObject({ marked_read: 1, unread_count: 0 });
  });

  it("[R19] a message that is not there, or is elsewhere, marks nothing", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const [here, elsewhere] = [await text(ann, id, "here"), await text(ann, other, "elsewhere")];
    const put = (up_to_message_id: string) =>
      api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id });
    await refusal(put(elsewhere.message_id), "NOT_FOUND");
    await refusal(put(`${here.message_id.slice(0, -4)}ffff`), "NOT_FOUND");
    await refusal(put(crypto.randomUUID()), "NOT_FOUND");
    await refusal(put("here"), "VALIDATION_ERROR");
    expect(await item(bob, id)).toMatchObject({ unread_count: 1 });
  });
});

describe("delivered", () => {
  it("[R6 R19] nor does a place that is no message, or one that the reader has deleted for themselves", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const [first, second] = await several(ann, id, 2);
    if (!first || !second) throw new Error("nothing was said");
    await body(api(ann, "POST", `/messages/${first.message_id}/reactions`, { emoji: "👍" }), 201);
    const reaction = messageId(id, second.seq + 1);
    await body(api(bob, "DELETE", `/messages/${second.message_id}`), 204);
    for (const up_to_message_id of [reaction, second.message_id, messageId(id, 1)]) {
      await refusal(api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id }), "NOT_FOUND");
      for (const socket of await bothSockets(bob, id)) {
        for (const type of ["message.read", "message.delivered"]) {
          const answer = await socket.ask({ type, message_id: up_to_message_id });
          expect([type, answer]).toMatchObject([type, { type: "error", code: "NOT_FOUND" }]);
        }
      }
    }
    expect((await item(bob, id))?.unread_count).toBe(1);
    await read(bob, first);
    expect((await item(bob, id))?.unread_count).toBe(0);
  });

  it("[R19] when a live socket of either kind was handed the message, or a page was fetched; else it is sent", async () => {
    const [ann, bob, cid, dee, eve] = await cast("ann", "bob", "cid", "dee", "eve");
    const id = await group(ann, [bob, cid, dee, eve]);
    await connect(bob);
    await connectTo(cid, id);
    const sent = await text(ann, id, "Hello!");
    await history(dee, id);
    const statuses = async () => (await receipts(ann, sent)).map((one) => one.status);
    await expect.poll(statuses).toEqual(["delivered", "delivered", "delivered", "sent"]);
    for (const one of await receipts(bob, sent))
      expect(one.delivered_at === null).toBe(one.status === "sent");
  });

  it("[R19] receipt_status of one's own message is the lowest over the others; of another's, one's own state", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const sent = await text(ann, id, "Hello!");
    await read(bob, sent);
    const status = async (who: Person) => (await history(who, id))[0]?.receipt_status;
    expect(await status(ann)).toBe("sent");
    expect(await status(bob)).toBe("read");
    await history(cid, id);
    await expect.poll(() => status(cid)).toBe("delivered");
    await expect.poll(() => status(ann)).toBe("delivered");
    await read(cid, sent);
    expect(await status(ann)).toBe("read");
    expect(await status(cid)).toBe("read");
  });

  it("[R19] who came after a message is not asked for it, and who left no longer", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob, cid]);
    const sent = await text(ann, id, "Hello!");
    await read(bob, sent);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: dee.user_id });
    await api(cid, "DELETE", `/conversations/${id}`);
    expect((await receipts(ann, sent)).map((one) => one.user_id)).toEqual([bob.user_id]);
    expect(await fetched(ann, sent)).toMatchObject({ receipt_status: "read" });
  });
});

describe("receipts pushed", () => {
  it("[R19] in a direct chat each at once, to both kinds of sockets", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const sent = await several(ann, id, 3);
    const sockets = await bothSockets(ann, id);
    const own = await connect(bob);
    for (const { message_id } of sent) own.raw(JSON.stringify({ type: "message.read", message_id }));
    for (const socket of sockets) {
      await expect
        .poll(() => heardOf(socket, bob, "read"))
        .toEqual(sent.map((message) => message.message_id));
    }
  });

  it("[R19] in a group at most one for each member and status in 250 ms, with the newest message passed", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const [socket, own] = [await connectTo(ann, id), await connect(bob)];
    const sent = await several(ann, id, 12);
    const start = Date.now();
    for (const { message_id } of sent) own.raw(JSON.stringify({ type: "message.read", message_id }));
    const newest = sent.at(-1)?.message_id;
    for (const status of ["read", "delivered"] as const) {
      await expect.poll(() => heardOf(socket, bob, status).at(-1)).toBe(newest);
    }
    const rounds = 1 + Math.floor((Date.now() - start) / 250);
    expect(heardOf(socket, bob, "read").length).toBeLessThanOrEqual(rounds);
    expect(rounds).toBeLessThan(sent.length);
  });

  it("[R19 R33 RCPT-1] delivered goes to those who sent what was passed, read to everybody; both say up_to", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob, cid, dee]);
    const [anns, bobs, dees] = [await connectTo(ann, id), await connect(bob), await connectTo(dee, id)];
    await text(ann, id, "one");
    const two = await text(bob, id, "two");
    // Both are handed over at once, to a client that was away.
    const cids = await connectTo(cid, id, "?since=1");
    for (const socket of [anns, bobs]) {
      await expect.poll(() => heardOf(socket, cid, "delivered")).toEqual([two.message_id]);
    }
    await read(cid, two);
    for (const socket of [anns, bobs, cids, dees]) {
      await expect.poll(() => heardOf(socket, cid, "read")).toEqual([two.message_id]);
      for (const { data } of socket.all("message.receipt")) expect(data.up_to).toBe(true);
    }
    expect([cids, dees].map((socket) => heardOf(socket, cid, "delivered"))).toEqual([[], []]);
    // Who has sent nothing that was passed hears of nobody.
    expect(dees.all("message.receipt").filter(({ data }) => data.status === "delivered")).toEqual([]);
  });

  it("[R19 R33 RCPT-2] after a long absence each sender is told once; what one sent oneself is told to nobody", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob, cid]);
    await text(bob, id, "first");
    const last = (await several(ann, id, 18)).at(-1) as Message;
    const early = await text(cid, id, "by the one who comes back");
    const [anns, bobs, cids] = [await connectTo(ann, id), await connectTo(bob, id), await connectTo(cid, id)];
    await history(cid, id);
    for (const socket of [anns, bobs]) {
      await expect.poll(() => heardOf(socket, cid, "delivered")).toEqual([last.message_id]);
    }
    // What was said before one joined was not said to one.
    await body(api(ann, "POST", `/conversations/${id}/participants`, { user_id: dee.user_id }), 201);
    const dees = await connectTo(dee, id);
    const own = await text(dee, id, "my own");
    await dees.ask({ type: "message.delivered", message_id: own.message_id });
    const after = await text(bob, id, "after");
    await expect.poll(() => heardOf(bobs, dee, "delivered")).toEqual([after.message_id]);
    expect(early.seq).toBeLessThan(own.seq);
    expect(heardOf(cids, dee, "delivered")).toEqual([]);
    expect(dees.all("message.receipt").filter(({ data }) => data.user_id === dee.user_id)).toEqual([]);
  });

  it("[R19] above 100 members none is pushed: they ask; one's own devices still hear what one has read", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const crowd = await Promise.all(Array.from({ length: 99 }, () => person("crowd")));
    const id = await group(ann, [bob, ...crowd], "Crowd");
    const sockets = [await connectTo(ann, id), await connect(ann)];
    const own = await connect(bob);
    const sent = await text(ann, id, "Hello everyone!");
    await own.heard("message.new");
    await read(bob, sent);
    expect((await receipts(ann, sent)).find((one) => one.user_id === bob.user_id)).toMatchObject({
      status: "read",
    });
    expect(await receipts(ann, sent)).toHaveLength(100);
    // Receipts of so many wait for ten seconds.
    const isRead = (event: ServerEvent) => event.type === "message.receipt" && event.data.status === "read";
    await own.heard(isRead, 20_000);
    await text(bob, id, "fence");
    for (const socket of sockets) {
      await socket.heard((event) => event.type === "message.new" && event.data.content === "fence");
      await settled();
      expect(socket.all("message.receipt")).toEqual([]);
    }
  });
});
