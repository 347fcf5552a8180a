import { ClientCommand } from "@rocket-chat-api/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { annotating } from "./bad-annotations.ts";
import * as bodies from "./bad-bodies.ts";
import * as frames from "./bad-commands.ts";
import type { Bad } from "./bad-kit.ts";
import { sending, text } from "./bad-messages.ts";
import { moderation, reporting } from "./bad-moderation.ts";
import * as paths from "./bad-paths.ts";
import { push } from "./bad-push.ts";
import { queries, searches } from "./bad-queries.ts";
import { rooms } from "./bad-rooms.ts";
import { server } from "./bad-server.ts";
import { expectHealth, expectUndisturbed, fill, type Stage, send, setStage } from "./bad-stage.ts";
import { uploads } from "./bad-uploads.ts";
import { expectError, read } from "./checks.ts";
import { api, request } from "./kit.ts";

const { noObjects, create, update, participants, oneself, privacy, declining } = bodies;
const { ids, emoji, handshakes, nowhere } = paths;
const TABLES: Record<string, Bad[]> = {
  "no objects": noObjects,
  "bodies that create": create,
  "bodies that change": update,
  participants,
  oneself,
  privacy,
  declining,
  "sent messages": sending,
  "edits, reactions, read marks": annotating,
  uploads,
  ids,
  emoji,
  queries,
  searches,
  push,
  "what moderators ask": rooms,
  "tokens and handshakes": handshakes,
  reporting,
  "what servers ask": server,
  "what moderators of the app ask": moderation,
  "no routes": nowhere,
};
const ROWS = Object.values(TABLES).flat();

/** A row, short enough to be read. */
const shorten = (row: unknown) => JSON.stringify(row).slice(0, 200);

/** Routes that take nothing from anybody. */
const WITHOUT_INPUT = [
  "GET /health",
  "GET /health/ready",
  "GET /metrics",
  "GET /docs",
  "GET /openapi.json",
  "GET /asyncapi.json",
  "GET /api/v1/capabilities",
  "GET /api/v1/users/me/notices",
  "GET /api/v1/devices",
  "GET /api/v1/push/vapid-key",
  "GET /api/v1/server/moderation/filters",
  "GET /api/v1/push-preferences",
  "GET /api/v1/users/me/privacy",
  "POST /api/v1/server/directory/renew",
];

/** Every route, the most literal first. */
const ROUTES = createApp()
  .openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === "route" ? [definition.route] : [],
  )
  .map(({ method, path }) => ({
    name: `${method.toUpperCase()} ${path}`,
    pattern: new RegExp(`^${method} ${path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`, "i"),
  }))
  .sort((one, other) => one.name.split("{").length - other.name.split("{").length);

describe("bad requests", () => {
  let at: Stage;
  beforeAll(async () => {
    at = await setStage();
  });

  for (const [name, table] of Object.entries(TABLES)) {
    it(`[BAD-REST] ${name}: ${table.length} rows, each with its own code, and nothing changes`, async () => {
      const wrong: unknown[] = [];
      for (const row of table) {
        const answer = await send(at, row);
        if (answer.body?.code === row[3]) expectError(answer, row[3]);
        else wrong.push(`${answer.status} ${answer.body?.code} ${shorten(row)}`);
      }
      await expectUndisturbed(at);
      expect(wrong).toEqual([]);
    });
  }

  it("[BAD-TABLE] there are at least 200 rows, no two the same, some for each route and each command", () => {
    const rows = [...ROWS, ...frames.COMMANDS].map((row) => JSON.stringify(row));
    expect(rows.filter((row, i) => rows.indexOf(row) !== i)).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(200);
    const tried = ROWS.map(([method, path]) => {
      const [place] = (/^\/ws\b(?!\/ticket)/.test(path) ? path : `/api/v1${path}`).split("?");
      return ROUTES.find(({ pattern }) => pattern.test(`${method} ${fill(at, place ?? "")}`))?.name;
    });
    const untried = ROUTES.filter(({ name }) => !tried.includes(name)).map(({ name }) => name);
    expect(untried.sort()).toEqual(WITHOUT_INPUT.sort());
    const commands = frames.COMMANDS.map(([frame]) => (frame as { type?: unknown } | null)?.type);
    for (const { shape } of ClientCommand.options) expect(commands).toContain(shape.type.value);
  });

  it("[BAD-REST] a validation error says where", async () => {
    const path = `/conversations/${at.ids.direct}/messages`;
    const answer = await api(at.ann, "POST", path, text(7));
    expect(answer.body.details).toEqual({ issues: [{ path: "content", message: expect.any(String) }] });
    const tooLong = await api(at.ann, "POST", path, text("x".repeat(4097)));
    expect(tooLong.body.details).toMatchObject({ max_length: 4096 });
  });

  it("[BAD-REST] a body beyond 128 KiB is 413, announced or not", async () => {
    const path = `/conversations/${at.ids.direct}/messages`;
    const big = JSON.stringify(text("x".repeat(140_000)));
    expectError(await api(at.ann, "POST", path, big), "PAYLOAD_TOO_LARGE");
    const body = new Blob([big]).stream();
    const headers = { authorization: `Bearer ${at.ann.token}`, "content-type": "application/json" };
    const streamed = await request(`/api/v1${path}`, { method: "POST", headers, body });
    expectError(await read(streamed), "PAYLOAD_TOO_LARGE");
    await expectUndisturbed(at);
  });

  it("[BAD-REST] what is not text in UTF-8 is no JSON", async () => {
    const path = `/api/v1/conversations/${at.ids.direct}/messages`;
    const json = '{"type":"text","content":"x"}';
    const headers = { authorization: `Bearer ${at.ann.token}`, "content-type": "application/json" };
    const utf16 = new Uint8Array(Uint16Array.from(json, (unit) => unit.charCodeAt(0)).buffer);
    const gzip = await new Response(
      new Blob([json]).stream().pipeThrough(new CompressionStream("gzip")),
    ).bytes();
    for (const body of [utf16, gzip, new Uint8Array(1000), new Uint8Array([0xff, 0xfe])]) {
      expectError(await read(await request(path, { method: "POST", headers, body })), "VALIDATION_ERROR");
    }
    await expectUndisturbed(at);
  });

  it("[BAD-REST] no such route outside of the API either", async () => {
    expectError(await read(await request("/nothing")), "NOT_FOUND");
    expectError(await read(await request("/api/v2/users/me")), "NOT_FOUND");
  });

  it("[BAD-REST] every response has a request id: one's own if it is harmless, else a new one", async () => {
    const ask = async (id?: string) => {
      const headers = id === undefined ? {} : { "x-request-id": id };
      return (await api(at.ann, "GET", "/users/me", undefined, headers)).headers.get("x-request-id");
    };
    expect(await ask()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await ask("my-own-id-1")).toBe("my-own-id-1");
    for (const id of ["<script>", "a b", "x".repeat(300), ""])
      expect(await ask(id)).toMatch(/^[0-9a-f-]{36}$/);
    expect((await request("/health")).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
  it("[BAD-REST] after all of it every healthy socket is open, has heard nothing, and works", async () => {
    await expectUndisturbed(at);
    await expectHealth(at);
  });
});
