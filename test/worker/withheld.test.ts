import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Message } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import { fetchBytes, PNG, sendFile, stored } from "./attachments-kit.ts";
import { atTime, expectError, hibernate } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, connectTo, direct, group, type Person, people, say } from "./kit.ts";
import { decide, itemOf, moderator, reportIt } from "./moderation-kit.ts";
import { verify } from "./state-kit.ts";

beforeEach(() => {
  faults.settings = { REPORTS_HIDE_AFTER: "2" };
});
afterEach(() => {
  faults.settings = {};
});

const read = async (who: Person, id: string): Promise<Message> =>
  (await api(who, "GET", `/messages/${id}`)).body;
const isGone = async (who: Person, id: string) =>
  await expect.poll(async () => (await read(who, id)).is_deleted).toBe(true);

describe("withheld messages", () => {
  it("[REPORT-20] off by default; two reporters of two withhold it, one reporter twice does not", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await group(ann, [bob, eve]);
    const { message_id } = await say(ann, id, "rude canary");
    faults.settings = {};
    await reportIt(bob, { message_id });
    await reportIt(eve, { message_id });
    expect((await read(bob, message_id)).content).toBe("rude canary");
    faults.settings = { REPORTS_HIDE_AFTER: "2" };
    const other = (await say(ann, id, "rude too")).message_id;
    await reportIt(bob, { message_id: other });
    await reportIt(bob, { message_id: other });
    expect((await read(bob, other)).is_deleted).toBe(false);
    const report = await reportIt(eve, { message_id: other });
    await isGone(bob, other);
    const backend = await moderator();
    await expect.poll(async () => (await itemOf(backend, report)).is_withheld).toBe(true);
    const { body } = await api(backend, "GET", `/server/moderation/log?target=${ann.user_id}`);
    expect(body.entries).toMatchObject([{ action: "app.withhold", actor_id: null, message_id: other }]);
  });

  it("[REPORT-21] for everybody alike, on every path, its sender too; dismissed it is back as it was, unread again", async () => {
    const [ann, bob, eve, zoe] = await people("ann", "bob", "eve", "zoe");
    const id = await group(ann, [bob, eve, zoe]);
    const first = await say(bob, id, "hello");
    const metadata = { mentions: [`@${zoe.username}`] };
    const said = await say(ann, id, `@${zoe.username} canary one`, {
      metadata,
      reply_to_message_id: first.message_id,
    });
    const { message_id } = said;
    await api(ann, "PUT", `/messages/${message_id}`, { content: `@${zoe.username} canary two`, metadata });
    await api(bob, "POST", `/messages/${message_id}/reactions`, { emoji: "👍" });
    await api(ann, "PUT", `/messages/${message_id}/pin`);
    await say(eve, id, "quoting", { reply_to_message_id: message_id });
    const everybody = [ann, bob, eve, zoe];
    const before = await Promise.all(everybody.map((who) => read(who, message_id)));
    const countsOf = async () => {
      const lists = await Promise.all(everybody.map((who) => api(who, "GET", "/conversations")));
      return lists.map(({ body }) => {
        const item = body.conversations.find(
          (one: { conversation_id: string }) => one.conversation_id === id,
        );
        return [item.unread_count, item.unread_mentions];
      });
    };
    const counted = await countsOf();
    const backend = await moderator();
    const report = await verify(id, everybody, async () => {
      await reportIt(bob, { message_id });
      const last = await reportIt(eve, { message_id });
      await isGone(zoe, message_id);
      return last;
    });
    for (const who of everybody) {
      const paths = [
        `/messages/${message_id}`,
        `/messages/${message_id}/edits`,
        `/conversations/${id}/messages`,
        `/conversations/${id}/pins`,
        `/conversations`,
        "/search/messages?q=canary",
        "/sync",
      ];
      const answers = await Promise.all(paths.map((path) => api(who, "GET", path)));
      expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain("canary");
    }
    expectError(await api(ann, "PUT", `/messages/${message_id}`, { content: "again" }), "CONFLICT");
    await hibernate(id, ann, bob);
    const item = await itemOf(backend, report);
    await verify(id, everybody, () => decide(backend, item, { action: "dismiss" }));
    // Deliveries go on all the time.
    const strip = ({ changed_seq: _, status: __, ...message }: Message) => ({
      ...message,
      receipt_status: null,
    });
    const after = await Promise.all(everybody.map((who) => read(who, message_id)));
    expect(after.map(strip)).toEqual(before.map(strip));
    await expect.poll(countsOf).toEqual(counted);
    const { body: edits } = await api(bob, "GET", `/messages/${message_id}/edits`);
    expect(JSON.stringify(edits)).toContain("canary one");
    await expect
      .poll(async () => (await api(bob, "GET", "/search/messages?q=canary")).body.results?.length ?? 0)
      .toBe(1);
    // Dismissed: nobody hears of it.
    expect((await api(ann, "GET", "/users/me/notices")).body.notices).toEqual([]);
  });

  it("[REPORT-22] a withheld message that its sender deletes, or that is found bad, does not come back", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await group(ann, [bob, eve]);
    const backend = await moderator();
    const withheld = async (content: string) => {
      const { message_id } = await say(ann, id, content);
      await reportIt(bob, { message_id });
      const report = await reportIt(eve, { message_id });
      await isGone(bob, message_id);
      await expect.poll(async () => (await itemOf(backend, report)).is_withheld).toBe(true);
      return { message_id, item: await itemOf(backend, report) };
    };
    const own = await withheld("deleted by ann");
    await api(ann, "DELETE", `/messages/${own.message_id}?delete_for_everyone=true`);
    expect((await decide(backend, own.item, { action: "restore" })).status).toBe(200);
    expect((await read(bob, own.message_id)).is_deleted).toBe(true);
    for (const action of ["delete", "warn"]) {
      const bad = await withheld(`bad: ${action}`);
      expect((await decide(backend, bad.item, { action })).status).toBe(200);
      expect((await read(bob, bad.message_id)).is_deleted).toBe(true);
      expect(bad.item.snapshot?.messages.at(-1)?.content).toBe(`bad: ${action}`);
    }
    const good = await withheld("good after all");
    expect((await decide(backend, good.item, { action: "restore" })).status).toBe(200);
    expect(await read(bob, good.message_id)).toMatchObject({ content: "good after all", is_deleted: false });
    const { body } = await api(ann, "GET", "/users/me/notices");
    expect(body.notices.map(({ action }: { action: string }) => action)).toEqual([
      ...["restore", "warn", "delete", "restore"],
    ]);
  });

  it("[REPORT-23] what was interrupted between the report and the message is done by the cron trigger", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    faults.settings = {};
    const { message_id } = await say(ann, id, "rude");
    const report = await reportIt(bob, { message_id });
    // As if the Worker had died after the report that was one too many.
    await env.DB.prepare("UPDATE moderation_items SET withholding = 'wanted' WHERE target_id = ?")
      .bind(message_id)
      .run();
    const cron = () =>
      worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), env as never);
    await cron();
    expect((await read(bob, message_id)).is_deleted).toBe(false);
    await atTime(Date.now() + 61_000, cron);
    expect((await read(bob, message_id)).is_deleted).toBe(true);
    const backend = await moderator();
    const item = await itemOf(backend, report);
    expect(item.is_withheld).toBe(true);
    // The same between a decision and its message.
    await env.DB.prepare(
      "UPDATE moderation_items SET status = 'done', action = 'restore', note = 'fine', decided_at = ?, decided_by = 'x' WHERE item_id = ?",
    )
      .bind(Date.now(), item.item_id)
      .run();
    const socket = await connect(ann);
    await atTime(Date.now() + 61_000, cron);
    expect(await read(bob, message_id)).toMatchObject({ content: "rude", is_deleted: false });
    await socket.heard((event) => event.type === "moderation.notice" && event.data.reason === "fine");
    socket.close();
  });

  it("[REPORT-24] its files are served to nobody, by links neither, and are there again; deleted for good they are gone", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await group(ann, [bob, eve]);
    const backend = await moderator();
    const withheldFile = async () => {
      const sent = await sendFile(ann, id);
      const { body } = await api(eve, "GET", `/attachments/${sent.attachment_id}/link`);
      const { pathname, search } = new URL(body.signed_url);
      await reportIt(bob, { message_id: sent.message_id });
      const report = await reportIt(eve, { message_id: sent.message_id });
      await isGone(bob, sent.message_id);
      return { ...sent, link: pathname + search, item: await itemOf(backend, report) };
    };
    const statuses = async ({ attachment_id, link }: { attachment_id: string; link: string }) => [
      (await fetchBytes(bob, `/api/v1/attachments/${attachment_id}`)).status,
      (await fetchBytes(undefined, link)).status,
      (await api(eve, "GET", `/attachments/${attachment_id}/link`)).status,
    ];
    const kept = await withheldFile();
    expect(await statuses(kept)).toEqual([404, 404, 404]);
    expect(await stored(id)).not.toEqual([]);
    await decide(backend, kept.item, { action: "dismiss" });
    expect(await statuses(kept)).toEqual([200, 200, 200]);
    expect((await fetchBytes(undefined, kept.link)).bytes).toEqual(PNG.bytes);
    const before = (await stored(id)).length;
    const bad = await withheldFile();
    await decide(backend, bad.item, { action: "delete" });
    expect(await statuses(bad)).toEqual([404, 404, 404]);
    await expect.poll(async () => (await stored(id)).length).toBe(before);
    // What its reporters saw of it stays.
    expect(bad.item.snapshot?.messages.at(-1)?.attachments).toHaveLength(1);
  });

  it("[REPORT-25] who has blocked somebody gets back a message without what that person did with it", async () => {
    const [ann, bob, eve, zoe] = await people("ann", "bob", "eve", "zoe");
    const id = await group(ann, [bob, eve, zoe]);
    const quoted = await say(zoe, id, "canary of zoe");
    const { message_id } = await say(ann, id, "withheld", { reply_to_message_id: quoted.message_id });
    await api(zoe, "POST", `/messages/${message_id}/reactions`, { emoji: "🔥" });
    await api(eve, "POST", `/messages/${message_id}/reactions`, { emoji: "👍" });
    await api(bob, "PUT", `/blocks/${zoe.user_id}`);
    await reportIt(bob, { message_id });
    const report = await reportIt(eve, { message_id });
    await isGone(bob, message_id);
    const backend = await moderator();
    const sockets = [await connect(bob), await connectTo(bob, id), await connect(eve)];
    await verify(id, [ann, bob, eve, zoe], async () =>
      decide(backend, await itemOf(backend, report), { action: "dismiss" }),
    );
    for (const socket of sockets) await socket.heard("message.updated");
    const [ofBob = "", direct = "", ofEve = ""] = sockets.map(({ frames }) => frames.join());
    for (const heard of [ofBob, direct]) {
      expect(heard).toContain("👍");
      expect(heard).not.toMatch(/🔥|canary of zoe/);
    }
    expect(ofEve).toMatch(/🔥/);
    expect(ofEve).toMatch(/canary of zoe/);
    // Nor does the report of who has blocked show it.
    const { body } = await api(
      backend,
      "GET",
      `/server/moderation/queue/${(await itemOf(backend, report)).item_id}/reports`,
    );
    const seen = body.reports.find((one: { reporter_id: string }) => one.reporter_id === bob.user_id);
    expect(JSON.stringify(seen.snapshot)).not.toMatch(/🔥|canary of zoe/);
    for (const socket of sockets) socket.close();
  });
});
