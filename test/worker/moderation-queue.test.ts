import { env } from "cloudflare:workers";
import type { ModerationItem } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { atTime, expectError } from "./checks.ts";
import { api, connect, connectTo, direct, group, type Person, people, request, say } from "./kit.ts";
import { decide, itemOf, moderator, reportIt } from "./moderation-kit.ts";
import { asUser, serverToken } from "./server-kit.ts";

describe("the queue of moderation", () => {
  it("[REPORT-30] oldest first, by pages; each with its age, overdue past a day; decided ones have a list of their own", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const backend = await moderator();
    const items: ModerationItem[] = [];
    for (let i = 0; i < 3; i++) {
      const { message_id } = await say(ann, id, `rude ${i}`);
      items.push(await itemOf(backend, await reportIt(bob, { message_id })));
    }
    // They are the oldest of all.
    for (const [i, { item_id }] of items.entries()) {
      await env.DB.prepare("UPDATE moderation_items SET opened_at = ? WHERE item_id = ?")
        .bind(1000 + i, item_id)
        .run();
    }
    const first = (await api(backend, "GET", "/server/moderation/queue?limit=2")).body;
    expect(first.items.map((one: ModerationItem) => one.item_id)).toEqual(
      items.slice(0, 2).map((i) => i.item_id),
    );
    expect(first.items[0]).toMatchObject({ overdue: true, opened_at: "1970-01-01T00:00:01.000Z" });
    expect(first.items[0].age_seconds).toBeGreaterThan(86_400);
    const next = (await api(backend, "GET", `/server/moderation/queue?limit=2&cursor=${first.next_cursor}`))
      .body;
    expect(next.items[0].item_id).toBe(items[2]?.item_id);
    const [oldest] = first.items;
    await decide(backend, oldest, { action: "dismiss", note: "Nothing in it" });
    const open = (await api(backend, "GET", "/server/moderation/queue?limit=1")).body;
    expect(open.items[0].item_id).toBe(items[1]?.item_id);
    const done = (await api(backend, "GET", "/server/moderation/queue?status=done&limit=1")).body;
    expect(done.items[0]).toMatchObject({
      item_id: oldest.item_id,
      status: "done",
      decision: { action: "dismiss", note: "Nothing in it", decided_by: "token:trust-and-safety" },
    });
    for (const item of items.slice(1)) await decide(backend, item, { action: "dismiss" });
  });

  it("[REPORT-31] a page ends by bytes: what many reporters saw of long messages comes in several", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const backend = await moderator();
    const long = "ü".repeat(4000);
    const reports: string[] = [];
    for (let i = 0; i < 12; i++) await say(ann, id, long);
    const { body } = await api(ann, "GET", `/conversations/${id}/messages?limit=100`);
    for (const { message_id } of body.messages.slice(0, 12))
      reports.push(await reportIt(bob, { message_id }));
    const ids = await Promise.all(reports.map(async (one) => (await itemOf(backend, one)).item_id));
    // Each snapshot is made large, as attachments and reactions make it.
    await env.DB.prepare(
      `UPDATE report_snapshots SET snapshot = json_set(snapshot, '$.conversation.description', ?)
       WHERE report_id IN (SELECT value FROM json_each(?))`,
    )
      .bind("x".repeat(400_000), JSON.stringify(reports))
      .run();
    await env.DB.prepare(
      "UPDATE moderation_items SET opened_at = 500 WHERE item_id IN (SELECT value FROM json_each(?))",
    )
      .bind(JSON.stringify(ids))
      .run();
    const seen: string[] = [];
    let cursor = "";
    for (let pages = 0; pages < 10 && seen.length < 12; pages++) {
      const page = (await api(backend, "GET", `/server/moderation/queue?limit=12&cursor=${cursor}`)).body;
      expect(JSON.stringify(page).length).toBeLessThan(3 * 1024 * 1024);
      seen.push(...page.items.map((one: ModerationItem) => one.item_id));
      cursor = page.next_cursor;
    }
    expect(new Set(seen.slice(0, 12))).toEqual(new Set(ids));
    for (const item_id of ids) await decide(backend, { item_id }, { action: "dismiss" });
  });

  it("[REPORT-32] delete, warn and ban: the person hears why at once and later; the log has each; the item is done", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const backend = await moderator();
    const socket = await connect(ann);
    const direct1 = await connectTo(ann, id);
    const reported = async () => {
      const { message_id } = await say(ann, id, "rude");
      return { message_id, item: await itemOf(backend, await reportIt(bob, { message_id })) };
    };
    const deleted = await reported();
    const answer = await decide(backend, deleted.item, { action: "delete", note: "No insults" });
    expect(answer).toMatchObject({ status: 200, body: { status: "done", decision: { action: "delete" } } });
    for (const one of [socket, direct1]) {
      await one.heard((e) => e.type === "moderation.notice" && e.data.reason === "No insults");
    }
    const read = await api(bob, "GET", `/messages/${deleted.message_id}`);
    expect(read.body).toMatchObject({ is_deleted: true, content: "" });
    const warned = await reported();
    await decide(backend, warned.item, { action: "warn", note: "Last warning" });
    expect((await api(bob, "GET", `/messages/${warned.message_id}`)).body.content).toBe("rude");
    const { body } = await api(ann, "GET", "/users/me/notices");
    expect(body.notices).toMatchObject([
      {
        action: "warn",
        reason: "Last warning",
        message_id: warned.message_id,
        conversation_id: id,
        until: null,
      },
      { action: "delete", reason: "No insults", message_id: deleted.message_id },
    ]);
    expect((await api(bob, "GET", "/users/me/notices")).body.notices).toEqual([]);
    const banned = await reported();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await decide(backend, banned.item, { action: "ban", note: "Enough", until });
    expect((await socket.closed).code).toBe(4012);
    await socket.heard((e) => e.type === "moderation.notice" && e.data.action === "ban");
    const refused = await api(ann, "GET", "/users/me");
    expectError(refused, "BANNED");
    expect(refused.body.details).toEqual({ until, reason: "Enough" });
    const { body: log } = await api(backend, "GET", `/server/moderation/log?target=${ann.user_id}`);
    expect(log.entries).toMatchObject([
      {
        action: "app.ban",
        actor_id: "token:trust-and-safety",
        reason: "Enough",
        item_id: banned.item.item_id,
      },
      { action: "app.warn", reason: "Last warning", message_id: warned.message_id },
      { action: "app.delete", reason: "No insults", conversation_id: id },
    ]);
    direct1.close();
  });

  it("[REPORT-36] a mute is one of the group where it was said; a direct chat has none, and nothing is decided", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const [talk, club] = [await direct(ann, bob), await group(eve, [ann, bob])];
    const backend = await moderator();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const reported = async (id: string) => {
      const { message_id } = await say(ann, id, "rude");
      return await itemOf(backend, await reportIt(bob, { message_id }));
    };
    const inTalk = await reported(talk);
    expectError(await decide(backend, inTalk, { action: "mute", until }), "VALIDATION_ERROR");
    expect((await api(backend, "GET", `/server/moderation/queue/${inTalk.item_id}`)).body.status).toBe(
      "open",
    );
    const inClub = await reported(club);
    const { body } = await decide(backend, inClub, { action: "mute", until, note: "Calm down" });
    expect(body).toMatchObject({ status: "done", decision: { action: "mute", until } });
    const text = { type: "text", content: "but" };
    const refused = await api(ann, "POST", `/conversations/${club}/messages`, text);
    expectError(refused, "MUTED");
    expect(refused.body.details).toEqual({ until, reason: "Calm down" });
    expect((await api(ann, "POST", `/conversations/${talk}/messages`, text)).status).toBe(201);
    expect((await api(ann, "GET", "/users/me/notices")).body.notices).toMatchObject([
      { action: "mute", reason: "Calm down", until, conversation_id: club },
    ]);
    await decide(backend, inTalk, { action: "dismiss" });
  });

  it("[REPORT-33] once: the same decision again gives the same answer, another one is 409, also at the same moment", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { message_id } = await say(ann, id, "rude");
    const backend = await moderator();
    const item = await itemOf(backend, await reportIt(bob, { message_id }));
    const race = await Promise.all([
      ...["warn", "dismiss", "warn", "delete"].map((action) => decide(backend, item, { action })),
    ]);
    const winners = race.filter(({ status }) => status === 200).map(({ body }) => body.decision.action);
    expect(new Set(winners).size).toBe(1);
    for (const one of race.filter(({ status }) => status !== 200)) expectError(one, "CONFLICT");
    const [action] = winners;
    expect((await decide(backend, item, { action, note: "other words" })).body.decision.note).toBe("Rule 4");
    const { body } = await api(backend, "GET", `/server/moderation/log?target=${ann.user_id}`);
    expect(body.entries).toHaveLength(1);
    expect((await api(ann, "GET", "/users/me/notices")).body.notices).toHaveLength(
      action === "dismiss" ? 0 : 1,
    );
  });

  it("[REPORT-34] what does not fit its item is refused, and decides nothing", async () => {
    const [ann, bob] = await people("ann", "bob");
    const club = await group(ann, [bob]);
    const backend = await moderator();
    const about = await itemOf(backend, await reportIt(bob, { conversation_id: club }));
    const user = await itemOf(backend, await reportIt(bob, { user_id: ann.user_id }));
    const { message_id } = await say(ann, club, "rude");
    const message = await itemOf(backend, await reportIt(bob, { message_id }));
    const past = new Date(Date.now() - 1000).toISOString();
    const later = new Date(Date.now() + 60_000).toISOString();
    const wrong: [ModerationItem, object, "VALIDATION_ERROR" | "CONFLICT"][] = [
      [about, { action: "delete" }, "VALIDATION_ERROR"],
      [about, { action: "warn" }, "VALIDATION_ERROR"],
      [user, { action: "delete" }, "VALIDATION_ERROR"],
      [user, { action: "mute", until: later }, "VALIDATION_ERROR"],
      [message, { action: "mute" }, "VALIDATION_ERROR"],
      [message, { action: "ban", until: past }, "VALIDATION_ERROR"],
      [message, { action: "warn", until: later }, "VALIDATION_ERROR"],
      [message, { action: "restore" }, "CONFLICT"],
    ];
    for (const [item, decision, code] of wrong) expectError(await decide(backend, item, decision), code);
    for (const item of [about, user, message]) {
      expect((await api(backend, "GET", `/server/moderation/queue/${item.item_id}`)).body.status).toBe(
        "open",
      );
      await decide(backend, item, { action: "dismiss" });
    }
    expectError(await decide(backend, { item_id: crypto.randomUUID() }, { action: "dismiss" }), "NOT_FOUND");
  });

  it("[REPORT-35] the log by pages, newest first, by person and by who did it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const backend = await serverToken("moderation", { sub: `mods-${ann.username}` });
    for (let i = 0; i < 3; i++) {
      const reason = `ban ${i}`;
      await api(backend, "PUT", `/server/moderation/bans/${(i % 2 ? bob : ann).user_id}`, { reason });
    }
    const list = async (query: string) => (await api(backend, "GET", `/server/moderation/log?${query}`)).body;
    const actor = encodeURIComponent(`token:mods-${ann.username}`);
    const first = await list(`actor=${actor}&limit=2`);
    const second = await list(`actor=${actor}&limit=2&cursor=${first.next_cursor}`);
    const reasons = [...first.entries, ...second.entries].map(({ reason }: { reason: string }) => reason);
    expect(reasons).toEqual(["ban 2", "ban 1", "ban 0"]);
    expect(second.next_cursor).toBeNull();
    expect((await list(`target=${bob.user_id}`)).entries).toMatchObject([{ reason: "ban 1" }]);
    for (const { user_id } of [ann, bob]) await api(backend, "DELETE", `/server/moderation/bans/${user_id}`);
  });
});

