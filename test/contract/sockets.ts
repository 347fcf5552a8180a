/** Guide section 2: every event of either direction, on both kinds of sockets. */

import { Message } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import {
  api,
  bothSockets,
  cast,
  connect,
  connectTo,
  direct,
  fetched,
  group,
  item,
  summary,
  TIME,
  text,
  UUID,
} from "./kit.ts";

/** A direct chat, and the second person's sockets of both kinds. */
async function overheard() {
  const [ann, bob] = await cast("ann", "bob");
  const id = await direct(ann, bob);
  return { ann, bob, id, sockets: await bothSockets(bob, id) };
}

describe("from the server", () => {
  it("[GUIDE-2.1 R20] connection.established names the user and the connection", async () => {
    const { bob, sockets } = await overheard();
    const data = { user_id: bob.user_id, connection_id: expect.any(String), features: ["lean"] };
    const unread = { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 };
    expect(sockets.map((socket) => socket.events[0])).toEqual([
      { type: "connection.established", data: { ...data, unread } },
      { type: "connection.established", data },
    ]);
    const ids = sockets.map((socket) => JSON.stringify(socket.events[0]));
    expect(new Set(ids).size).toBe(2);
  });

  it("[GUIDE-2.6 R11 R20] message.new carries the message as REST has it, with seq at the top", async () => {
    const { ann, id, sockets } = await overheard();
    const sent = await text(ann, id, "Hello!");
    for (const socket of sockets) {
      const event = await socket.heard("message.new");
      expect(event).toEqual({ type: "message.new", conversation_id: id, seq: sent.seq, data: sent });
      expect(event).toMatchObject({
        data: { message_id: sent.message_id, sender: summary(ann), content: "Hello!", created_at: TIME },
      });
    }
  });

  it("[GUIDE-2.7 R11 R16] message.edited carries the new content and the time", async () => {
    const { ann, id, sockets } = await overheard();
    const sent = await text(ann, id, "Hello!");
    await api(ann, "PUT", `/messages/${sent.message_id}`, { content: "Updated content" });
    for (const socket of sockets) {
      expect(await socket.heard("message.edited")).toMatchObject({
        type: "message.edited",
        conversation_id: id,
        seq: sent.seq + 1,
        data: { message_id: sent.message_id, content: "Updated content", edited_at: TIME },
      });
    }
  });

  it("[GUIDE-2.8 R11 R17] message.deleted says which and by whom, and nothing of what was said", async () => {
    const { ann, id, sockets } = await overheard();
    const sent = await text(ann, id, "Hello!");
    await api(ann, "DELETE", `/messages/${sent.message_id}?delete_for_everyone=true`);
    for (const socket of sockets) {
      expect(await socket.heard("message.deleted")).toEqual({
        type: "message.deleted",
        conversation_id: id,
        seq: sent.seq + 1,
        data: {
          message_id: sent.message_id,
          deleted_by: ann.user_id,
          for_everyone: true,
          reason: "deleted",
        },
      });
    }
  });

  it("[GUIDE-2.9 R11 R18] message.reaction tells an addition and a removal, each once", async () => {
    const { ann, id, sockets } = await overheard();
    const sent = await text(ann, id, "Hello!");
    const path = `/messages/${sent.message_id}/reactions`;
    for (const _ of [1, 2]) await api(ann, "POST", path, { emoji: "👍" });
    for (const _ of [1, 2]) await api(ann, "DELETE", `${path}/${encodeURIComponent("👍")}`);
    const { user_id, username } = ann;
    const told = (action: string, seq: number) => ({
      type: "message.reaction",
      conversation_id: id,
      seq,
      data: { message_id: sent.message_id, user_id, username, emoji: "👍", action },
    });
    for (const socket of sockets) {
      await expect
        .poll(() => socket.all("message.reaction"))
        .toEqual([told("add", sent.seq + 1), told("remove", sent.seq + 2)]);
    }
  });

  it("[GUIDE-2.10 R22] typing.indicator says who, and whether they type", async () => {
    const { ann, id, sockets } = await overheard();
    await api(ann, "POST", `/conversations/${id}/typing`);
    for (const socket of sockets) {
      expect(await socket.heard("typing.indicator")).toEqual({
        type: "typing.indicator",
        conversation_id: id,
        data: { user_id: ann.user_id, username: ann.username, is_typing: true },
      });
    }
  });

  it("[GUIDE-2.11 R19 R33] message.receipt tells delivered and read, with the time", async () => {
    const { ann, bob, id } = await overheard();
    const sockets = await bothSockets(ann, id);
    const sent = await text(ann, id, "Hello!");
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: sent.message_id });
    for (const socket of sockets) {
      for (const status of ["delivered", "read"]) {
        const event = await socket.heard((e) => e.type === "message.receipt" && e.data.status === status);
        expect(event).toEqual({
          type: "message.receipt",
          conversation_id: id,
          data: { message_id: sent.message_id, up_to: true, user_id: bob.user_id, status, timestamp: TIME },
        });
      }
    }
  });

  it("[GUIDE-2.12 R22] user.presence tells the status and when they were last seen", async () => {
    const { ann, sockets } = await overheard();
    await connect(ann);
    for (const socket of sockets) {
      const event = await socket.heard((e) => e.type === "user.presence" && e.data.user_id === ann.user_id);
      expect(event).toEqual({
        type: "user.presence",
        data: { user_id: ann.user_id, status: "online", last_seen_at: TIME },
      });
    }
  });
});

