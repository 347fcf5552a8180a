import { hasVisible, lineProblem } from "@rocket-chat-api/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { expectHealth, type Stage, setStage } from "./bad-stage.ts";
import { TEXTS } from "./bad-texts.ts";
import { expectError } from "./checks.ts";
import { api, connect, connectTo, sign } from "./kit.ts";

/** A message's metadata that is allowed, as text, and what becomes of it. */
const METADATA: Record<string, [sent: string, stored: unknown]> = {
  "a constructor": [
    '{"constructor":{"prototype":{"polluted":true}}}',
    { constructor: { prototype: { polluted: true } } },
  ],
  "names of methods": ['{"toJSON":"x","toString":1}', { toJSON: "x", toString: 1 }],
  "a number beyond all": ['{"a":1e400,"b":-1e400,"c":1e-400}', { a: null, b: null, c: 0 }],
  "duplicate keys": ['{"a":1,"a":2}', { a: 2 }],
  "names of nobody": ['{"mentions":["__proto__","@constructor","@@","@","\u202e"]}', expect.anything()],
};

describe("hostile texts that are allowed", () => {
  let at: Stage;
  beforeAll(async () => {
    at = await setStage();
  });
  const messagesOf = (id: string) => `/conversations/${id}/messages`;

  it("[HOSTILE] a text comes back as it was: answered, heard, fetched, quoted, edited, listed", async () => {
    const path = messagesOf(at.ids.direct);
    for (const [what, content] of Object.entries(TEXTS)) {
      const sent = await api(at.ann, "POST", path, { type: "text", content });
      expect([what, sent.status, sent.body.content]).toEqual([what, 201, content]);
      const { message_id } = sent.body;
      for (const socket of at.healthy.slice(0, 3)) {
        expect(
          await socket.heard((e) => e.type === "message.new" && e.data.message_id === message_id),
        ).toMatchObject({ data: { content } });
      }
      const listed = (await api(at.bob, "GET", "/conversations")).body.conversations;
      expect(listed.map((one: { last_message: object }) => one.last_message)).toContainEqual(
        expect.objectContaining({ content }),
      );
      const reply = { type: "text", content: "re", reply_to_message_id: message_id };
      expect((await api(at.bob, "POST", path, reply)).body.reply_to.content).toBe(content);
      await api(at.ann, "PUT", `/messages/${message_id}`, { content: `${content}!` });
      expect((await api(at.bob, "GET", `/messages/${message_id}`)).body.content).toBe(`${content}!`);
    }
  });

  it("[HOSTILE] names come back as they were, for everybody", async () => {
    // What breaks a line is no name.
    const names = Object.entries(TEXTS).filter(([, text]) => lineProblem(text) === undefined);
    expect(names.length).toBeGreaterThan(8);
    for (const [what, text] of names) {
      const name = text.trim();
      const patch = { name, description: name };
      const changed = await api(at.ann, "PUT", `/conversations/${at.ids.group}`, patch);
      expect([what, changed.status]).toEqual([what, 200]);
      expect(changed.body).toMatchObject(patch);
      expect((await api(at.bob, "GET", `/conversations/${at.ids.group}`)).body).toMatchObject(patch);
      const me = await api(at.ann, "PATCH", "/users/me", { display_name: name });
      // A person's name stands in a line of the server's own sentences.
      if (!hasVisible(name) || lineProblem(name)) {
        expectError(me, "VALIDATION_ERROR");
        continue;
      }
      expect([what, me.body.display_name]).toEqual([what, name]);
      expect((await api(at.bob, "GET", `/users/${at.ann.user_id}`)).body.display_name).toBe(name);
    }
  });

  it("[HOSTILE] a picture's address is stored as ASCII that ends no attribute", async () => {
    const addresses: Record<string, string> = {
      " https://example.com/a ": "https://example.com/a",
      "https://example.com/a\r\nb": "https://example.com/ab",
      "https://example.com/\u202egnp.exe": "https://example.com/%E2%80%AEgnp.exe",
      'https://example.com/"><script>': "https://example.com/%22%3E%3Cscript%3E",
      "https://example.com/?a='b c": "https://example.com/?a=%27b%20c",
      "https://EXAMPLE.com:443/é": "https://example.com/%C3%A9",
    };
    for (const [address, stored] of Object.entries(addresses)) {
      const group = await api(at.ann, "PUT", `/conversations/${at.ids.group}`, { photo_url: address });
      expect(group.body.photo_url).toBe(stored);
      const me = await api(at.ann, "PATCH", "/users/me", { profile_photo_url: address });
      expect(me.body.profile_photo_url).toBe(stored);
    }
  });

  it("[HOSTILE] metadata changes nobody's prototype, over REST and over both sockets", async () => {
    const sockets = [await connect(at.ann), await connectTo(at.ann, at.ids.direct)];
    for (const [what, [sent, metadata]] of Object.entries(METADATA)) {
      const data = `{"type":"text","content":"x","metadata":${sent}}`;
      const answer = await api(at.ann, "POST", messagesOf(at.ids.direct), data);
      expect([what, answer.status, answer.body.metadata]).toEqual([what, 201, metadata]);
      const fetched = await api(at.bob, "GET", `/messages/${answer.body.message_id}`);
      expect(fetched.body.metadata).toEqual(metadata);
      for (const [i, socket] of sockets.entries()) {
        const command = `{"type":"message.send","conversation_id":"${at.ids.direct}","request_id":"${what}${i}","data":${data}}`;
        socket.raw(command);
        const ack = await socket.heard((e) => "request_id" in e && e.request_id === `${what}${i}`);
        expect(ack).toMatchObject({ type: "ack", data: { metadata } });
      }
    }
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    for (const socket of sockets) socket.close();
  });

  it("[HOSTILE] nesting as deep as metadata may be is kept, and what nobody asked for is left out", async () => {
    const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    const body = (more: string) => `{"type":"text","content":"x",${more}}`;
    const kept = body(`"client_message_id":"deep","metadata":{"a":${deep(2_040)}}`);
    const sent = await api(at.ann, "POST", messagesOf(at.ids.direct), kept);
    expect([sent.status, JSON.stringify(sent.body.metadata)]).toEqual([201, `{"a":${deep(2_040)}}`]);
    expect((await api(at.ann, "POST", messagesOf(at.ids.direct), kept)).status).toBe(200);
    const { message_id } = sent.body;
    await at.healthy[2]?.heard((e) => e.type === "message.new" && e.data.message_id === message_id);
    const page = await api(at.bob, "GET", `${messagesOf(at.ids.direct)}?limit=1`);
    expect(page.body.messages[0].message_id).toBe(message_id);
    for (const more of [
      `"a":${deep(60_000)}`,
      `"a":"${"x".repeat(120_000)}"`,
      '"seq":1,"sender_id":"x","__proto__":7',
    ]) {
      const answer = await api(at.ann, "POST", messagesOf(at.ids.direct), body(more));
      expect([answer.status, answer.body.metadata, answer.body.sender_id]).toEqual([
        201,
        null,
        at.ann.user_id,
      ]);
    }
  });

  it("[HOSTILE] of duplicate keys the last one counts, and a byte order mark does not", async () => {
    const path = messagesOf(at.ids.direct);
    for (const body of [
      '{"type":"text","content":7,"content":"last"}',
      '\ufeff{"type":"text","content":"last"}',
    ]) {
      expect((await api(at.ann, "POST", path, body)).body.content).toBe("last");
    }
  });

  it("[HOSTILE] what a token says of its owner that cannot be shown is left out", async () => {
    const broken = { display_name: "\ud800", profile_photo_url: "https://example.com/\0" };
    const user_id = crypto.randomUUID();
    const token = await sign({ sub: user_id, username: "hostile", ...broken });
    const me = await api({ user_id, username: "hostile", token }, "GET", "/users/me");
    expect(me.body).toMatchObject({ display_name: "hostile", profile_photo_url: null });
  });

  it("[HOSTILE] exactly 4,096 code points are accepted, emoji too, and come back as they were", async () => {
    for (const content of [
      "x".repeat(4096),
      "😀".repeat(4096),
      `${"x".repeat(4095)}😀`,
      "\u0301".repeat(4096),
    ]) {
      const sent = await api(at.ann, "POST", messagesOf(at.ids.direct), { type: "text", content });
      expect(sent.status).toBe(201);
      expect((await api(at.bob, "GET", `/messages/${sent.body.message_id}`)).body.content).toBe(content);
    }
  });

  it("[HOSTILE] after all of it every socket is open and works, and heard no error", async () => {
    for (const socket of at.healthy) expect(socket.all("error")).toEqual([]);
    at.before.heard = at.healthy.map((socket) => socket.events.length);
    await expectHealth(at);
  });
});
