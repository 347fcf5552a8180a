/** What counts as absent, what is no text, and what is the same value (rule 5). */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { ClientCommand, type Message } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createApp } from "../../src/app.ts";
import { PNG, upload } from "../worker/attachments-kit.ts";
import { read } from "../worker/checks.ts";
import { conversationObject, request } from "../worker/kit.ts";
import { api, body, bothSockets, cast, direct, group, history, type Person, refusal, text } from "./kit.ts";

/** The schema inside of what only makes it optional, nullable or another value. */
function inner(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPipe) return inner(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return inner(schema.unwrap());
  }
  return schema;
}

interface Field {
  place: string;
  schema: z.core.$ZodType;
}

/** Every field that may be left out of a value, also deep inside, with its place. */
function optionalFields({ place, schema }: Field): Field[] {
  const object = inner(schema);
  if (!(object instanceof z.ZodObject)) return [];
  return Object.entries(object.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    const found = { place: `${place}.${name}`, schema: field };
    const within = optionalFields(found);
    return field.safeParse(undefined).success ? [found, ...within] : within;
  });
}

/** What each route takes as its body, and each command. */
function inputs(): Field[] {
  const bodies = createApp().openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== "route") return [];
    const { method, path, request: input } = definition.route;
    const media = input?.body?.content["application/json"];
    const schema = media && "schema" in media ? media.schema : undefined;
    return schema instanceof z.ZodType ? [{ place: `${method} ${path}`, schema }] : [];
  });
  const commands = ClientCommand.options.map((schema) => ({ place: schema.shape.type.value, schema }));
  return [...bodies, ...commands];
}

/** Sends bytes as they are. */
async function post(who: Person, path: string, bytes: Uint8Array | string, headers: object = {}) {
  const authorization = `Bearer ${who.token}`;
  const init = { method: "POST", headers: { authorization, ...headers }, body: bytes };
  return await read(await request(`/api/v1${path}`, init));
}

