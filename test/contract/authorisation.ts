/** The authorisation matrix, walked: every route and every command of the sockets, for everybody. */

import { ClientCommand, SCOPES } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { scopeOfPath, scopesOfPath } from "../../src/domain/actor.ts";
import { apiKey, type Backend, revokeKey, serverToken } from "../worker/server-kit.ts";
import { answerTo, type Credentials, openSocket, rowsOfUsers, statusOf } from "./authorisation-kit.ts";
import { COMMANDS, type CommandRow, PUBLIC, ROUTES } from "./authorisation-table.ts";
import { api, connect, type TestSocket } from "./kit.ts";
import { RELATIONS, type Relation, type Stage, setStage } from "./stage.ts";

/** Those who lose nothing by what the others do come first: who leaves, or hands over, comes last. */
const ORDER: Relation[] = [...RELATIONS].reverse();

let shared: Promise<Stage> | undefined;

/** The stage of the rows that alter nothing. */
async function sharedStage(): Promise<Stage> {
  shared ??= setStage();
  return await shared;
}

/** The routes that the application has, as the table names them. */
function mounted(): string[] {
  const handlers = createApp().routes.filter(({ method }) => method !== "ALL");
  const names = handlers.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  return [...new Set(names)].sort();
}

describe("authorisation of routes", () => {
  it("[R6] every route has a row in the table, and every row a route", () => {
    expect(Object.keys(ROUTES).sort()).toEqual(mounted());
  });

  for (const [route, rows] of Object.entries(ROUTES)) {
    for (const row of rows) {
      const what = row.what ? ` (${row.what})` : "";
      it(`[R6 R8] from owner to no token, ${route}${what}: ${row.statuses}`, async () => {
        const stage = row.alters ? await setStage() : await sharedStage();
        const before = row.before?.(stage);
        if (before) await api(stage.people.owner, "PUT", before.path, before.body);
        const statuses = {} as Record<Relation, number>;
        for (const relation of ORDER) statuses[relation] = await statusOf(route, row, stage, relation);
        expect(RELATIONS.map((relation) => statuses[relation]).join(" ")).toBe(row.statuses);
      });
    }
  }
});

