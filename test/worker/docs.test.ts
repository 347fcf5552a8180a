import { env, exports } from "cloudflare:workers";
import asyncApiSchema from "@asyncapi/specs/schemas/3.0.0-without-$id.json";
import { CLOSE, ClientCommand, ERRORS, ServerEvent, SOCKET_OPERATIONS } from "@rocket-chat-api/protocol";
import { checkRefs } from "@seriousme/openapi-schema-validator/resolve.js";
import openApiSchema from "@seriousme/openapi-schema-validator/schemas/v3.1/schema.json";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { EXAMPLES } from "../../src/api-reference/examples.ts";
import { componentFacts } from "../../src/api-reference/facts.ts";
import { publishRest } from "../../src/api-reference/openapi.ts";
import { fieldOf } from "../../src/api-reference/schemas.ts";
import { COMMANDS, TAGS } from "../../src/api-reference/texts.ts";
import { createApp } from "../../src/app.ts";
import { attachmentLimits, limitsOf } from "../../src/settings.ts";
import { checkAnswer, checkEvent, strayEvents } from "./contract.ts";
import { api, connect, direct, people, person, request } from "./kit.ts";
import { publishedFault, publishedFrameFault } from "./published.ts";

interface Operation {
  operationId?: string;
  tags?: string[];
  summary?: string;
  security?: object[];
  parameters?: { in: string; name: string; required?: boolean; schema: Schema; example?: unknown }[];
  requestBody?: { content: Record<string, { schema: Schema; example?: unknown }> };
  responses: Record<string, { $ref?: string; content?: object; headers?: object }>;
}

interface Schema {
  [keyword: string]: unknown;
  $ref?: string;
}

interface OpenApi {
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    securitySchemes: Record<string, object>;
    responses: Record<string, { headers: object }>;
  };
}

interface AsyncApi {
  servers: Record<string, { host: string; protocol: string }>;
  channels: Record<
    string,
    { address: string; messages: object; bindings: { ws: { query: { properties: object } } } }
  >;
  operations: Record<string, { action: string; messages: Schema[]; reply?: { messages: Schema[] } }>;
  components: { messages: Record<string, { payload: Schema }>; schemas: Record<string, Schema> };
  "x-close-codes": Record<string, string>;
}

/** Routes that anybody may ask. */
const PUBLIC = [
  "/health",
  "/health/ready",
  "/openapi.json",
  "/asyncapi.json",
  "/docs",
  "/api/v1/capabilities",
];

/** The routes that a signed link opens, and nothing else. */
const LINKED = ["/api/v1/attachments/{attachment_id}/file", "/api/v1/exports/{job_id}/{file}"];

/** How many ways lead into a route that is not public: a server's own, or a user's and that of a server in their name. */
function waysInto(path: string): number {
  if (path.startsWith("/api/v1/server/") || path === "/metrics" || LINKED.includes(path)) return 1;
  return path.endsWith("/ws") ? 4 : 2;
}

/** The limits of a deployment without settings of its own, as the tests' is. */
const LIMITS = { ...limitsOf(env), maxAttachmentBytes: attachmentLimits(env) };

/** Every object inside a JSON value. */
function objectsIn(value: unknown): Schema[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Schema, ...inner];
}

/** What the server parses bodies with, by the operation. */
function bodySchemas(): Map<string, z.ZodType> {
  return new Map(
    createApp().openAPIRegistry.definitions.flatMap((definition) => {
      if (definition.type !== "route") return [];
      const media: object = definition.route.request?.body?.content["application/json"] ?? {};
      const schema = "schema" in media ? media.schema : undefined;
      return schema instanceof z.ZodType ? [[definition.route.operationId ?? "", schema] as const] : [];
    }),
  );
}

/** What the server parses bodies and commands with, by the name of the component. */
function namedSchemas(): Map<unknown, z.ZodType> {
  const all: z.ZodType[] = [...bodySchemas().values(), ...ClientCommand.options];
  return new Map(all.map((schema) => [z.globalRegistry.get(schema)?.id, schema]));
}

