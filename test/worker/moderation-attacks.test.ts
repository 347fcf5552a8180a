/** Ways round moderation that were found by attacking it (rule 29). */
import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { newConversationId } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { enforce } from "../../src/moderation.ts";
import { atTime, expectError, hibernate } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, connectTo, direct, group, hubObject, type Person, people, say } from "./kit.ts";
import { decide, itemOf, moderator, reportIt } from "./moderation-kit.ts";

const banOf = ({ user_id }: Person) => `/server/moderation/bans/${user_id}`;

afterEach(() => {
  faults.settings = {};
  faults.storageLocked = undefined;
});

describe("bans that delete, and withheld messages", () => {
  it("[R29 ROOM-91] a ban that deletes everything deletes what is withheld too: it does not come back", async () => {
    faults.settings = { REPORTS_HIDE_AFTER: "1" };
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await group(ann, [bob, eve]);
    const backend = await moderator();
    const { message_id } = await say(bob, id, "rude");
    const other = await say(eve, id, "also rude");
    const reports = [
      await reportIt(ann, { message_id }),
      await reportIt(ann, { message_id: other.message_id }),
    ];
    const isWithheld = async (report: string) => (await itemOf(backend, report)).is_withheld;
    for (const report of reports) await expect.poll(() => isWithheld(report)).toBe(true);
    const ban = { delete_messages: "all" };
    expect((await api(ann, "PUT", `/conversations/${id}/bans/${bob.user_id}`, ban)).status).toBe(201);
    for (const report of reports) await decide(backend, await itemOf(backend, report), { action: "dismiss" });
    const read = async (one: string) => (await api(ann, "GET", `/messages/${one}`)).body;
    expect(await read(other.message_id)).toMatchObject({ is_deleted: false, content: "also rude" });
    expect((await read(message_id)).is_deleted).toBe(true);
  });
});

describe("bans of the app", () => {
  it("[R29 REPORT-80] a ban from the queue begins when it is decided, whatever ban has ended before", async () => {
    const [ann, bob] = await people("ann", "bob");
    const backend = await moderator();
    await api(backend, "PUT", banOf(ann), { reason: "Spam" });
    await env.DB.prepare("UPDATE users SET banned_at = 1000, banned_until = 2000 WHERE user_id = ?")
      .bind(ann.user_id)
      .run();
    const item = await itemOf(backend, await reportIt(bob, { user_id: ann.user_id }));
    const before = Date.now() - 1000;
    expect((await decide(backend, item, { action: "ban" })).status).toBe(200);
    const { body } = await api(backend, "GET", banOf(ann));
    expect(Date.parse(body.banned_at)).toBeGreaterThan(before);
  });

  it("[R29 REPORT-81] sockets close although the notice cannot be told to all of them", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const backend = await moderator();
    const [own, there] = [await connect(ann), await connectTo(ann, id)];
    await hibernate(id);
    // The object of the conversation does not start.
    faults.storageLocked = id;
    await api(backend, "PUT", banOf(ann), { reason: "Spam" });
    expect((await own.closed).code).toBe(4012);
    there.close();
  });

  it("[R29 REPORT-82] the same for a ban from the queue", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, elsewhere] = [await direct(ann, bob), await group(ann, [bob])];
    const backend = await moderator();
    const [own, there] = [await connect(ann), await connectTo(ann, elsewhere)];
    const { message_id } = await say(ann, id, "rude");
    const item = await itemOf(backend, await reportIt(bob, { message_id }));
    await hibernate(elsewhere);
    faults.storageLocked = elsewhere;
    expect((await decide(backend, item, { action: "ban" })).status).toBe(200);
    expect((await own.closed).code).toBe(4012);
    faults.storageLocked = undefined;
    there.close();
  });

  it("[R29 REPORT-83] a ban that is lifted while it is being enforced does not stay at the hub", async () => {
    const [ann] = await people("ann");
    const backend = await moderator();
    await api(backend, "PUT", banOf(ann), { reason: "Spam" });
    const hub = hubObject(ann.user_id);
    let isFirst = true;
    const restrict = async (...input: Parameters<typeof hub.restrict>) => {
      if (isFirst) {
        isFirst = false;
        await api(backend, "DELETE", banOf(ann));
      }
      await hub.restrict(...input);
    };
    const late = { idFromName: () => "", get: () => ({ restrict }) };
    await enforce({ ...env, USER_HUB: late } as unknown as Env, ann.user_id);
    const socket = await connect(ann);
    socket.close();
  });
});

