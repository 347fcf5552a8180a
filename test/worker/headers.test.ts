import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { api, direct, people, request, say } from "./kit.ts";

describe("caches", () => {
  it("[HEADERS-3] keep no answer: no page, no list, no error, and nothing of a socket that was refused", async () => {
    const [one, other] = await people("cached", "reader");
    const id = await direct(one, other);
    await say(one, id, "kept by nobody");
    const asked = [
      await api(one, "GET", "/conversations"),
      await api(one, "GET", `/conversations/${id}/messages`),
      await api(one, "GET", "/users/me"),
      await api(one, "GET", "/search/messages?q=nobody"),
      await api(one, "POST", "/ws/ticket"),
      await api(one, "DELETE", `/conversations/${id}/typing`),
      await api(undefined, "GET", "/users/me"),
      await api(one, "GET", "/users/me/nothing"),
      await api(one, "PUT", "/search/messages", {}),
      await api(one, "GET", "/conversations?limit=0"),
      await request("/nowhere"),
      await request("/health"),
      await request("/ws"),
      await request("/ws", { headers: { upgrade: "websocket" } }),
      await request("/api/v1/conversations", { method: "OPTIONS" }),
    ];
    expect(asked.map(({ status }) => status)).toEqual(
      expect.arrayContaining([200, 201, 204, 400, 401, 404, 405]),
    );
    for (const { status, headers } of asked)
      expect([status, headers.get("cache-control")]).toEqual([status, "no-store"]);
  });

  it("[HEADERS-4] keep what is the same for everybody: the documents, their page, the capabilities", async () => {
    for (const path of ["/openapi.json", "/asyncapi.json", "/docs", "/api/v1/capabilities"]) {
      const { status, headers } = await request(path);
      expect([path, status, headers.get("cache-control")]).toEqual([path, 200, "public, max-age=300"]);
    }
  });
});

describe("transport", () => {
  it("[HEADERS-5] transport security is asked for over TLS only: over plain HTTP it means nothing", async () => {
    const ask = (url: string) => exports.default.fetch(new Request(url));
    for (const path of ["/health", "/api/v1/users/me", "/docs", "/nowhere"]) {
      const secure = await ask(`https://chat.test${path}`);
      expect(secure.headers.get("strict-transport-security"), path).toBe(
        "max-age=31536000; includeSubDomains",
      );
      const plain = await ask(`http://localhost:8787${path}`);
      expect(plain.headers.has("strict-transport-security"), path).toBe(false);
    }
  });
});
