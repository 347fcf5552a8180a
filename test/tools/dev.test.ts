/** The Worker of `npm run dev`, started as that command starts it: with the development entry, on local tables. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { serverToken } from "@rocket-chat-api/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEVELOPMENT_ENTRY, DevServer } from "../../scripts/serve.ts";

let server: DevServer;
beforeAll(async () => {
  server = await DevServer.create({}, DEVELOPMENT_ENTRY);
}, 120_000);
afterAll(() => server?.dispose());

describe("the Worker of `npm run dev`", () => {
  it("[BUNDLE-3] has every class of the service: conversations, hubs and the sums of /metrics answer", async () => {
    expect(await (await fetch(`${server.url}/health/ready`)).json()).toMatchObject({ status: "ok" });
    // The sign-in makes people, their conversations, and what they have said.
    const session = { method: "POST", body: JSON.stringify({ as: "alice" }) };
    const signedIn = await fetch(`${server.url}/development/session`, session);
    const { token } = (await signedIn.json()) as { token: string };
    const list = await fetch(`${server.url}/api/v1/conversations`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { conversations } = (await list.json()) as { conversations: unknown[] };
    expect(conversations.length).toBeGreaterThan(0);
    const stats = await serverToken({ secret: server.secret, scopes: ["stats"] });
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${stats}` } });
    expect(await metrics.text()).toMatch(/^rocket_chat_commits_total [1-9]/m);
  });

  it("[BUNDLE-5] signs in nobody under a name that a page of the internet may have led here", async () => {
    const { port } = new URL(server.url);
    const as = async (
      host: string,
      path: string,
      method = "GET",
    ): Promise<{ status: number; body: string }> => {
      const headers = { host: `${host}:${port}`, origin: `http://${host}:${port}` };
      const asked = request({ host: "localhost", port, path, method, headers });
      asked.end(method === "POST" ? JSON.stringify({ as: "alice" }) : undefined);
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      return { status: response.statusCode ?? 0, body: await text(response) };
    };
    for (const [path, method] of [
      ["/development/session", "POST"],
      ["/development/people", "GET"],
    ] as const) {
      const refused = await as("evil.example", path, method);
      expect(refused).toEqual({
        status: 403,
        body: expect.stringContaining('DEVELOPMENT_HOSTS=\\"evil.example\\"'),
      });
      expect((await as("localhost", path, method)).status).toBe(200);
      expect((await as("127.0.0.1", path, method)).status).toBe(200);
    }
    // What needs a token is not changed by the name.
    expect((await as("evil.example", "/health")).status).toBe(200);
  });
});
