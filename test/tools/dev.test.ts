/** The Worker of `npm run dev`, started as that command starts it: with the development entry, on local tables. */
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
});
