/**
 * Sections 1, 3 and 5 of the guide, asked by a client that knows nothing else. The client itself fails where an answer
 * lacks a field of the guide, or has it with another type: these tests say what the fields must hold.
 */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { SAMPLES } from "../attachments/samples.ts";
import { keyOf } from "../worker/attachments-kit.ts";
import { request } from "../worker/kit.ts";
import { three, two } from "./guide-stage.ts";

const JPEG = SAMPLES["image/jpeg"] ?? new Uint8Array();

describe("a client of the guide: conversations", () => {
  it("[GUIDE-1.1] a client of the guide lists its conversations: a direct chat and a group, and a page beyond the end", async () => {
    const { ann, bob, id } = await two();
    const group = (await bob.client.createGroup([ann.user_id])).body;
    await ann.client.sendText(id, "Last message preview");
    await expect.poll(async () => (await bob.client.listConversations()).body.conversations).toHaveLength(2);
    const { body } = await bob.client.listConversations();
    expect(body).toMatchObject({ total: 2, page: 1, has_more: false });
    const [direct, other] = body.conversations;
    expect(direct).toMatchObject({
      conversation_id: id,
      type: "direct",
      name: null,
      last_message: { content: "Last message preview", sender_username: ann.username },
      unread_count: 1,
      other_user: { user_id: ann.user_id, username: ann.username },
    });
    expect(other).toMatchObject({
      conversation_id: group.conversation_id,
      type: "group",
      name: "My Group",
      unread_count: 0,
      other_user: null,
    });
    const beyond = (await bob.client.listConversations("page=9&limit=20")).body;
    expect(beyond).toEqual({ conversations: [], total: 2, page: 9, has_more: false });
  });

  it("[GUIDE-1.2] a client of the guide creates a direct conversation, and gets it again with 200", async () => {
    const { ann, bob } = await three();
    const made = await ann.client.createDirect(bob.user_id);
    expect(made.status).toBe(201);
    expect(made.body.participants.map((one) => one.user_id).sort()).toEqual(
      [ann.user_id, bob.user_id].sort(),
    );
    expect(await bob.client.createDirect(ann.user_id)).toEqual({ ...made, status: 200 });
  });

  it("[GUIDE-1.3] a client of the guide creates a group; its creator is an admin like the guide's", async () => {
    const { ann, bob, cid } = await three();
    const { status, body } = await ann.client.createGroup([bob.user_id, cid.user_id]);
    expect([status, body.name, body.created_by]).toEqual([201, "My Group", ann.user_id]);
    const roles = Object.fromEntries(body.participants.map((one) => [one.user_id, one.role]));
    expect(roles).toEqual({ [ann.user_id]: "admin", [bob.user_id]: "member", [cid.user_id]: "member" });
  });

  it("[GUIDE-1.4] a client of the guide gets the details of a conversation", async () => {
    const { ann, bob } = await three();
    const { conversation_id } = (await ann.client.createGroup([bob.user_id])).body;
    await bob.connect();
    const online = async () => {
      const { participants } = (await ann.client.getConversation(conversation_id)).body;
      return participants.find((one) => one.user_id === bob.user_id)?.is_online;
    };
    await expect.poll(online).toBe(true);
    expect(await ann.client.getConversation(conversation_id)).toMatchObject({
      status: 200,
      body: {
        type: "group",
        name: "My Group",
        photo_url: null,
        description: "Group description",
        participant_count: 2,
        settings: { only_admins_can_send: false, disappearing_messages_enabled: false },
      },
    });
  });
});

