import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openBucket } from "../../src/attachments/bucket.ts";
import { hashedId } from "../../src/auth/hashed-id.ts";
import { sendPush } from "../../src/push/send.ts";
import { fetchBytes, PNG, pair, sendFile } from "./attachments-kit.ts";
import { read } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, connectTo, direct, group, people, request, say } from "./kit.ts";
import { growthOf, scrape } from "./metrics-kit.ts";
import { apiKey, serverToken } from "./server-kit.ts";

afterEach(() => {
  faults.d1Fails = undefined;
  faults.r2Down = false;
  vi.restoreAllMocks();
});

describe("GET /metrics", () => {
  it("[METRICS-10] is for a server credential with the scope stats: 401 without one, and for users; 403 without the scope", async () => {
    const [ann] = await people("ann");
    const statusWith = async (token?: string) => {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const { status, body } = await read(await request("/metrics", { headers }));
      return [status, body.code];
    };
    expect(await statusWith()).toEqual([401, "UNAUTHORIZED"]);
    expect(await statusWith("nonsense")).toEqual([401, "UNAUTHORIZED"]);
    expect(await statusWith(ann.token)).toEqual([401, "UNAUTHORIZED"]);
    expect(await statusWith((await serverToken("messages")).token)).toEqual([403, "FORBIDDEN"]);
    const { token } = await apiKey("stats");
    const answer = await request("/metrics", { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ]);
  });

  it("[METRICS-11] counts what was done: sends, deliveries on both kinds of sockets, sockets, requests by route", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const grown = await growthOf(async () => {
      const [own, hub] = [await connectTo(bob, id), await connect(ann)];
      for (let n = 0; n < 7; n++) await say(ann, id, `message ${n}`);
      await expect.poll(() => own.all("message.new").length).toBe(7);
      await expect.poll(() => hub.all("message.new").length).toBe(7);
      hub.close(1000);
      await hub.closed;
    });
    expect(grown("messages_total")).toBe(7);
    expect(grown('deliveries_total{at="conversation"}')).toBe(7);
    // Ann's own hub has a socket, and so has the hub of Bob nothing but that of the conversation.
    expect(grown('deliveries_total{at="hub"}')).toBe(7);
    expect(grown('sockets_opened_total{at="conversation"}')).toBe(1);
    expect(grown('sockets_closed_total{at="hub",code="1000"}')).toBe(1);
    expect(grown('sockets_open{at="conversation"}')).toBe(1);
    const sends =
      'requests_total{method="POST",route="/api/v1/conversations/:conversation_id/messages",status="201"}';
    expect(grown(sends)).toBe(7);
    expect(grown("commits_total")).toBeGreaterThanOrEqual(7);
    expect(grown('delivery_seconds_count{at="hub"}')).toBeGreaterThan(0);
    expect(grown('store_seconds_count{store="d1"}')).toBeGreaterThan(0);
  });

  it("[METRICS-12 ALERT-7] a resume is full or limited, a refusal has its code, a push its provider's word", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "one");
    const grown = await growthOf(async () => {
      await connectTo(bob, id, "?since=0");
      expect((await api(bob, "GET", `/conversations/${crypto.randomUUID()}`)).status).toBe(404);
      const target = { provider: "fcm", platform: "android", token: "of nobody", device_id: "d" } as never;
      const push = { kind: "clear", conversation_id: id, expires_at: null } as never;
      await sendPush({}, target, push, { id: crypto.randomUUID(), now: Date.now() });
    });
    expect(grown('resumes_total{kind="full"}')).toBe(1);
    expect(grown("refusals_total{code=")).toBe(1);
    expect(grown('pushes_total{provider="fcm"')).toBe(1);
  });

  it("[METRICS-13 ALERT-4] what fails is counted: D1, and by its event what the log warns of", async () => {
    const [ann] = await people("ann");
    const grown = await growthOf(async () => {
      faults.d1Fails = "D1_ERROR: Network connection lost.";
      await api(ann, "GET", "/search/messages?q=hello");
      faults.d1Fails = undefined;
    });
    expect(grown('store_errors_total{store="d1"}')).toBeGreaterThan(0);
    expect(grown('failures_total{event="request.failed"}')).toBeGreaterThan(0);
  });

  it("[METRICS-16] R2 is timed where files are checked and served, and what it refuses is counted", async () => {
    const { ann, bob, id } = await pair();
    const grown = await growthOf(async () => {
      const { url } = await sendFile(ann, id);
      expect((await fetchBytes(bob, url)).bytes).toEqual(PNG.bytes);
      const tooLong = openBucket(env.ATTACHMENTS as R2Bucket).get("x".repeat(2_000));
      await expect(tooLong).rejects.toThrow();
    });
    // What was uploaded is read and copied, and the copy is served.
    expect(grown('store_seconds_count{store="r2"}')).toBeGreaterThanOrEqual(3);
    expect(grown('store_errors_total{store="r2"}')).toBe(1);
  });

  it("[METRICS-14] what this isolate has counted is in the object's storage, so a restart forgets none of it", async () => {
    const before = await scrape();
    const namespace = env.METRICS as DurableObjectNamespace;
    await evictDurableObject(namespace.get(namespace.idFromName("all")));
    const after = await scrape();
    for (const [series, value] of before) {
      if (series.includes("_total") && !series.includes("/metrics"))
        expect(after.get(series)).toBeGreaterThanOrEqual(value);
    }
  });
});

describe("lines of the log", () => {
  it("[LOG-20] a request's has its caller's kind and hashed id, a socket's why it closed and how long it was open", async () => {
    const [ann] = await people("ann");
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    await api(ann, "GET", "/users/me");
    const socket = await connect(ann);
    socket.close(1000);
    await socket.closed;
    const about = (event: string) =>
      lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
    await expect.poll(() => about("socket.closed").length).toBe(1);
    const user = hashedId(env.IDENTITY_SECRET, ann.user_id);
    expect(about("request.answered")).toContainEqual(
      expect.objectContaining({ route: "/api/v1/users/me", caller: "user", user }),
    );
    expect(about("socket.opened")[0]).toMatchObject({ at: "hub", user });
    expect(about("socket.closed")[0]).toMatchObject({
      at: "hub",
      user,
      code: 1000,
      why: "CLIENT",
      duration_s: 0,
    });
    expect(lines.join("\n")).not.toContain(ann.user_id);
  });
});