describe("absent values", () => {
  it("[R5 VAL-2] an empty parameter of a query is absent, on every route that has any", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    await text(bob, id, "hello");
    await history(ann, id);
    const routes = [
      `/conversations/${id}/messages?before_id=&after_id=&around_id=&limit=`,
      "/conversations?page=&limit=&cursor=",
      "/search/messages?q=hello&conversation_id=&sender_id=&before=&after=&limit=&cursor=",
      `/users?q=${bob.username}&limit=`,
      "/sync?since=&limit=",
      `/users/${bob.user_id}?other=`,
    ];
    for (const route of routes) {
      const plain = route.replaceAll(/[?&]\w+=(?=&|$)/g, "").replace(/^([^?&]*)&/, "$1?");
      expect([route, (await api(ann, "GET", route)).body]).toEqual([
        route,
        (await api(ann, "GET", plain)).body,
      ]);
    }
    await body(api(ann, "GET", `/conversations/${id}/messages?before_id&limit=50`), 200);
    for (const route of ["/users?q=", "/users?q&limit=5", "/search/messages?q="])
      await refusal(api(ann, "GET", route), "VALIDATION_ERROR");
    const said = await text(ann, id, "for me alone");
    await body(api(ann, "DELETE", `/messages/${said.message_id}?delete_for_everyone=`), 204);
    expect((await history(bob, id)).map((message) => message.is_deleted)).toEqual([false, false]);
  });

  it("[R5 VAL-2] so it is where a socket opens; a parameter that comes twice is 400 everywhere", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const headers = { upgrade: "websocket", authorization: `Bearer ${ann.token}` };
    for (const path of [
      "/ws?token=&ticket=&batch=&lean=",
      `/api/v1/conversations/${id}/ws?since=&batch=&lean=&ticket=`,
    ]) {
      const { status, webSocket } = await request(path, { headers });
      expect([path, status]).toEqual([path, 101]);
      webSocket?.accept();
      webSocket?.close();
    }
    const twice = ["/conversations?limit=5&limit=6", "/users?q=a&q=b", "/sync?since=s1&since=s1"];
    for (const route of [...twice, `/conversations/${id}/messages?limit=5&limit=5`])
      await refusal(api(ann, "GET", route), "VALIDATION_ERROR");
    expect((await request("/ws?batch=0&batch=1", { headers })).status).toBe(400);
  });

  it("[R5 VAL-3] every optional field of every body and command may be null", () => {
    const fields = inputs().flatMap(optionalFields);
    const refused = fields.filter(({ schema }) => !z.safeParse(schema, null).success);
    expect(refused.map(({ place }) => place)).toEqual([]);
    const places = fields.map(({ place }) => place);
    for (const known of [
      "post /api/v1/conversations/{conversation_id}/messages.content",
      "post /api/v1/conversations/{conversation_id}/messages.metadata.mentions",
      "put /api/v1/messages/{message_id}.metadata",
      "put /api/v1/conversations/{conversation_id}.settings.only_admins_can_send",
      "patch /api/v1/conversations/{conversation_id}/preferences.is_pinned",
      "post /api/v1/messages/attachments/upload-url.width",
      "patch /api/v1/users/me.display_name",
      "message.send.request_id",
      "message.send.data.client_message_id",
      "flow.ack.request_id",
    ]) {
      expect(places).toContain(known);
    }
  });

  it("[R5 VAL-4] over REST null is as if the field were not there", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const members = { participant_ids: [bob.user_id] };
    const made = await body<{ conversation_id: string }>(
      api(ann, "POST", "/conversations/group", { name: "Nulls", description: null, ...members }),
      201,
    );
    const path = `/conversations/${made.conversation_id}`;
    const nothing = { client_message_id: null, reply_to_message_id: null, attachment_ids: null };
    const image = { type: "image", content: null, metadata: null, ...nothing };
    const attachment_id = await upload(ann, made.conversation_id, PNG);
    const sent = await body<{ content: string }>(
      api(ann, "POST", `${path}/messages`, { ...image, attachment_id }),
      201,
    );
    expect(sent).toMatchObject({ content: "", metadata: null, client_message_id: null, reply_to: null });
    const said = await text(ann, made.conversation_id, "hello", { metadata: { mentions: null, kept: 1 } });
    const message = `/messages/${said.message_id}`;
    const called = { content: "hi!", metadata: { mentions: [`@${bob.username}`], kept: 1 } };
    expect(await body(api(ann, "PUT", message, called), 200)).toMatchObject({
      mentions: [{ user_id: bob.user_id }],
    });
    const uncalled = { content: "hi", metadata: { mentions: null, kept: 1 } };
    expect(await body(api(ann, "PUT", message, uncalled), 200)).toMatchObject({ mentions: [] });
    await body(api(ann, "PUT", message, { content: "hi", metadata: null }), 200);
    expect((await history(bob, made.conversation_id))[0]).toMatchObject({
      content: "hi",
      metadata: { kept: 1 },
      mentions: [],
    });
    const settings = { only_admins_can_send: null, disappearing_messages_enabled: true };
    expect(await body(api(ann, "PUT", path, { name: null, settings }), 200)).toMatchObject({
      name: "Nulls",
      settings: { only_admins_can_send: false, disappearing_messages_enabled: true },
    });
    await body(api(ann, "PUT", path, { name: "Named", settings: null }), 200);
    await body(api(ann, "POST", `${path}/participants`, { user_id: null, user_ids: [cid.user_id] }), 201);
    const pinned = { is_pinned: true, is_muted: null, is_archived: null };
    expect(await body(api(ann, "PATCH", `${path}/preferences`, pinned), 200)).toMatchObject({
      is_pinned: true,
      is_muted: false,
    });
    const photo = { profile_photo_url: "https://example.com/a.png", display_name: null };
    expect(await body(api(ann, "PATCH", "/users/me", photo), 200)).toMatchObject({ display_name: "ann" });
    await refusal(api(ann, "PATCH", "/users/me", { display_name: null }), "VALIDATION_ERROR");
  });

  it("[R5 VAL-4] where null means something it still does", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const photo_url = "https://example.com/a.png";
    await body(api(ann, "PUT", `/conversations/${id}`, { description: "about", photo_url }), 200);
    const cleared = api(ann, "PUT", `/conversations/${id}`, { description: null, photo_url: null });
    expect(await body(cleared, 200)).toMatchObject({ description: null, photo_url: null });
    await body(api(ann, "PATCH", "/users/me", { profile_photo_url: photo_url }), 200);
    const bare = api(ann, "PATCH", "/users/me", { profile_photo_url: null });
    expect(await body(bare, 200)).toMatchObject({ profile_photo_url: null });
  });

  it("[R5 VAL-4] over both sockets null is as if the field were not there", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    for (const socket of await bothSockets(ann, id)) {
      const data = { type: "text", content: "hello", client_message_id: null, metadata: null };
      expect(await socket.ask({ type: "message.send", conversation_id: id, data })).toMatchObject({
        type: "ack",
        data: { content: "hello", client_message_id: null, metadata: null },
      });
      const before = socket.events.length;
      socket.raw(JSON.stringify({ type: "typing.start", conversation_id: id, request_id: null }));
      const failing = { type: "message.read", message_id: crypto.randomUUID(), request_id: null };
      socket.raw(JSON.stringify(failing));
      const error = await socket.heard((event) => event.type === "error");
      expect(error).not.toHaveProperty("request_id");
      // The first of both is answered by nothing, as without a request_id.
      expect(socket.events.slice(before).filter((event) => event.type === "ack")).toEqual([]);
    }
  });
});

