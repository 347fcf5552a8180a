import asyncApiSchema from "@asyncapi/specs/schemas/3.0.0-without-$id.json";
import { checkRefs } from "@seriousme/openapi-schema-validator/resolve.js";
import openApiSchema from "@seriousme/openapi-schema-validator/schemas/v3.1/schema.json";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { TAGS } from "../../src/docs/texts.ts";
import { CLOSE, ClientCommand, ERRORS, ServerEvent } from "../../src/protocol/index.ts";
import { checkAnswer, checkEvent, strayEvents } from "./contract.ts";
import { connect, direct, people, person, request } from "./kit.ts";

interface Operation {
  tags?: string[];
  summary?: string;
  security?: object[];
  responses: Record<string, object>;
}

interface OpenApi {
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

interface AsyncApi {
  servers: Record<string, { host: string; protocol: string }>;
  channels: Record<
    string,
    { address: string; messages: object; bindings: { ws: { query: { properties: object } } } }
  >;
  operations: Record<string, { messages: object[] }>;
  components: { messages: Record<string, { payload: object }>; schemas: Record<string, object> };
  "x-close-codes": Record<string, string>;
}

/** Routes that anybody may ask. */
const PUBLIC = ["/health", "/openapi.json", "/asyncapi.json", "/docs", "/api/v1/capabilities"];

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
    for (const { path, operation } of operations()) {
      expect(operation.summary, path).toBeTruthy();
      expect(operation.tags, path).toHaveLength(1);
      expect(described, path).toContain(operation.tags?.[0]);
      const isPublic = PUBLIC.includes(path);
      expect(operation.security !== undefined, path).toBe(!isPublic);
      expect("default" in operation.responses, path).toBe(!isPublic);
    }
  });

  it("[DOCS-4] it names its own server, how to authenticate, and every error code", async () => {
    expect(document.servers).toEqual([{ url: "https://chat.test" }]);
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: "http", scheme: "bearer" } });
    expect(document.components.schemas.Error).toMatchObject({
      properties: { code: { enum: Object.keys(ERRORS) } },
    });
  });
});

describe("AsyncAPI", () => {
  let document: AsyncApi;
  beforeAll(async () => {
    document = await (await request("/asyncapi.json")).json();
  });
  const typesOf = (union: typeof ClientCommand | typeof ServerEvent): string[] =>
    union.options.map((option) => option.shape.type.value);

  it("[DOCS-5] /asyncapi.json is valid AsyncAPI 3, with every reference and schema sound", () => {
    expect(faults(new Ajv({ strict: false }), asyncApiSchema, document)).toEqual([]);
    expect(checkRefs(document)).toMatchObject({ valid: true });
  });

  it("[DOCS-6] every command and event of the protocol is a message of both sockets", () => {
    const [commands, events] = [typesOf(ClientCommand), typesOf(ServerEvent)];
    expect(Object.keys(document.components.messages).sort()).toEqual([...commands, ...events].sort());
    expect(Object.values(document.channels).map(({ address }) => address)).toEqual([
      "/ws",
      "/api/v1/conversations/{conversation_id}/ws",
    ]);
    for (const id of ["user", "conversation"]) {
      expect(document.operations[`${id}.commands`]?.messages).toHaveLength(commands.length);
      expect(document.operations[`${id}.events`]?.messages).toHaveLength(events.length);
      const query = document.channels[id]?.bindings.ws.query.properties;
      expect(Object.keys(query ?? {})).toEqual(expect.arrayContaining(["token", "ticket", "batch"]));
    }
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
    expect(Object.keys(document["x-close-codes"]).sort()).toEqual(Object.values(CLOSE).map(String).sort());
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

describe("the tests' own check", () => {
  it("[DOCS-10] an answer or event with a field too many, one too few, or an undescribed status is caught", async () => {
    const user = {
      ...(await person("checked")),
      display_name: "x",
      profile_photo_url: null,
      is_online: false,
      external_id: "x",
    };
    const { token, ...rest } = user;
    const me = { ...rest, last_seen_at: null };
    expect(() => checkAnswer("GET", "/api/v1/users/me", 200, me)).not.toThrow();
    expect(() => checkAnswer("GET", "/api/v1/users/me", 200, { ...me, token })).toThrow("token");
    expect(() => checkAnswer("GET", "/api/v1/users/me", 200, rest)).toThrow("last_seen_at");
    expect(() => checkAnswer("GET", "/health", 201, { status: "ok" })).toThrow("does not describe");
    expect(() => checkAnswer("GET", "/no/such/route", 200, {})).toThrow("does not describe");
    checkEvent({ type: "pong" });
    expect(strayEvents).toHaveLength(0);
    checkEvent({ type: "pong", extra: 1 });
    expect(strayEvents.splice(0)).toHaveLength(1);
  });
});