/** A value of so many characters or fields, which its field takes. */
function sized(path: string, size: number): unknown {
  if (path.endsWith("_url")) return "https://e.test/".padEnd(size, "x");
  if (path !== "conversations") return "x".repeat(size);
  return Object.fromEntries(Array.from({ length: size }, () => [crypto.randomUUID(), 0]));
}

/** Fields whose bound is a deployment's own, or is looked at with the token: a schema does not hold it. */
const HELD_ELSEWHERE = ["content", "participant_ids", "participants", "user_ids", "file_size", "token"];

/** A copy of an example with another value in one field. */
function withField(example: object, path: string, value: unknown): unknown {
  const copy = structuredClone(example) as Record<string, unknown>;
  const [, field] = /^users\[\]\.(\w+)$/.exec(path) ?? [];
  const [user] = (copy.users ?? []) as object[];
  if (path === "metadata.mentions[]") copy.metadata = { mentions: [value] };
  else if (field !== undefined) copy.users = [{ ...user, [field]: value }];
  else copy[path] = value;
  return copy;
}

/** Places in a request's schema that take texts, lists or numbers without end. */
function unbounded(schemas: Record<string, Schema>, schema: Schema, place: string): string[] {
  if (schema.$ref) return unbounded(schemas, schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}, place);
  const types = [schema.type].flat();
  const has = (...keywords: string[]) => keywords.some((keyword) => schema[keyword] !== undefined);
  const ends =
    (!types.includes("string") || has("maxLength", "pattern", "enum", "const", "format")) &&
    (!types.includes("array") || has("maxItems")) &&
    (!(types.includes("integer") || types.includes("number")) || has("maximum"));
  const parts = [
    ...Object.entries((schema.properties ?? {}) as Record<string, Schema>),
    ...Object.entries(schema.items ? { "[]": schema.items as Schema } : {}),
    ...((schema.anyOf ?? []) as Schema[]).map((part) => ["|", part] as const),
  ];
  return [
    ...(ends ? [] : [place]),
    ...parts.flatMap(([name, part]) => unbounded(schemas, part, `${place} ${name}`)),
  ];
}

/** The errors of a document against the official schema of its kind. */
function faults(ajv: Ajv, schema: object, document: object) {
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  validate(document);
  return validate.errors ?? [];
}