describe("bans of the app", () => {
  const at = (who: Pick<Person, "user_id">) => `/server/moderation/bans/${who.user_id}`;

  it("[REPORT-40] sockets close with 4012 and say why; requests, sockets, tickets and act-as are refused; it ends by itself", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const backend = await serverToken("moderation messages users");
    const sockets = [await connect(ann), await connectTo(ann, id)];
    const { ticket } = (await api(ann, "POST", "/ws/ticket")).body;
    const until = new Date(Date.now() + 60_000).toISOString();
    const put = await api(backend, "PUT", at(ann), { until, reason: "Spam" });
    expect(put.body).toMatchObject({ user_id: ann.user_id, reason: "Spam", until, job_id: null });
    for (const socket of sockets) {
      const error = await socket.heard((e) => e.type === "error" && e.code === "BANNED");
      expect(error).toMatchObject({ details: { until, reason: "Spam", close_code: 4012 } });
      await socket.heard((e) => e.type === "moderation.notice" && e.data.action === "ban");
      expect((await socket.closed).code).toBe(4012);
    }
    expectError(await api(ann, "GET", "/users/me"), "BANNED");
    expectError(await asUser(backend, ann, "GET", "/users/me"), "BANNED");
    for (const path of ["/ws", `/api/v1/conversations/${id}/ws`]) {
      const headers = { upgrade: "websocket", authorization: `Bearer ${ann.token}` };
      expect((await request(path, { headers })).status).toBe(403);
    }
    expect((await request(`/ws?ticket=${ticket}`, { headers: { upgrade: "websocket" } })).status).toBe(401);
    expect((await api(backend, "GET", at(ann))).body).toMatchObject({ reason: "Spam", until });
    const listed = (await api(backend, "GET", "/server/moderation/bans?limit=100")).body.bans;
    expect(listed.map((ban: { user_id: string }) => ban.user_id)).toContain(ann.user_id);
    // Others are not concerned, and what she said stays.
    expect((await api(bob, "GET", `/conversations/${id}/messages`)).status).toBe(200);
    await atTime(Date.now() + 61_000, async () => {
      expect((await api(ann, "GET", "/users/me")).status).toBe(200);
      const socket = await connect(ann);
      await say(bob, id, "welcome back");
      await socket.heard((e) => e.type === "message.new" && e.data.content === "welcome back");
      socket.close();
    });
  });

  it("[REPORT-41] again it changes nothing and is logged once; a longer one is a new notice; lifted it is over at once", async () => {
    const [ann] = await people("ann");
    const backend = await moderator();
    const first = await api(backend, "PUT", at(ann), { reason: "Spam" });
    expect((await api(backend, "PUT", at(ann), { reason: "Spam" })).body).toEqual(first.body);
    const until = new Date(Date.now() + 60_000).toISOString();
    const shorter = await api(backend, "PUT", at(ann), { reason: "Spam", until });
    expect(shorter.body).toMatchObject({ until, banned_at: first.body.banned_at });
    for (let i = 0; i < 2; i++) expect((await api(backend, "DELETE", at(ann))).status).toBe(204);
    expect((await api(ann, "GET", "/users/me")).status).toBe(200);
    (await connect(ann)).close();
    expectError(await api(backend, "GET", at(ann)), "NOT_FOUND");
    const { body } = await api(backend, "GET", `/server/moderation/log?target=${ann.user_id}`);
    expect(body.entries.map(({ action }: { action: string }) => action)).toEqual([
      ...["app.unban", "app.ban", "app.ban"],
    ]);
    expect((await api(ann, "GET", "/users/me/notices")).body.notices).toHaveLength(2);
    for (const method of ["PUT", "GET", "DELETE"]) {
      const body = method === "PUT" ? { reason: "x" } : undefined;
      expectError(await api(backend, method, at({ user_id: crypto.randomUUID() }), body), "NOT_FOUND");
      const other = await serverToken("users conversations messages");
      expectError(await api(other, method, at(ann), body), "FORBIDDEN");
    }
  });

  it("[REPORT-42] what they said is deleted everywhere, that of the last day or all; others' messages stay", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [talk, club, left] = [await direct(ann, bob), await group(bob, [ann]), await group(bob, [ann])];
    const old = await atTime(Date.now() - 25 * 3_600_000, async () => await say(ann, talk, "long ago"));
    const said = [];
    for (let i = 0; i < 3; i++)
      said.push(await say(ann, club, `spam ${i}`), await say(bob, club, `ham ${i}`));
    said.push(await say(ann, talk, "spam"), await say(ann, left, "spam"));
    await api(ann, "DELETE", `/conversations/${left}`);
    const backend = await serverToken("moderation conversations");
    const wait = async (job_id: string) =>
      await expect
        .poll(async () => (await api(backend, "GET", `/server/jobs/${job_id}`)).body.status, {
          timeout: 10_000,
        })
        .toBe("done");
    const read = async (message_id: string) => (await api(bob, "GET", `/messages/${message_id}`)).body;
    const day = await api(backend, "PUT", at(ann), { reason: "Spam", delete_messages: "day" });
    await wait(day.body.job_id);
    for (const { message_id, sender_id } of said) {
      expect((await read(message_id)).is_deleted).toBe(sender_id === ann.user_id);
    }
    expect((await read(old.message_id)).content).toBe("long ago");
    const all = await api(backend, "PUT", at(ann), { reason: "Spam", delete_messages: "all" });
    await wait(all.body.job_id);
    expect((await read(old.message_id)).is_deleted).toBe(true);
    await api(backend, "DELETE", at(ann));
  });
});