describe("bytes that are no text", () => {
  const latin1 = (value: unknown) => Uint8Array.from(JSON.stringify(value), (unit) => unit.charCodeAt(0));

  it("[R5 VAL-5] a body that is not UTF-8 is 400, on every route that takes one, and nothing is stored", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const said = await text(ann, id, "hello");
    const routes: [method: string, path: string, body: unknown][] = [
      ["POST", `/conversations/${id}/messages`, { type: "text", content: "café" }],
      ["POST", `/conversations/${id}/messages`, { type: "text", content: "x", client_message_id: "é" }],
      ["POST", `/conversations/${id}/messages`, { type: "text", content: "x", metadata: { é: 1 } }],
      ["POST", `/conversations/${id}/messages`, { type: "text", content: "x", unknown: "é" }],
      ["PUT", `/messages/${said.message_id}`, { content: "café" }],
      ["PATCH", "/users/me", { display_name: "José" }],
      ["POST", "/conversations/group", { name: "Café", participant_ids: [] }],
      ["PATCH", `/conversations/${id}/preferences`, { is_pinned: true, note: "é" }],
    ];
    for (const [method, path, value] of routes) {
      const headers = { authorization: `Bearer ${ann.token}`, "content-type": "application/json" };
      const init = { method, headers, body: latin1(value) };
      await refusal(read(await request(`/api/v1${path}`, init)), "VALIDATION_ERROR");
    }
    const bytes = (...inside: number[]) =>
      new Uint8Array([...latin1({ type: "text", content: "x" }).slice(0, -2), ...inside, 0x22, 0x7d]);
    // Cut off, too long, a surrogate, beyond the last character, a stray byte in the middle.
    for (const wrong of [[0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80]])
      await refusal(post(ann, `/conversations/${id}/messages`, bytes(...wrong)), "VALIDATION_ERROR");
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(["hello"]);
    expect((await api(ann, "GET", "/users/me")).body.display_name).toBe("ann");
  });

  it("[R5 VAL-5] UTF-8 is taken whatever its type is called, also with a mark at its beginning", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const types = ["text/plain; charset=latin1", "application/json-seq", "application/json; charset=utf-16"];
    for (const type of types) {
      const sent = await post(
        ann,
        `/conversations/${id}/messages`,
        `\ufeff${JSON.stringify({ type: "text", content: "naïve 😀 \ufffd" })}`,
        { "content-type": type },
      );
      expect(sent).toMatchObject({ status: 201, body: { content: "naïve 😀 \ufffd" } });
    }
  });

  it("[R5 R20 VAL-12] a mark at the beginning is no part of a body, nor of a frame; a second one is no JSON", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const marked = '\ufeff{"content":"\ufeffedited"}';
    const said = await text(ann, id, "x");
    const init = { method: "PUT", headers: { authorization: `Bearer ${ann.token}` }, body: marked };
    const edited = await read(await request(`/api/v1/messages/${said.message_id}`, init));
    expect(edited).toMatchObject({ status: 200, body: { content: "\ufeffedited" } });
    for (const bad of ["\ufeff\ufeff{}", "\ufeff", "{}\ufeff"])
      await refusal(post(ann, `/conversations/${id}/messages`, bad), "VALIDATION_ERROR");
    for (const socket of await bothSockets(ann, id)) {
      socket.raw('\ufeff{"type":"typing.start","conversation_id":"x","request_id":"marked"}');
      expect(
        await socket.heard((event) => event.type === "error" && event.request_id === "marked"),
      ).toMatchObject({
        code: "VALIDATION_ERROR",
      });
    }
  });

  it("[R14 PROTO-3] metadata with the key __proto__ is refused when sent and when edited, over REST and both sockets", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const said = await text(ann, id, "x", { metadata: { a: 1 } });
    for (const metadata of ['{"__proto__":{"polluted":true},"a":1}', '{"a":[{"__proto__":1}]}']) {
      const data = `{"type":"text","content":"y","metadata":${metadata}}`;
      await refusal(post(ann, `/conversations/${id}/messages`, data), "VALIDATION_ERROR");
      const init = { method: "PUT", headers: { authorization: `Bearer ${ann.token}` }, body: data };
      await refusal(read(await request(`/api/v1/messages/${said.message_id}`, init)), "VALIDATION_ERROR");
      for (const socket of await bothSockets(ann, id)) {
        socket.raw(`{"type":"message.send","conversation_id":"${id}","request_id":"one","data":${data}}`);
        expect(await socket.heard("error")).toMatchObject({ request_id: "one", code: "VALIDATION_ERROR" });
      }
    }
    expect(await history(bob, id)).toMatchObject([{ content: "x", metadata: { a: 1 } }]);
  });

  it("[R5 R12 VAL-7] an Idempotency-Key of bytes that are not UTF-8 is no key, so two never become one", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    // This is how the platform hands over "caf\xe9" and "caf\xe8": one and the same.
    const send = (key: string) =>
      api(
        ann,
        "POST",
        `/conversations/${id}/messages`,
        { type: "text", content: "x" },
        { "idempotency-key": key },
      );
    for (const key of ["caf\ufffd", "\ufffd", "\ufffd\ufffd\ufffd"])
      await refusal(send(key), "VALIDATION_ERROR");
    const said = (client_message_id: string) => text(ann, id, "x", { client_message_id });
    expect(await said("caf\ufffd")).toMatchObject({ code: "VALIDATION_ERROR" });
    expect(await history(bob, id)).toEqual([]);
    await body(send("plain"), 201);
    await body(send("plain"), 200);
  });

  it("[R5 VAL-8] lone surrogates and NUL are refused in every key and text of a body, also escaped", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const metadata = ['{"\\ud800":1}', '{"a":{"\\udc00":1}}', '{"a":[{"b\\u0000":1}]}', '{"a":["\\ud83d"]}'];
    for (const value of metadata) {
      const raw = `{"type":"text","content":"x","metadata":${value}}`;
      await refusal(post(ann, `/conversations/${id}/messages`, raw), "VALIDATION_ERROR");
    }
    await refusal(
      post(
        ann,
        `/conversations/${id}/messages`,
        '{"type":"text","content":"x","client_message_id":"\\ud800"}',
      ),
      "VALIDATION_ERROR",
    );
    await refusal(
      post(ann, "/conversations/group", '{"name":"\\udfff","participant_ids":[]}'),
      "VALIDATION_ERROR",
    );
    expect(await history(bob, id)).toEqual([]);
  });
});