describe("a client of the guide: messages", () => {
  it("[GUIDE-1.5] a client of the guide sends a text, with names that nobody has; twice the same is two messages", async () => {
    const { ann, bob, id } = await two();
    const first = (await bob.client.sendText(id, "Hello everyone!")).body;
    const { status, body } = await ann.client.sendText(id, "Hello everyone!", first.message_id);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      conversation_id: id,
      sender_id: ann.user_id,
      type: "text",
      content: "Hello everyone!",
      status: "sent",
      sender: { user_id: ann.user_id, username: ann.username },
    });
    const again = (await ann.client.sendText(id, "Hello everyone!", first.message_id)).body;
    expect(again.message_id).not.toBe(body.message_id);
    const { messages } = (await bob.client.getMessages(id)).body;
    expect(messages.map((one) => one.reply_to === null)).toEqual([false, false, true]);
  });

  it("[GUIDE-1.6 R26] a client of the guide sends an image in the guide's three steps", async () => {
    const { ann, bob, id } = await two();
    const { status, body } = await ann.client.getUploadUrl(id, JPEG.length);
    expect([status, body.expires_in]).toEqual([200, 900]);
    await env.ATTACHMENTS.put(keyOf(body), JPEG, { httpMetadata: { contentType: "image/jpeg" } });
    const sent = await ann.client.sendImage(id, body.attachment_id);
    expect([sent.status, sent.body.type, sent.body.content]).toEqual([201, "image", "Caption text"]);
    const [shown] = (await bob.client.getMessages(id)).body.messages;
    expect(shown).toMatchObject({ type: "image", content: "Caption text" });
    expect(shown?.attachments).toHaveLength(1);
  });

  it("[GUIDE-1.7] a client of the guide gets messages, page by page, with reactions and receipts", async () => {
    const { ann, bob, id } = await two();
    const sent = [];
    for (const content of ["one", "Hello!", "three"])
      sent.push((await ann.client.sendText(id, content)).body);
    const [, hello, last] = sent;
    await bob.client.addReaction(hello?.message_id ?? "", "👍");
    await bob.client.markAsRead(id, hello?.message_id ?? "");
    const { body } = await ann.client.getMessages(id);
    expect(body.has_more).toBe(false);
    expect(body.messages.map((one) => [one.content, one.receipt_status])).toEqual([
      ["three", expect.stringMatching(/^(sent|delivered)$/)],
      ["Hello!", "read"],
      ["one", "read"],
    ]);
    const reactions = [{ emoji: "👍", user_id: bob.user_id, username: bob.username }];
    expect(body.messages[1]).toMatchObject({ is_edited: false, reply_to: null, attachments: [], reactions });
    const older = (await ann.client.getMessages(id, last?.message_id)).body.messages;
    expect(older).toEqual(body.messages.slice(1));
  });

  it("[GUIDE-1.8 GUIDE-3.6] a client of the guide edits a message, and gets it alone", async () => {
    const { ann, bob, id } = await two();
    const { message_id } = (await ann.client.sendText(id, "Hello!")).body;
    const edited = await ann.client.editMessage(message_id, "Updated message content");
    expect(edited).toMatchObject({
      status: 200,
      body: { message_id, content: "Updated message content", is_edited: true },
    });
    const { body } = await bob.client.getMessage(message_id);
    expect(body).toMatchObject({ message_id, content: "Updated message content", is_edited: true });
  });

  it("[GUIDE-1.9] a client of the guide deletes a message for everyone; its place stays, with nothing in it", async () => {
    const { ann, bob, id } = await two();
    const { message_id } = (await ann.client.sendText(id, "Hello!")).body;
    await bob.client.addReaction(message_id, "👍");
    expect(await ann.client.deleteMessage(message_id)).toBe(204);
    const { messages } = (await bob.client.getMessages(id)).body;
    const empty = { message_id, content: "", reply_to: null, attachments: [], reactions: [] };
    expect(messages).toMatchObject([empty]);
  });

  it("[GUIDE-1.10 GUIDE-1.11] a client of the guide adds and removes reactions, however the emoji is encoded", async () => {
    const { ann, bob, id } = await two();
    const { message_id } = (await ann.client.sendText(id, "Hello!")).body;
    for (const emoji of ["👍", "❤", "❤️", "👩🏽‍💻", "#️⃣", "🇫🇷"]) {
      const { status, body } = await bob.client.addReaction(message_id, emoji);
      expect([emoji, status, body.message_id, body.user_id]).toEqual([
        emoji,
        emoji === "❤️" ? 200 : 201,
        message_id,
        bob.user_id,
      ]);
    }
    const encoded = encodeURIComponent("👩🏽‍💻");
    for (const emoji of ["👍", "❤", encoded.toLowerCase(), encodeURIComponent("#️⃣"), "🇫🇷"]) {
      expect([emoji, await bob.client.removeReaction(message_id, emoji)]).toEqual([emoji, 204]);
    }
    expect((await ann.client.getMessage(message_id)).body.reactions).toEqual([]);
  });
});