describe("OpenAPI", () => {
  let document: OpenApi;
  beforeAll(async () => {
    document = await (await request("/openapi.json")).json();
  });

  /** Every operation with its place. */
  function operations() {
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
    );
  }

  it("[DOCS-1] /openapi.json is valid OpenAPI 3.1: by the official schema, with every reference and schema sound", () => {
    const ajv = new Ajv2020({ strict: false, formats: { "media-range": true } });
    expect(faults(ajv, openApiSchema, document)).toEqual([]);
    expect(checkRefs(document)).toMatchObject({ valid: true });
    const { schemas } = document.components;
    const schemaAjv = addFormats.default(new Ajv2020({ strict: false }));
    schemaAjv.addSchema({ $id: "openapi", components: { schemas } });
    for (const name of Object.keys(schemas))
      schemaAjv.compile({ $ref: `openapi#/components/schemas/${name}` });
  });

  it("[DOCS-2] every route of the application is in it, and nothing else", () => {
    const mounted = createApp()
      .routes.filter(({ method, path }) => method !== "ALL" && !path.includes("*"))
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const described = operations().map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual([...new Set(mounted)].sort());
  });

  it("[DOCS-3] every operation says what it is for, who may ask, and that it may fail", () => {
    const described = TAGS.map(({ name }) => name);
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size, "operationIds are unique").toBe(ids.length);
    for (const { path, operation } of operations()) {
      expect(operation.operationId, path).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary, path).toBeTruthy();
      expect(operation.tags, path).toHaveLength(1);
      expect(described, path).toContain(operation.tags?.[0]);
      const isPublic = PUBLIC.includes(path);
      expect(operation.security, path).toHaveLength(isPublic ? 0 : waysInto(path));
      expect("default" in operation.responses, path).toBe(!isPublic);
    }
  });

  it("[DOCS-4] it names its own server, how to authenticate, and every error code", async () => {
    expect(document.servers).toEqual([{ url: "https://chat.test" }]);
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: "http", scheme: "bearer" } });
    expect(document.components.securitySchemes).toMatchObject({
      server: { type: "http", scheme: "bearer" },
      actAs: { type: "apiKey", in: "header", name: "X-Act-As" },
    });
    expect(document.components.schemas.Error).toMatchObject({
      properties: { code: { enum: Object.keys(ERRORS) } },
    });
  });

  it("[DOCS-22 R31] nothing that is published is closed, and every pattern is one without flags", async () => {
    const sockets: AsyncApi = await (await request("/asyncapi.json")).json();
    for (const published of [document, sockets]) {
      const objects = objectsIn(published);
      expect(objects.filter((object) => object.additionalProperties === false)).toEqual([]);
      const patterns = objects.flatMap(({ pattern }) => (typeof pattern === "string" ? [pattern] : []));
      expect(patterns.length).toBeGreaterThan(0);
      for (const pattern of patterns) {
        // A regular expression with flags is written out with them: it would match nothing.
        expect(pattern).not.toMatch(/\$?\/[a-z]+$/);
        expect(() => new RegExp(pattern, "u"), pattern).not.toThrow();
      }
    }
    for (const name of ["Message", "Conversation", "Error", "User"]) {
      const { additionalProperties } = document.components.schemas[name] ?? {};
      expect(additionalProperties, name).toBeUndefined();
    }
  });

  it("[DOCS-12] every body and every needed parameter has an example that the server takes", () => {
    const bodies = operations().flatMap(({ path, operation }) => {
      const body = operation.requestBody?.content["application/json"];
      return body ? [{ path, body, schema: bodySchemas().get(operation.operationId ?? "") }] : [];
    });
    expect(bodies.length).toBeGreaterThan(10);
    for (const { path, body, schema } of bodies) {
      expect(body.example, path).toBeDefined();
      expect(schema?.safeParse(body.example).error, path).toBeUndefined();
      const name = body.schema.$ref?.split("/").at(-1) ?? "";
      expect(document.components.schemas[name]?.examples, path).toEqual([body.example]);
    }
    for (const { path, operation } of operations()) {
      for (const { name, required, example } of operation.parameters ?? []) {
        if (required) expect(example, `${path} ${name}`).toBeDefined();
      }
    }
  });

  it("[DOCS-13] every operation says how it succeeds, and which errors come with which headers", () => {
    const { responses } = document.components;
    expect(Object.keys(responses.Error429?.headers ?? {})).toEqual(
      expect.arrayContaining(["Retry-After", "RateLimit-Limit", "RateLimit-Policy", "X-Request-Id"]),
    );
    expect(Object.keys(responses.Error503?.headers ?? {})).toContain("Retry-After");
    for (const { path, operation } of operations()) {
      const statuses = Object.keys(operation.responses);
      expect(
        statuses.some((status) => /^(2|101)/.test(status)),
        path,
      ).toBe(true);
      if (LINKED.includes(path)) expect(statuses).not.toEqual(expect.arrayContaining(["401"]));
      else if (!PUBLIC.includes(path))
        expect(statuses, path).toEqual(expect.arrayContaining(["401", "429", "503"]));
      if (path.includes("{")) expect(statuses, path).toEqual(expect.arrayContaining(["400", "403", "404"]));
      if (operation.requestBody) expect(statuses, path).toEqual(expect.arrayContaining(["400", "413"]));
    }
    for (const place of objectsIn(document.paths).flatMap(({ $ref }) =>
      typeof $ref === "string" ? [$ref] : [],
    ))
      expect(place).toMatch(/^#\/components\/(schemas|responses|headers)\/\w/);
  });

  it("[DOCS-14] every text, list and number that a client may send has its bound in the document", () => {
    const requests = operations().flatMap(({ path, operation }) => [
      ...(operation.parameters ?? []).map(({ name, schema }) => ({ place: `${path} ${name}`, schema })),
      ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => ({ place: path, schema })),
    ]);
    const loose = requests.flatMap(({ place, schema }) =>
      unbounded(document.components.schemas, schema, place),
    );
    expect(loose).toEqual([]);
  });

  it("[DOCS-15] the bounds that are written by hand are those that the server holds", () => {
    for (const [name, fields] of Object.entries(componentFacts(LIMITS))) {
      const schema = namedSchemas().get(name);
      expect(schema, name).toBeDefined();
      for (const [path, { maxLength, maxItems, maxProperties, description }] of Object.entries(fields)) {
        if (HELD_ELSEWHERE.includes(path)) continue;
        if (description !== undefined) continue;
        expect(maxItems, path).toBeUndefined();
        const most = Number(maxLength ?? maxProperties);
        const example = EXAMPLES[name as keyof typeof EXAMPLES];
        const grown = schema?.safeParse(withField(example, path, sized(path, most + 1)));
        expect(grown?.success, `${name}.${path} of ${most + 1}`).toBe(false);
        // No emoji is that long.
        if (path === "emoji") continue;
        const full = schema?.safeParse(withField(example, path, sized(path, most)));
        expect(full?.error, `${name}.${path} of ${most}`).toBeUndefined();
      }
    }
  });

  it("[DOCS-16] it tells the limits of its own deployment, and what an attachment is served as", () => {
    const { schemas } = document.components;
    expect(fieldOf(schemas.SendMessage, "content")?.maxLength).toBe(LIMITS.maxMessageLength);
    expect(fieldOf(schemas.RequestUpload, "file_size")?.maximum).toBe(LIMITS.maxAttachmentBytes.video);
    const smaller = { ...LIMITS, maxMessageLength: 10, maxGroupMembers: 3 };
    const published = publishRest({ components: { schemas } }, smaller, () => undefined).components.schemas;
    expect(fieldOf(published.EditMessage, "content")?.maxLength).toBe(10);
    expect(fieldOf(published.CreateGroup, "participant_ids")?.maxItems).toBe(3);
    const served = document.paths["/api/v1/attachments/{attachment_id}"]?.get?.responses;
    for (const status of ["200", "206"])
      expect(Object.keys(served?.[status]?.content ?? {})).toEqual([
        "image/*",
        "video/*",
        "audio/*",
        "application/octet-stream",
      ]);
  });
});