describe("from the client", () => {
  it("[GUIDE-2.2 R12 R20] message.send is acknowledged with the message after it is stored; a retry with the first", async () => {
    const { ann, bob, id } = await overheard();
    const quoted = await text(bob, id, "first");
    const data = { content: "Hello!", type: "text", reply_to_message_id: quoted.message_id };
    const own = { ...data, client_message_id: "one" };
    const first = await (await connect(ann)).ask({ type: "message.send", conversation_id: id, data: own });
    if (first.type !== "ack") throw new Error(`refused: ${JSON.stringify(first)}`);
    expect(first).toEqual({ type: "ack", request_id: "r1", data: Message.parse(first.data) });
    expect(first.data).toMatchObject({ message_id: UUID, content: "Hello!", sender: summary(ann) });
    expect(await fetched(bob, Message.parse(first.data))).toMatchObject({ content: "Hello!" });
    const again = await (await connectTo(ann, id)).ask({
      type: "message.send",
      conversation_id: id,
      data: own,
    });
    expect(again).toEqual(first);
    expect(await text(ann, id, "Hello!", own)).toEqual(first.data);
  });

  it("[GUIDE-2.3 R20 R22] typing.start and typing.stop are heard by the other; without request_id nothing is answered", async () => {
    const { ann, id, sockets } = await overheard();
    for (const socket of await bothSockets(ann, id)) {
      const before = socket.events.length;
      const heard = () => sockets.map((other) => other.all("typing.indicator").at(-1)?.data.is_typing);
      socket.raw(JSON.stringify({ type: "typing.start", conversation_id: id }));
      await expect.poll(heard).toEqual([true, true]);
      socket.raw(JSON.stringify({ type: "typing.stop", conversation_id: id }));
      await expect.poll(heard).toEqual([false, false]);
      const answers = socket.events.slice(before).filter((event) => ["ack", "error"].includes(event.type));
      expect(answers).toEqual([]);
    }
  });

  it("[GUIDE-2.4 R19] message.read moves the watermark", async () => {
    const { ann, bob, id, sockets } = await overheard();
    for (const socket of sockets) {
      const sent = await text(ann, id, "Hello!");
      await expect.poll(async () => (await item(bob, id))?.unread_count).toBe(1);
      socket.raw(JSON.stringify({ type: "message.read", message_id: sent.message_id }));
      await expect.poll(async () => (await item(bob, id))?.unread_count).toBe(0);
      expect(await fetched(ann, sent)).toMatchObject({ receipt_status: "read" });
    }
  });

  it("[R19 R20] message.delivered moves the other watermark, and is acknowledged", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const sent = await text(ann, id, "Hello!");
    expect(await fetched(ann, sent)).toMatchObject({ receipt_status: "sent" });
    const socket = await connect(bob);
    const answer = await socket.ask({ type: "message.delivered", message_id: sent.message_id });
    expect(answer).toMatchObject({ type: "ack", request_id: "r1" });
    await expect.poll(() => fetched(ann, sent)).toMatchObject({ receipt_status: "delivered" });
  });

  it("[GUIDE-2.5 R22] presence.update: online, away and offline, as others hear it", async () => {
    const { ann, sockets } = await overheard();
    const heard = () =>
      sockets.map((socket) => {
        const events = socket.all("user.presence").filter((event) => event.data.user_id === ann.user_id);
        return events.at(-1)?.data.status;
      });
    const socket = await connect(ann);
    for (const status of ["away", "online", "offline"]) {
      socket.raw(JSON.stringify({ type: "presence.update", status }));
      await expect.poll(heard).toEqual([status, status]);
    }
  });
});
