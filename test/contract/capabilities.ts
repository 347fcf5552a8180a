/** What a client can know before it signs in, and what a path does not take (rules 5 and 32). */

import { Capabilities } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { request } from "../worker/kit.ts";
import { api, bothSockets, cast, direct, refusal } from "./kit.ts";

describe("capabilities", () => {
  it("[R32 LEAN-9] GET /capabilities needs no token, and tells the features and the limits of this deployment", async () => {
    const { status, body } = await api(undefined, "GET", "/capabilities");
    expect(status).toBe(200);
    expect(Capabilities.parse(body)).toEqual(body);
    expect(body.features).toEqual(["lean"]);
    expect(body.limits).toMatchObject({ max_message_length: 4096, max_group_members: 1000 });
    expect(body.push).toEqual({ providers: ["fcm", "apns", "webpush"] });
  });

  it("[R32] connection.established carries the same features, on both sockets", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const { features } = (await api(undefined, "GET", "/capabilities")).body;
    for (const socket of await bothSockets(ann, await direct(ann, bob))) {
      expect(socket.all("connection.established")[0]).toMatchObject({ data: { features } });
    }
  });
});

describe("methods", () => {
  it("[R5] a known path with another method is 405 with `Allow`, once the caller is known", async () => {
    const [ann] = await cast("ann");
    const id = crypto.randomUUID();
    const rows: [string, string, string][] = [
      ["POST", `/messages/${id}`, "DELETE, GET, HEAD, PUT"],
      ["PATCH", `/conversations/${id}`, "DELETE, GET, HEAD, PUT"],
      ["GET", `/conversations/${id}/read`, "PUT"],
      ["PUT", `/conversations/${id}/typing`, "DELETE, POST"],
      ["DELETE", "/search/messages", "GET, HEAD"],
      ["PUT", `/attachments/${id}`, "GET, HEAD"],
    ];
    for (const [method, path, allow] of rows) {
      const answer = await api(ann, method, path);
      expect([method, path, answer.headers.get("allow")]).toEqual([method, path, allow]);
      await refusal(Promise.resolve(answer), "METHOD_NOT_ALLOWED");
      await refusal(api(undefined, method, path), "UNAUTHORIZED");
    }
    await refusal(api(ann, "GET", "/nowhere"), "NOT_FOUND");
  });

  it("[R5] the paths outside of the API too, without a token", async () => {
    for (const path of ["/health", "/health/ready", "/openapi.json", "/docs", "/ws"]) {
      const response = await request(path, { method: "DELETE" });
      expect([path, response.status, response.headers.get("allow")]).toEqual([path, 405, "GET, HEAD"]);
      await response.body?.cancel();
    }
  });
});