describe("AsyncAPI", () => {
  let document: AsyncApi;
  beforeAll(async () => {
    document = await (await request("/asyncapi.json")).json();
  });
  const nameOf = ({ $ref }: Schema): string => $ref?.split("/").at(-1) ?? "";
  const typesOf = (union: typeof ClientCommand | typeof ServerEvent): string[] =>
    union.options.map((option) => option.shape.type.value);

  it("[DOCS-5] /asyncapi.json is valid AsyncAPI 3, with every reference and schema sound", () => {
    expect(faults(new Ajv({ strict: false }), asyncApiSchema, document)).toEqual([]);
    expect(checkRefs(document)).toMatchObject({ valid: true });
  });

  it("[DOCS-6] every command and event of the protocol is a message of both sockets", () => {
    const [commands, events] = [typesOf(ClientCommand), typesOf(ServerEvent)];
    expect(Object.keys(document.components.messages)).toEqual(
      expect.arrayContaining([...commands, ...events]),
    );
    expect(Object.values(document.channels).map(({ address }) => address)).toEqual([
      "/ws",
      "/api/v1/conversations/{conversation_id}/ws",
    ]);
    for (const id of ["user", "conversation"]) {
      const heard = document.operations[`${id}.events`]?.messages.map(nameOf);
      expect(heard?.sort()).toEqual([...events, "custom", "batch"].sort());
      for (const command of commands)
        expect(document.operations[`${id}.${command}`]?.messages.map(nameOf)).toEqual([command]);
      const query = document.channels[id]?.bindings.ws.query.properties;
      const expected = ["token", "ticket", "batch", "lean", ...(id === "conversation" ? ["since"] : [])];
      expect(Object.keys(query ?? {}).sort()).toEqual(expect.arrayContaining(expected.sort()));
    }
    // A command without words of its own is described by its operation.
    const described = [...Object.keys(COMMANDS), ...SOCKET_OPERATIONS.map(({ type }) => type)];
    expect(described).toEqual(expect.arrayContaining(commands));
  });

  it("[DOCS-17] each command names its answers: its own ack, an error, a pong, or nothing", () => {
    const answersTo = (command: string) =>
      document.operations[`user.${command}`]?.reply?.messages.map(nameOf);
    expect(answersTo("message.send")).toEqual(["message.send.ack", "error"]);
    expect(answersTo("message.read")).toEqual(["message.read.ack", "error"]);
    expect(answersTo("typing.start")).toEqual(["ack", "error"]);
    expect(answersTo("flow.ack")).toBeUndefined();
    const { messages } = document.components;
    expect(messages["message.send.ack"]?.payload).toMatchObject({
      allOf: [
        { $ref: "#/components/schemas/Ack" },
        { properties: { data: { $ref: "#/components/schemas/Message" } } },
      ],
    });
    if (typesOf(ClientCommand).includes("ping")) expect(answersTo("ping")).toEqual(["pong"]);
  });

  it("[DOCS-18] REST and sockets share their components: a Message is the same in both", async () => {
    const rest: OpenApi = await (await request("/openapi.json")).json();
    const shared = Object.keys(document.components.schemas).filter((name) => name in rest.components.schemas);
    expect(shared).toEqual(
      expect.arrayContaining([
        "Message",
        "FetchedMessage",
        "SendMessage",
        "UserSummary",
        "Attachment",
        "Preferences",
      ]),
    );
    for (const name of shared)
      expect(document.components.schemas[name], name).toEqual(rest.components.schemas[name]);
    expect(fieldOf(document.components.schemas.MessageNew, "data")).toMatchObject({
      $ref: "#/components/schemas/Message",
    });
  });

  it("[DOCS-19] with ?batch=1 a frame is an array of events, as the batch message has it", async () => {
    const [one, other] = await people("batcher", "writer");
    if (!one || !other) throw new Error("nobody");
    const id = await direct(one, other);
    const { webSocket } = await request("/ws?batch=1", {
      headers: { upgrade: "websocket", authorization: `Bearer ${one.token}` },
    });
    if (!webSocket) throw new Error("no socket");
    const frames: unknown[] = [];
    webSocket.addEventListener("message", ({ data }) => {
      frames.push(JSON.parse(String(data)));
    });
    webSocket.accept();
    await api(other, "POST", `/conversations/${id}/messages`, { type: "text", content: "in a batch" });
    await expect
      .poll(() => frames.flat().some((event) => (event as Schema).type === "message.new"))
      .toBe(true);
    for (const frame of frames.map((frame) => [frame].flat()))
      expect(publishedFrameFault("batch", frame)).toBeUndefined();
    expect(publishedFrameFault("batch", [])).toBeDefined();
    expect(publishedFrameFault("batch", [{ type: "no.such.event" }])).toBeDefined();
    webSocket.close();
  });

  it("[DOCS-7] what a socket really hears is what its message describes", async () => {
    const [one, other] = await people("documented", "reader");
    if (!one || !other) throw new Error("nobody");
    const id = await direct(one, other);
    const socket = await connect(other);
    const sender = await connect(one);
    await sender.ask({ type: "message.send", conversation_id: id, data: { type: "text", content: "hello" } });
    await sender.ask({ type: "message.send", conversation_id: id, data: { type: "text", content: "" } });
    await socket.heard("message.new");
    const ajv = addFormats.default(new Ajv({ strict: false }));
    ajv.addSchema({ $id: "asyncapi", ...document });
    const heard = [...socket.events, ...sender.events];
    expect(heard.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["connection.established", "message.new", "ack", "error"]),
    );
    for (const event of heard) {
      const validate = ajv.compile({ $ref: `asyncapi#/components/messages/${event.type}/payload` });
      expect(validate(event), ajv.errorsText(validate.errors)).toBe(true);
    }
  });

  it("[DOCS-8] it names its own server and every close code", () => {
    expect(document.servers).toMatchObject({ this: { host: "chat.test", protocol: "wss" } });
    expect(Object.keys(document["x-close-codes"]).sort()).toEqual(
      [...new Set(Object.values(CLOSE))].map(String).sort(),
    );
  });
});

