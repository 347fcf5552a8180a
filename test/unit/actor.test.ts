import { SCOPES, type Scope } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { type Actor, checkActor, scopeOfPath } from "../../src/domain/actor.ts";
import { parseApiKey } from "../../src/domain/api-key.ts";
import { isForServers, readServerClaims } from "../../src/domain/server-claims.ts";

const USER: Actor = { kind: "user" };
const server = (...scopes: (Scope | "*")[]): Actor => ({
  kind: "server",
  credential: { id: "key:x", scopes: new Set(scopes), issuer: "", expires_at: undefined },
});
const ask = (path: string, actAs?: string, isFromBrowser = false) => ({ path, actAs, isFromBrowser });
const ID = "9f1c2ab4-77de-8a01-b3c4-000000000000";

describe("scopes of paths", () => {
  it.each([
    ["/api/v1/users/me", "users"],
    ["/api/v1/server/users/ext:1/tokens/revoke", "users"],
    ["/api/v1/conversations", "conversations"],
    [`/api/v1/conversations/${ID}/participants/x`, "conversations"],
    [`/api/v1/conversations/${ID}/messages`, "messages"],
    [`/api/v1/conversations/${ID}/ws`, "messages"],
    [`/api/v1/server/conversations/${ID}/messages`, "messages"],
    [`/api/v1/server/conversations/${ID}`, "conversations"],
    ["/api/v1/server/conversations/by-external-id/messages", "conversations"],
    ["/api/v1/server/jobs/x", "conversations"],
    ["/api/v1/server/conversations/x/recover", "operate"],
    ["/api/v1/messages/x/reactions", "messages"],
    ["/api/v1/sync", "messages"],
    ["/ws", "messages"],
    ["/api/v1/ws/ticket", "messages"],
  ])("[R28 SCOPE-1] %s needs %s", (path, scope) => {
    expect(scopeOfPath(path)).toBe(scope);
  });

  it("[R28 SCOPE-2] a path that nobody thought of needs more than any credential has", () => {
    expect(scopeOfPath("/api/v1/server/new")).toBeUndefined();
    expect(checkActor(server("*"), ask("/api/v1/server/new"))).toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("who may ask what", () => {
  it("[R28 ACTOR-1] a user asks for themselves, and not on paths for servers", () => {
    expect(checkActor(USER, ask("/api/v1/sync"))).toBeUndefined();
    expect(checkActor(USER, ask("/api/v1/sync", undefined, true))).toBeUndefined();
    expect(checkActor(USER, ask("/api/v1/sync", "x"))).toMatchObject({ code: "FORBIDDEN" });
    expect(checkActor(USER, ask("/api/v1/server/users/x"))).toMatchObject({
      code: "FORBIDDEN",
      details: { scope: "users" },
    });
  });

  it("[R28 ACTOR-2] a server needs the scope, and a user where a path is for users", () => {
    const refused = { code: "FORBIDDEN", details: { scope: "messages" } };
    expect(checkActor(server("*"), ask("/api/v1/sync", "x"))).toBeUndefined();
    expect(checkActor(server("messages"), ask("/api/v1/sync", "x"))).toBeUndefined();
    expect(checkActor(server("messages"), ask("/api/v1/sync"))).toMatchObject(refused);
    expect(checkActor(server("*"), ask("/api/v1/sync"))).toMatchObject(refused);
    expect(checkActor(server("users", "conversations", "stats"), ask("/api/v1/sync", "x"))).toMatchObject(
      refused,
    );
    expect(checkActor(server(), ask("/api/v1/sync", "x"))).toMatchObject(refused);
    expect(checkActor(server("users"), ask("/api/v1/server/users/x"))).toBeUndefined();
    expect(checkActor(server("users"), ask("/api/v1/server/users/x", "x"))).toMatchObject({
      code: "FORBIDDEN",
    });
  });

  it("[R28 ACTOR-3] never from a browser", () => {
    for (const one of [ask("/api/v1/sync", "x", true), ask("/api/v1/server/users/x", undefined, true)]) {
      expect(checkActor(server("*"), one)).toMatchObject({
        code: "FORBIDDEN",
        details: { reason: "browser" },
      });
    }
  });
});

describe("server tokens", () => {
  const NOW = 1_800_000_000_000;
  const expected = { audience: "servers", issuer: undefined };
  const good = { aud: "servers", scope: "users messages", exp: NOW / 1000 + 3600, sub: "shop" };
  const read = (claims: object, issuer?: string) =>
    readServerClaims({ ...good, ...claims }, { ...expected, issuer }, NOW);

  it("[R28 SERVER-1] audience, scope and expiry make a credential", () => {
    const credential = { id: "token:shop", scopes: new Set(["users", "messages"]), issuer: "" };
    expect(read({})).toEqual({ credential: { ...credential, expires_at: NOW + 3_600_000 } });
    expect(read({ aud: ["servers"], scope: [...SCOPES] })).toMatchObject({
      credential: { scopes: new Set(SCOPES) },
    });
    expect(read({ sub: undefined })).toMatchObject({ credential: { id: "token:server" } });
    expect(read({ scope: "openid profile messages admin" })).toMatchObject({
      credential: { scopes: new Set(["messages"]) },
    });
  });

  it("[R28 SERVER-2] its issuer, or else that of the deployment, is that of the app's users", () => {
    expect(read({}, "https://id.test")).toMatchObject({ credential: { issuer: "https://id.test" } });
    expect(read({ iss: "https://own.test" }, "https://id.test")).toMatchObject({
      credential: { issuer: "https://own.test" },
    });
  });

  it.each([
    ["a username", { username: "ann" }, "audience"],
    ["an email", { email: "ann@example.com" }, "audience"],
    ["a second audience", { aud: ["servers", "chat"] }, "audience"],
    ["the audience twice", { aud: ["servers", "servers"] }, "audience"],
    ["no scope", { scope: undefined }, "audience"],
    ["a scope that is a number", { scope: 1 }, "audience"],
    ["two days", { exp: NOW / 1000 + 2 * 86_400 }, "lasts_too_long"],
    ["an expiry in milliseconds", { exp: NOW + 3_600_000 }, "lasts_too_long"],
    ["no expiry", { exp: undefined }, "no_exp"],
    ["a control character", { sub: "a\nb" }, "id_not_accepted"],
    ["an issuer that is no text", { iss: 7 }, "issuer"],
  ])("[R28 SERVER-3] %s is refused", (_, claims, refused) => {
    expect(read(claims)).toEqual({ refused });
  });

  it("[R28 SERVER-4] a day is allowed, with the clocks five seconds apart", () => {
    expect(read({ exp: NOW / 1000 + 86_405 })).toHaveProperty("credential");
    expect(read({ exp: NOW / 1000 + 86_406 })).toEqual({ refused: "lasts_too_long" });
  });

  it("[R28 SERVER-5] a token for servers is one by its audience alone", () => {
    expect(isForServers({ aud: ["a", "servers"] }, "servers")).toBe(true);
    expect(isForServers({ aud: "a", scope: "users" }, "servers")).toBe(false);
    expect(isForServers({ scope: "*" }, "servers")).toBe(false);
  });
});

describe("API keys", () => {
  it("[R28 KEY-1] have one form", () => {
    const secret = "a".repeat(43);
    expect(parseApiKey(`rck_12ab34cd_${secret}`)).toEqual({ key_id: "12ab34cd", secret });
    for (const text of [
      `rck_12AB34CD_${secret}`,
      `rck_12ab34c_${secret}`,
      `rck_12ab34cd_${secret}a`,
      `x${secret}`,
    ]) {
      expect(parseApiKey(text)).toBeUndefined();
    }
  });
});