describe("sockets of conversations", () => {
  it("[R29 REPORT-85] one that the hub cannot be told of does not stay open: no ban would reach it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    faults.storageLocked = ann.user_id;
    const socket = await connectTo(ann, id);
    expect((await socket.closed).code).toBe(4010);
    faults.storageLocked = undefined;
    const again = await connectTo(ann, id);
    await api(await moderator(), "PUT", banOf(ann), { reason: "Spam" });
    expect((await again.closed).code).toBe(4012);
  });
});

describe("reports", () => {
  it("[R29 REPORT-84] a message that cannot be withheld now is logged, without a rejection, and the cron goes on with it", async () => {
    faults.settings = { REPORTS_HIDE_AFTER: "2" };
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { message_id } = await say(ann, id, "rude canary");
    const report = await reportIt(bob, { message_id });
    await env.DB.prepare("UPDATE moderation_items SET withholding = 'wanted' WHERE target_id = ?")
      .bind(message_id)
      .run();
    const warnings = vi.spyOn(console, "warn");
    faults.storageLocked = id;
    expect(await reportIt(bob, { message_id })).toBe(report);
    await vi.waitFor(() => expect(warnings.mock.calls.join()).toContain("moderation.interrupted"));
    warnings.mockRestore();
    faults.storageLocked = undefined;
    await atTime(Date.now() + 120_000, async () => {
      const backend = await moderator();
      await worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), env as never);
      expect((await itemOf(backend, report)).is_withheld).toBe(true);
    });
  });
});

describe("direct chats", () => {
  it("[R29 REQ-101] nobody accepts a request across a block: the other one would hear of it", async () => {
    faults.settings = { MESSAGE_REQUESTS: "on" };
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "hello");
    const accept = async () => await api(bob, "POST", `/conversations/${id}/accept`);
    for (const [one, other] of [
      [ann, bob],
      [bob, ann],
    ] as const) {
      await api(one, "PUT", `/blocks/${other.user_id}`);
      expectError(await accept(), "BLOCKED");
      await api(one, "DELETE", `/blocks/${other.user_id}`);
    }
    const before = (await api(ann, "GET", `/conversations/${id}/messages`)).body.messages;
    expect(before).toHaveLength(1);
    expect((await accept()).status).toBe(204);
    await api(ann, "PUT", `/blocks/${bob.user_id}`);
    expect((await accept()).status).toBe(204);
  });

  it("[R29 REQ-100] who is blocked cannot begin a chat whose pair was claimed by a request that died", async () => {
    const [ann, bob] = await people("ann", "bob");
    const pair = [ann.user_id, bob.user_id].sort().join(":");
    await env.DB.prepare("INSERT INTO direct_pairs (pair, conversation_id) VALUES (?, ?)")
      .bind(pair, newConversationId())
      .run();
    await api(ann, "PUT", `/blocks/${bob.user_id}`);
    expectError(await api(bob, "POST", "/conversations/direct", { user_id: ann.user_id }), "BLOCKED");
    await api(ann, "DELETE", `/blocks/${bob.user_id}`);
    expect((await api(bob, "POST", "/conversations/direct", { user_id: ann.user_id })).status).toBe(201);
  });
});

describe("receipts", () => {
  it("[R19 ROOM-93] a flush that fails is logged and comes later: nothing is rejected that nobody handles", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const [hers, his] = [await connectTo(ann, id), await connectTo(bob, id)];
    const warnings = vi.spyOn(console, "warn");
    const { message_id } = await say(ann, id, "hello");
    faults.storageLocked = id;
    await vi.waitFor(() => expect(warnings.mock.calls.join()).toContain("receipts.failed"), {
      timeout: 5_000,
    });
    warnings.mockRestore();
    faults.storageLocked = undefined;
    const receipt = await hers.heard((event) => event.type === "message.receipt");
    expect(receipt).toMatchObject({ data: { message_id, user_id: bob.user_id, status: "delivered" } });
    for (const socket of [hers, his]) socket.close();
  });
});