describe("the same value", () => {
  const spelled = [
    '{"w":1,"h":2,"in":{"a":[1,2],"b":null}}',
    '{"in":{"b":null,"a":[1.0,2e0]},"h":2,"w":1.0}',
  ] as const;
  const sending = (metadata: string, more = "") =>
    `{"type":"text","content":"x","client_message_id":"one","metadata":${metadata}${more}}`;

  it("[R12 VAL-10] a retry with its metadata spelled in another way is a retry, before and after an edit", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const path = `/conversations/${id}/messages`;
    const { body: first } = await post(ann, path, sending(spelled[0]));
    const nulls = ',"reply_to_message_id":null,"attachment_ids":[]';
    for (const again of [sending(spelled[1]), sending(spelled[0], nulls), sending(spelled[1], nulls)])
      expect(await post(ann, path, again)).toMatchObject({
        status: 200,
        body: { message_id: first.message_id },
      });
    for (const other of ['{"w":1}', '{"w":1,"h":3}', "null"])
      await refusal(post(ann, path, sending(other)), "CONFLICT");
    await body(
      api(ann, "PUT", `/messages/${first.message_id}`, { content: "y", metadata: { other: 1 } }),
      200,
    );
    expect(await post(ann, path, sending(spelled[1]))).toMatchObject({ status: 200 });
    expect(await history(bob, id)).toHaveLength(1);
  });

  it("[R12 RETRY-5] a retry that leaves out what was null or empty is a retry, over REST and both sockets", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const path = `/conversations/${id}/messages`;
    const base = { type: "text", content: "x", client_message_id: "one" };
    const nothing = [
      { metadata: { mentions: null } },
      {},
      { metadata: null },
      { metadata: {} },
      { metadata: { mentions: [] }, attachment_id: null, attachment_ids: [], reply_to_message_id: null },
    ];
    for (const [n, first] of nothing.entries()) {
      const client_message_id = `sent ${n}`;
      const sent = await body<Message>(api(ann, "POST", path, { ...base, client_message_id, ...first }), 201);
      for (const again of nothing) {
        const retry = { ...base, client_message_id, ...again };
        expect((await body<Message>(api(ann, "POST", path, retry), 200)).message_id).toBe(sent.message_id);
      }
      // It comes back as it was sent first.
      expect(sent.metadata).toEqual(first.metadata ?? null);
      const same = await body(
        api(ann, "PUT", `/messages/${sent.message_id}`, { content: "x", metadata: {} }),
        200,
      );
      expect(same).toMatchObject({ is_edited: false });
      await refusal(
        api(ann, "POST", path, { ...base, client_message_id, metadata: { a: null } }),
        "CONFLICT",
      );
    }
    for (const socket of await bothSockets(ann, id)) {
      for (const again of nothing) {
        const data = { ...base, client_message_id: "sent 0", ...again };
        expect(await socket.ask({ type: "message.send", conversation_id: id, data })).toMatchObject({
          type: "ack",
        });
      }
    }
    expect(await history(bob, id)).toHaveLength(nothing.length);
  });

  it("[R12 R20 VAL-10] so it is over both sockets, and between them and REST", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const first = await post(ann, `/conversations/${id}/messages`, sending(spelled[0]));
    for (const socket of await bothSockets(ann, id)) {
      const data = JSON.parse(sending(spelled[1]));
      expect(await socket.ask({ type: "message.send", conversation_id: id, data })).toMatchObject({
        type: "ack",
        data: { message_id: first.body.message_id },
      });
    }
  });

  it("[R16 VAL-11] an edit to the same text and metadata, spelled in another way, changes nothing", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const said = await text(ann, id, "x", { metadata: { w: 1, h: 2 } });
    const edited = await body<object>(
      api(ann, "PUT", `/messages/${said.message_id}`, { content: "x", metadata: { h: 2, w: 1 } }),
      200,
    );
    expect(edited).toMatchObject({ is_edited: false, changed_seq: said.changed_seq });
    const changed = api(ann, "PUT", `/messages/${said.message_id}`, {
      content: "x",
      metadata: { w: 2, h: 1 },
    });
    expect(await body(changed, 200)).toMatchObject({ is_edited: true, metadata: { w: 2, h: 1 } });
  });

  it("[R8 VAL-11] settings that are the same already change nothing, in whatever order they are kept", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    await body(api(ann, "PUT", `/conversations/${id}`, { settings: { only_admins_can_send: true } }), 200);
    await runInDurableObject(conversationObject(id), (_, { storage }) => {
      const [row] = storage.sql.exec<{ settings: string }>("SELECT settings FROM conversation").toArray();
      const turned = Object.fromEntries(Object.entries(JSON.parse(row?.settings ?? "{}")).reverse());
      storage.sql.exec("UPDATE conversation SET settings = ?", JSON.stringify(turned));
    });
    await evictDurableObject(conversationObject(id));
    const { seq } = (await api(ann, "GET", `/conversations/${id}`)).body;
    const again = { settings: { only_admins_can_send: true }, name: "Group" };
    expect(await body(api(ann, "PUT", `/conversations/${id}`, again), 200)).toMatchObject({ seq });
  });
});

