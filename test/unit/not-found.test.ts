import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { notFound } from "../../src/middleware/not-found.ts";

/** An application with routes of every form. */
function app() {
  const hono = new Hono();
  const ok = () => new Response("ok");
  hono.use("/api/*", async (_, next) => await next());
  hono.get("/api/users/me", ok).patch("/api/users/me", ok).get("/api/users/:id", ok);
  hono.post("/api/things/:id{[0-9]+}/marks", ok).delete("/api/things/:id/marks/:mark", ok);
  hono.get("/file.json", ok);
  hono.notFound(notFound(hono));
  return hono;
}

async function ask(method: string, path: string) {
  const response = await app().request(path, { method });
  const { code } = (await response.json()) as { code: string };
  return [response.status, code, response.headers.get("allow")];
}

describe("what is no route", () => {
  it("[R5] a known path with another method is 405, and `Allow` names the methods that it takes", async () => {
    const refused = (allow: string) => [405, "METHOD_NOT_ALLOWED", allow];
    expect(await ask("DELETE", "/api/users/me")).toEqual(refused("GET, HEAD, PATCH"));
    expect(await ask("POST", "/api/users/7")).toEqual(refused("GET, HEAD"));
    expect(await ask("GET", "/api/things/7/marks")).toEqual(refused("POST"));
    expect(await ask("PUT", "/api/things/7/marks/%F0%9F%91%8D")).toEqual(refused("DELETE"));
    expect(await ask("POST", "/file.json")).toEqual(refused("GET, HEAD"));
  });

  it("[R5] an unknown path is 404, whatever the method, also where only middleware matches", async () => {
    for (const path of ["/", "/api", "/api/users", "/api/users/7/8", "/fileXjson", "/api/things/7"]) {
      for (const method of ["GET", "DELETE"]) {
        expect(await ask(method, path)).toEqual([404, "NOT_FOUND", null]);
      }
    }
  });
});
