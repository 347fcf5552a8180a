import { Message, MessagePage } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { expectError } from "./checks.ts";
import { api, connect, connectTo, direct, group, type Person, people, say } from "./kit.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** The guide's `sender`. */
function sender(who: Person) {
  return {
    user_id: who.user_id,
    username: who.username,
    display_name: expect.any(String),
    profile_photo_url: null,
  };
}

async function post(who: Person, id: string, body: object, headers: Record<string, string> = {}) {
  return await api(who, "POST", `/conversations/${id}/messages`, { type: "text", ...body }, headers);
}

/** A page of history, checked against its schema. */
async function page(who: Person, id: string, query = "") {
  const { status, body } = await api(who, "GET", `/conversations/${id}/messages${query}`);
  expect(status).toBe(200);
  return MessagePage.parse(body);
}

const contents = (of: { messages: { content: string }[] }) => of.messages.map((message) => message.content);

describe("sending", () => {
  it("[SEND] the guide's fields, over REST and to everybody", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const sockets = [await connect(bob), await connectTo(bob, id), await connect(ann)];
    const metadata = { mentions: ["@user1", "@user2"], note: "kept as it is" };
    const { status, body } = await post(ann, id, { content: "Hello everyone!", metadata });
    expect(status).toBe(201);
    expect(Message.parse(body)).toMatchObject({
      message_id: `${id.slice(0, 24)}${body.seq.toString(16).padStart(12, "0")}`,
      conversation_id: id,
      sender_id: ann.user_id,
      type: "text",
      content: "Hello everyone!",
      created_at: expect.stringMatching(TIME),
      status: "sent",
      sender: sender(ann),
      metadata,
      is_edited: false,
      is_deleted: false,
      reply_to: null,
      attachments: [],
      reactions: [],
      is_pinned: false,
      pinned_at: null,
      pinned_by: null,
    });
    for (const socket of sockets) {
      const event = await socket.heard("message.new");
      expect(event).toEqual({ type: "message.new", conversation_id: id, seq: body.seq, data: body });
    }
  });

  it("[SEND] the guide's command over both sockets is acknowledged with the message", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const listener = await connect(bob);
    for (const socket of [await connect(ann), await connectTo(ann, id)]) {
      const data = { content: "Hello!", type: "text" };
      const ack = await socket.ask({ type: "message.send", conversation_id: id, data });
      if (ack.type !== "ack") throw new Error(`no ack: ${JSON.stringify(ack)}`);
      const message = Message.parse(ack.data);
      expect(message).toMatchObject({ content: "Hello!", sender: sender(ann), status: "sent" });
      const event = await listener.heard((e) => e.type === "message.new" && e.seq === message.seq);
      expect(event).toMatchObject({ data: message });
      const fetched = await api(bob, "GET", `/messages/${message.message_id}`);
      // How far it has come may have changed since.
      const { status: _, ...lasting } = message;
      expect(fetched.body).toMatchObject(lasting);
    }
  });

  it("[SEND] only its sender hears the answer to a command", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const others = [await connect(bob), await connectTo(bob, id), await connect(ann)];
    const socket = await connectTo(ann, id);
    await socket.ask({ type: "message.send", conversation_id: id, data: { type: "text", content: "x" } });
    for (const other of others) {
      await other.heard("message.new");
      expect(other.all("ack")).toEqual([]);
    }
  });

  it("[SEND] text comes back as it was sent", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const texts = [
      " kept ",
      "a\nb",
      "<b>&amp;</b>",
      "e\u0301é",
      "👨‍👩‍👧‍👦",
      "\u202eabc",
      "' OR 1=1 --",
      "🇩🇪\u{10ffff}",
      "{}",
      "a\u0001b",
    ];
    for (const content of texts) expect((await post(ann, id, { content })).body.content).toBe(content);
    expect(contents(await page(bob, id))).toEqual(texts.toReversed());
  });

  it("[SEND] created_at and seq are the server's", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const forged = { created_at: "1999-01-01T00:00:00Z", seq: 7000, sender_id: bob.user_id, message_id: id };
    const { body } = await post(ann, id, { content: "x", ...forged });
    expect(Math.abs(Date.parse(body.created_at) - Date.now())).toBeLessThan(60_000);
    expect(body).toMatchObject({ sender_id: ann.user_id, conversation_id: id });
    expect(body.seq).toBeLessThan(7000);
  });
});