describe("a client of the guide: receipts, typing, search", () => {
  it("[GUIDE-1.12 GUIDE-1.13] a client of the guide marks messages as read, and asks who has", async () => {
    const { ann, bob, id } = await two();
    for (const content of ["one", "two"]) await ann.client.sendText(id, content);
    const { message_id } = (await ann.client.sendText(id, "three")).body;
    const [, second] = (await bob.client.getMessages(id)).body.messages;
    const read = async (upTo = "") => (await bob.client.markAsRead(id, upTo)).body;
    expect(await read(second?.message_id)).toEqual({ marked_read: 2, unread_count: 1 });
    const [before] = (await ann.client.getReceipts(message_id)).body.receipts;
    expect(before).toMatchObject({ user_id: bob.user_id, username: bob.username, read_at: null });
    expect(await read(message_id)).toEqual({ marked_read: 1, unread_count: 0 });
    const { receipts } = (await ann.client.getReceipts(message_id)).body;
    expect(receipts).toMatchObject([{ status: "read", delivered_at: expect.any(String) }]);
    expect(receipts[0]?.read_at).toEqual(expect.any(String));
  });

  it("[GUIDE-1.14 GUIDE-1.15] a client of the guide starts and stops typing, with and without a body", async () => {
    const { ann, bob, id } = await two();
    const socket = await bob.connect();
    const typing = () =>
      socket.events.flatMap((event) => (event.type === "typing.indicator" ? [event.data.is_typing] : []));
    expect(await ann.client.startTyping(id)).toBe(204);
    await expect.poll(typing).toEqual([true]);
    expect(await ann.client.stopTyping(id)).toBe(204);
    await expect.poll(typing).toEqual([true, false]);
  });

  it("[GUIDE-1.16] a client of the guide searches its messages", async () => {
    const { ann, bob, id } = await two();
    const { message_id } = (await ann.client.sendText(id, "hello world")).body;
    const found = async () => (await bob.client.searchMessages("hello")).body;
    await expect.poll(async () => (await found()).total).toBe(1);
    expect((await found()).results).toMatchObject([
      {
        message_id,
        conversation_id: id,
        conversation_name: ann.username,
        sender_username: ann.username,
        content: "hello world",
        highlight: "<mark>hello</mark> world",
      },
    ]);
  });
});