describe("authorisation of servers", () => {
  it("[R28 SCOPE-3] every route that is not public has a scope", () => {
    const isPublic = (route: string) => ROUTES[route]?.some((row) => row === PUBLIC[0]);
    // The signature of a link to an export is its credential.
    const isLink = (route: string) => route.includes("/exports/");
    const closed = mounted().filter((route) => !isPublic(route) && !isLink(route));
    expect(closed.filter((route) => scopeOfPath(route.split(" ")[1] ?? "") === undefined)).toEqual([]);
  });

  for (const [route, row] of rowsOfUsers()) {
    const what = row.what ? ` (${row.what})` : "";
    it(`[R28 R6 R8] in a user's name, ${route}${what} answers as it does to them`, async () => {
      const stage = row.alters ? await setStage() : await sharedStage();
      const before = row.before?.(stage);
      if (before) await api(stage.people.owner, "PUT", before.path, before.body);
      const { token } = await serverToken();
      const inTheirName: Credentials = (relation, { people }) =>
        relation === "nobody"
          ? {}
          : { authorization: `Bearer ${token}`, "x-act-as": people[relation].user_id };
      const statuses = {} as Record<Relation, number>;
      for (const relation of ORDER)
        statuses[relation] = await statusOf(route, row, stage, relation, inTheirName);
      const answered = RELATIONS.map((relation) => statuses[relation]).join(" ");
      // What an earlier row has made is found by this one.
      expect([row.statuses, row.statuses.replaceAll("201", "200")]).toContain(answered);
    });
  }

  /** Credentials that open no route of a user, and the status that they get. */
  async function refusedCredentials(): Promise<[what: string, status: number, credentials: Credentials][]> {
    const [all, none, key, revoked] = [
      await serverToken(),
      await serverToken("openid"),
      await apiKey(),
      await apiKey(),
    ];
    await revokeKey(revoked);
    const named = await serverToken("*", { username: "ann" });
    const bearer = ({ token }: Backend, more: Record<string, string> = {}) => ({
      authorization: `Bearer ${token}`,
      ...more,
    });
    const owner = (stage: Stage) => ({ "x-act-as": stage.people.owner.user_id });
    const forged = { ...key, token: `${key.token.slice(0, -1)}${key.token.endsWith("A") ? "E" : "A"}` };
    return [
      ["a server that names no user", 403, () => bearer(all)],
      ["a key that names no user", 403, () => bearer(key)],
      ["a server without the scope", 403, (_, stage) => bearer(none, owner(stage))],
      [
        "a server in a browser",
        403,
        (_, stage) => bearer(all, { ...owner(stage), origin: "https://app.example.com" }),
      ],
      ["a revoked key", 401, (_, stage) => bearer(revoked, owner(stage))],
      ["a key with another end", 401, (_, stage) => bearer(forged, owner(stage))],
      ["a server's token with a username", 401, (_, stage) => bearer(named, owner(stage))],
      ["a user who acts as another", 403, (_, stage) => bearer(stage.people.member, owner(stage))],
    ];
  }

  it("[R28 R6] a route of servers needs its scope, and nobody's name", async () => {
    const stage = await setStage();
    const rows = Object.entries(ROUTES).filter(([route]) => route.includes(" /api/v1/server/"));
    expect(rows.length).toBeGreaterThan(10);
    for (const [route, [row]] of rows) {
      if (!row) continue;
      const scope = scopeOfPath(route.split(" ")[1] ?? "");
      const opening: readonly string[] = scopesOfPath(route.split(" ")[1] ?? "");
      const others = SCOPES.filter((one) => !opening.includes(one)).join(" ");
      const bearer = ({ token }: Backend) => ({ authorization: `Bearer ${token}` });
      const [enough, less, key] = [await serverToken(scope), await serverToken(others), await apiKey(others)];
      const named = { ...bearer(enough), "x-act-as": stage.people.owner.user_id };
      const browser = { ...bearer(enough), origin: "https://app.example.com" };
      for (const credentials of [bearer(less), bearer(key), named, browser]) {
        expect([route, await statusOf(route, row, stage, "owner", () => credentials)]).toEqual([route, 403]);
      }
      const answered = await statusOf(route, row, stage, "owner", () => bearer(enough));
      expect([route, [200, 201, 202, 204, 404].includes(answered) || answered]).toEqual([route, true]);
    }
  });

  it("[R28 R6] no route of a user opens to any other use of a credential", async () => {
    const stage = await sharedStage();
    for (const [what, status, credentials] of await refusedCredentials()) {
      for (const [route, row] of rowsOfUsers()) {
        const answered = await statusOf(route, row, stage, "member", credentials);
        expect([what, route, answered]).toEqual([what, route, status]);
      }
    }
  });
});

describe("authorisation of commands", () => {
  it("[R6 R20] every command has a row in the table, and every row a command", () => {
    const commands = ClientCommand.options.map((option) => option.shape.type.value);
    expect(Object.keys(COMMANDS).sort()).toEqual(commands.sort());
  });

  for (const kind of ["user", "conversation"] as const) {
    it(`[R6 R8 R20] every command on the ${kind}'s socket`, async () => {
      const stage = await setStage();
      const table: Record<string, string> = {};
      const expected: Record<string, string> = {};
      const sockets = new Map<Relation, TestSocket | string>();
      for (const relation of RELATIONS) sockets.set(relation, await openSocket(kind, stage, relation));
      for (const [type, row] of Object.entries<CommandRow>(COMMANDS)) {
        const answers = RELATIONS.map(async (relation) => {
          const socket = sockets.get(relation) ?? "";
          return typeof socket === "string" ? socket : await answerTo(socket, type, row, stage, relation);
        });
        table[type] = (await Promise.all(answers)).join(" ");
        expected[type] = row[kind];
      }
      expect(table).toEqual(expected);
    });
  }

  it("[R6 R21] a former member who resumes learns that they are out, and nothing else", async () => {
    const stage = await setStage();
    const socket = await connect(stage.people.former);
    await socket.ask({ type: "sync", conversations: { [stage.id]: 0 } });
    const event = await socket.heard("conversation.sync");
    expect(event).toMatchObject({
      conversation_id: stage.id,
      data: { membership: "removed", conversation: null, messages: [], members: [], read_states: [] },
    });
  });
});