describe("what can be seen", () => {
  it("[R13 VAL-15] a text that shows nothing is empty: sent over REST and both sockets, and as an edit", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const said = await text(ann, id, "hello");
    const sockets = await bothSockets(ann, id);
    for (const content of ["\u200b", "\u00ad", "\u2800", "\u3164\ufe0f", "\u202e\u202c", "\u{e0041}"]) {
      const data = { type: "text", content };
      await refusal(api(ann, "POST", `/conversations/${id}/messages`, data), "VALIDATION_ERROR");
      await refusal(api(ann, "PUT", `/messages/${said.message_id}`, { content }), "VALIDATION_ERROR");
      for (const socket of sockets) {
        const answer = await socket.ask({ type: "message.send", conversation_id: id, data });
        expect(answer).toMatchObject({ type: "error", code: "VALIDATION_ERROR" });
      }
    }
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(["hello"]);
  });

  it("[R8 VAL-16] a group's name shows something in one line; its description may have several", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const description = "first line\nsecond line\u2028third\t\u202bשלום\u202c";
    for (const name of ["Team\u202bא\u202c", "👩\u200d💻 crew", "Strauß\u2066x\u2069"]) {
      const asked = { name, description, participant_ids: [bob.user_id] };
      const made = await body<{ conversation_id: string }>(
        api(ann, "POST", "/conversations/group", asked),
        201,
      );
      expect(made).toMatchObject({ name, description });
      const path = `/conversations/${made.conversation_id}`;
      const spoof = { name: "Team\nbob removed ann" };
      await refusal(api(ann, "PUT", path, spoof), "VALIDATION_ERROR");
      await refusal(api(ann, "PUT", path, { description: "\u202etxt.exe" }), "VALIDATION_ERROR");
      expect(await body(api(ann, "PUT", path, { description: "" }), 200)).toMatchObject({
        name,
        description: "",
      });
    }
  });
});