describe("the reference page", () => {
  it("[DOCS-9] /docs loads from its own host only, and runs nothing inline", async () => {
    const response = await request("/docs");
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/https?:|\*/);
    const html = await response.text();
    const loaded = [...html.matchAll(/<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"/g)].map(
      ([, url]) => url,
    );
    expect(loaded).toEqual(["data:,", "/docs/reference.js"]);
  });
});

describe("a generated client", () => {
  it("[DOCS-21] makes a round trip: it creates, sends, reacts, reads, and is refused", async () => {
    const [alice, bob] = await people("generated", "client");
    if (!alice || !bob) throw new Error("nobody");
    // Its types are generated when test/tools/generated-client.test.ts runs, so the compiler must not follow it here.
    const program = "../generated-client/round-trip.ts";
    const { roundTrip } = await import(/* @vite-ignore */ program);
    const options = {
      baseUrl: "https://chat.test",
      fetch: (asked: Request) => exports.default.fetch(asked),
    };
    const done = await roundTrip(options, { alice: alice.token, bob: bob.token });
    expect(done).toMatchObject({
      message: { conversation_id: done.conversation_id, sender_id: alice.user_id, content: "Hello!" },
      emoji: "👍",
      contents: ["Hello!"],
      unread: 0,
      removed: 204,
      missing: "NOT_FOUND",
    });
  });
});

