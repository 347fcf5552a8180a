/** Each alert of docs/operating.md, fired once: its fault, and the numbers that its query looks at. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserHub } from "../../src/user-hub/user-hub.ts";
import { atTime } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, connectTo, direct, people, say } from "./kit.ts";
import { growthOf, scrape } from "./metrics-kit.ts";

const SENDS = 'requests_total{method="POST",route="/api/v1/conversations/:conversation_id/messages"';

afterEach(() => {
  Object.assign(faults, { storageLocked: undefined, rateLimited: false });
  vi.restoreAllMocks();
});

describe("alerts", () => {
  it("[ALERT-1] SendsFail: an object cannot write", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const grown = await growthOf(async () => {
      faults.storageLocked = id;
      const text = { type: "text", content: "hello" };
      expect((await api(ann, "POST", `/conversations/${id}/messages`, text)).status).toBe(503);
      faults.storageLocked = undefined;
    });
    expect(grown(`${SENDS},status="503"}`) / grown(SENDS)).toBeGreaterThan(0.01);
  });

  it("[ALERT-2] DeliverySlow: the hub of a receiver takes more than a second", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const socket = await connect(bob);
    const real = UserHub.prototype.deliver;
    vi.spyOn(UserHub.prototype, "deliver").mockImplementation(async function (this: UserHub, ...told) {
      if (told[0] === id) await new Promise((resolve) => setTimeout(resolve, 1_100));
      return await real.apply(this, told);
    });
    const slow = async () => {
      const all = await scrape();
      const deliveries = all.get('delivery_seconds_count{at="hub"}') ?? 0;
      return deliveries - (all.get('delivery_seconds_bucket{at="hub",le="1.0"}') ?? 0);
    };
    const before = await slow();
    await say(ann, id, "hello");
    await socket.heard("message.new");
    // The call's answer comes after what it delivers.
    await expect.poll(slow).toBeGreaterThan(before);
  });

  it("[ALERT-5] ResumesLimited: a client has been away for more than is sent at once", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "hello");
    const grown = await growthOf(async () => {
      // It knows more than there is, as after a conversation was put back.
      await connectTo(bob, id, "?since=5000");
    });
    expect(grown('resumes_total{kind="limited"}') / grown("resumes_total")).toBeGreaterThan(0.1);
  });

  it("[ALERT-6] ClientsTooSlow: a client that pinged has stopped", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const grown = await growthOf(async () => {
      const silent = await connectTo(bob, id);
      silent.raw('{"type": "ping"}');
      await silent.heard("pong");
      await atTime(Date.now() + 200_000, () => say(ann, id, "anybody?"));
      expect((await silent.closed).code).toBe(4010);
    });
    expect(grown('sockets_closed_total{at="conversation",code="4010"}')).toBe(1);
  });

  it("[ALERT-8] RateLimited: a budget is used up", async () => {
    const [ann] = await people("ann");
    const grown = await growthOf(async () => {
      faults.rateLimited = true;
      for (let n = 0; n < 25; n++) await api(ann, "GET", "/search/messages?q=hello");
      faults.rateLimited = false;
    });
    expect(grown('rate_limited_total{budget="search"}')).toBeGreaterThan(0);
  });
});