describe("a client of the guide: the router, errors, spellings", () => {
  it("[GUIDE-3.1 GUIDE-3.2 GUIDE-3.4] a client of the guide asks for health, renames a group and adds a member", async () => {
    const { ann, bob, cid } = await three();
    expect(await ann.client.health()).toBe(200);
    const { conversation_id: id } = (await ann.client.createGroup([bob.user_id])).body;
    const renamed = await ann.client.updateConversation(id, "Renamed");
    expect([renamed.status, renamed.body.name]).toEqual([200, "Renamed"]);
    const added = await ann.client.addParticipant(id, cid.user_id);
    expect([added.status, added.body.participant_count]).toEqual([201, 3]);
  });

  it("[GUIDE-3.3 GUIDE-3.5] a client of the guide removes a member, and leaves", async () => {
    const { ann, bob, cid } = await three();
    const { conversation_id: id } = (await ann.client.createGroup([bob.user_id, cid.user_id])).body;
    expect(await ann.client.removeParticipant(id, cid.user_id)).toBe(204);
    expect(await ann.client.leaveConversation(id)).toBe(204);
    const { participants } = (await bob.client.getConversation(id)).body;
    expect(participants).toMatchObject([{ user_id: bob.user_id, role: "admin" }]);
    const { status, body } = await cid.client.refused("GET", `/conversations/${id}`);
    expect([status, body.code]).toEqual([403, "FORBIDDEN"]);
  });

  it("[GUIDE-5] a client of the guide is refused with the guide's codes", async () => {
    const { ann, id } = await two();
    const messages = `/conversations/${id}/messages`;
    const long = { type: "text", content: "x".repeat(4_097) };
    const image = { type: "image", attachment_id: crypto.randomUUID() };
    const missing = crypto.randomUUID();
    const refusals: [string, string, object | undefined, number, string][] = [
      ["POST", messages, long, 400, "MESSAGE_TOO_LONG"],
      ["POST", messages, image, 400, "INVALID_ATTACHMENT"],
      ["GET", `/conversations/${missing}`, undefined, 404, "CONVERSATION_NOT_FOUND"],
      ["GET", `/messages/${missing}`, undefined, 404, "NOT_FOUND"],
    ];
    for (const [method, path, sent, status, code] of refusals) {
      const refused = await ann.client.refused(method, path, sent);
      expect([path, refused.status, refused.body.code]).toEqual([path, status, code]);
    }
    const anonymous = await request(`/api/v1${messages}`);
    expect([anonymous.status, await anonymous.json()]).toMatchObject([401, { code: "UNAUTHORIZED" }]);
  });

  it("[GUIDE-1.5 GUIDE-1.9 GUIDE-1.14] a client of the guide may spell headers, types, paths and empty bodies as libraries do", async () => {
    const { ann, id } = await two();
    const { message_id } = (await ann.client.sendText(id, "Hello!")).body;
    const body = JSON.stringify({ type: "text", content: "Hello!", reply_to_message_id: null });
    const json = (type: string) => ({ method: "POST", body, headers: { "content-type": type } });
    const typing = `conversations/${id}/typing`;
    const messages = `conversations/${id}/messages`;
    const none = { "content-type": "application/json" };
    const spellings: [string, RequestInit, number][] = [
      [messages, json("application/json; charset=utf-8"), 201],
      [messages, json("APPLICATION/JSON;charset=UTF-8"), 201],
      [messages, json("application/x-www-form-urlencoded"), 201],
      [messages, { method: "POST", body: new TextEncoder().encode(`\ufeff${body}`) }, 201],
      [`${messages}/`, json("application/json"), 201],
      ["conversations/?page=1&limit=20", {}, 200],
      [`conversations/${id.toUpperCase()}/`, {}, 200],
      [typing, { method: "POST", headers: none }, 204],
      [typing, { method: "POST", headers: none, body: "{}" }, 204],
      [`${typing}/`, { method: "DELETE", headers: none, body: "{}" }, 204],
      [
        `messages/${message_id}?delete_for_everyone=true`,
        { method: "DELETE", headers: none, body: "null" },
        204,
      ],
    ];
    for (const [path, init, status] of spellings) {
      for (const [name, scheme] of [
        ["authorization", "bearer"],
        ["AUTHORIZATION", "BEARER"],
      ] as const) {
        const headers = { ...init.headers, [name]: `${scheme} ${ann.token}` };
        const answer = await request(`/api/v1/${path}`, { ...init, headers });
        expect([path, init.method, answer.status]).toEqual([path, init.method, status]);
      }
    }
    expect((await request("/health/")).status).toBe(200);
    expect((await request("/api/v1/conversations//")).status).toBe(401);
    const put = await ann.client.refused("PUT", "/conversations/");
    expect([put.status, put.body.code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
  });
});