describe("the tests' own check", () => {
  it("[DOCS-10] an answer or event with a field too many, one too few, or an undescribed status is caught", async () => {
    const user = {
      ...(await person("checked")),
      display_name: "x",
      profile_photo_url: null,
      is_online: false,
      external_id: "x",
      metadata: null,
    };
    const { token, ...rest } = user;
    const me = { ...rest, last_seen_at: null };
    expect(() => checkAnswer("GET", "/api/v1/users/me", 200, me)).not.toThrow();
    expect(() => checkAnswer("GET", "/api/v1/users/me", 200, { ...me, token })).toThrow("token");
    expect(() => checkAnswer("GET", "/api/v1/users/me", 200, rest)).toThrow("last_seen_at");
    expect(() => checkAnswer("GET", "/health", 201, { status: "ok" })).toThrow("does not describe");
    expect(() => checkAnswer("GET", "/no/such/route", 200, {})).toThrow("does not describe");
    const upload = { conversation_id: me.user_id, file_name: "a", file_size: 1, mime_type: "image/jpeg" };
    const place = ["POST", "/api/v1/messages/attachments/upload-url", 200, undefined] as const;
    expect(publishedFault(...place, { ...upload, attachment_type: "image" })).toBeUndefined();
    expect(publishedFault(...place, upload)).toContain("attachment_type");
    expect(publishedFault("GET", "/api/v1/users?limit=101&q=x", 200, { users: [] })).toContain("query limit");
    expect(publishedFault("GET", "/api/v1/users?limit=100", 200, { users: [] })).toContain("query q");
    expect(publishedFault("GET", "/api/v1/users?q=x", 200, { users: [me, rest] })).toContain("last_seen_at");
    checkEvent({ type: "pong" });
    expect(strayEvents).toHaveLength(0);
    checkEvent({ type: "pong", extra: 1 });
    expect(strayEvents.splice(0)).toHaveLength(1);
  });
});