describe("idempotent sending", () => {
  it("[SEQ3] a retried client_message_id returns the first message with 200, and nothing happens twice", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const socket = await connectTo(bob, id);
    const body = { content: "once", client_message_id: "c-1", metadata: { a: 1 } };
    const first = await post(ann, id, body);
    expect(first).toMatchObject({ status: 201, body: { client_message_id: "c-1" } });
    expect(await post(ann, id, body)).toMatchObject({ status: 200, body: first.body });
    const { client_message_id: _, ...bare } = body;
    const byHeader = await post(ann, id, bare, { "idempotency-key": "c-1" });
    expect(byHeader).toMatchObject({ status: 200, body: first.body });
    const both = await post(ann, id, body, { "idempotency-key": "c-1" });
    expect(both).toMatchObject({ status: 200, body: first.body });
    const command = { type: "message.send", conversation_id: id, data: { type: "text", ...body } };
    for (const own of [await connect(ann), await connectTo(ann, id)]) {
      expect(await own.ask(command)).toMatchObject({ type: "ack", data: first.body });
    }
    const next = await say(ann, id, "next");
    expect(next.seq).toBe(first.body.seq + 1);
    await socket.heard((e) => e.type === "message.new" && e.seq === next.seq);
    expect(socket.all("message.new")).toHaveLength(2);
    expect(contents(await page(bob, id))).toEqual(["next", "once"]);
  });

  it("[SEQ3] twenty at once with one id make one message", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const body = { content: "once", client_message_id: "c-1" };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(ann, id, body)));
    expect(new Set(answers.map((answer) => answer.body.message_id)).size).toBe(1);
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect((await page(bob, id)).messages).toHaveLength(1);
  });

  it("[SEQ3] the same id with other content is a CONFLICT, over REST and sockets", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const elsewhere = await say(ann, await group(ann, [bob]), "elsewhere");
    const quoted = await say(bob, id, "quoted");
    const first = { content: "once", client_message_id: "c-1" };
    await post(ann, id, first);
    const others = [
      { content: "twice" },
      { reply_to_message_id: quoted.message_id },
      { reply_to_message_id: elsewhere.message_id },
      { metadata: { a: 1 } },
    ];
    const socket = await connect(ann);
    for (const other of others) {
      const data = { type: "text", ...first, ...other };
      expectError(await post(ann, id, data), "CONFLICT");
      const answer = await socket.ask({ type: "message.send", conversation_id: id, data });
      expect(answer).toMatchObject({ type: "error", code: "CONFLICT" });
    }
    expect(contents(await page(ann, id))).toEqual(["once", "quoted"]);
  });

  it("[SEQ3] the id is the sender's own, and the conversation's", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [one, other] = [await direct(ann, bob), await group(ann, [bob])];
    const body = { content: "mine", client_message_id: "😀".repeat(64) };
    const answers = [await post(ann, one, body), await post(bob, one, body), await post(ann, other, body)];
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.body.message_id)).size).toBe(3);
  });
});

describe("replies", () => {
  it("[REPLY] a reply quotes the message, its first 200 characters", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const quoted = await say(ann, id, "😀".repeat(250));
    const socket = await connect(ann);
    const { status, body } = await post(bob, id, { content: "yes", reply_to_message_id: quoted.message_id });
    expect(status).toBe(201);
    const reply_to = {
      message_id: quoted.message_id,
      sender: sender(ann),
      type: "text",
      content: "😀".repeat(200),
      is_deleted: false,
    };
    expect(body.reply_to).toEqual(reply_to);
    expect(await socket.heard("message.new")).toMatchObject({ data: { content: "yes", reply_to } });
    expect((await page(ann, id)).messages[0]?.reply_to).toEqual(reply_to);
    expect((await api(ann, "GET", `/messages/${body.message_id}`)).body.reply_to).toEqual(reply_to);
  });

  it("[REPLY] what is not in this conversation cannot be quoted", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const elsewhere = await say(ann, await group(ann, [bob]), "elsewhere");
    const next = `${id.slice(0, 24)}0000000000ff`;
    for (const reply_to_message_id of [elsewhere.message_id, next, id, crypto.randomUUID()]) {
      expectError(await post(ann, id, { content: "?", reply_to_message_id }), "NOT_FOUND");
    }
    expect((await post(ann, id, { content: "!", reply_to_message_id: null })).status).toBe(201);
  });
});
