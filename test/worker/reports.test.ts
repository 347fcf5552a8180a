import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { atTime, expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, conversationObject, direct, group, people, say } from "./kit.ts";
import { decide, itemOf, moderator, reportIt } from "./moderation-kit.ts";
import { asUser, serverToken } from "./server-kit.ts";

afterEach(() => {
  faults.d1Down = false;
  faults.settings = {};
});

const edit = (who: Parameters<typeof api>[0], id: string, content: string) =>
  api(who, "PUT", `/messages/${id}`, { content });
const remove = (who: Parameters<typeof api>[0], id: string) =>
  api(who, "DELETE", `/messages/${id}?delete_for_everyone=true`);

describe("reports", () => {
  it("[REPORT-1] a message with its versions and five before and after, as the reporter saw them", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const said = [];
    for (let i = 1; i <= 14; i++) said.push(await say(i % 2 ? ann : bob, id, `no ${i}`));
    const seventh = said[6];
    await edit(ann, seventh.message_id, "no 7, second");
    await edit(ann, seventh.message_id, "no 7, third");
    const hidden = said[7];
    await api(bob, "DELETE", `/messages/${hidden.message_id}`);
    const report_id = await reportIt(bob, { message_id: seventh.message_id }, { comment: "look" });
    const item = await itemOf(await moderator(), report_id);
    expect(item).toMatchObject({
      status: "open",
      target: { type: "message", id: seventh.message_id },
      conversation_id: id,
      user_id: ann.user_id,
      overdue: false,
      report_count: 1,
      reasons: { harassment: 1 },
      reports: [{ report_id, reporter_id: bob.user_id, reason: "harassment", comment: "look" }],
      is_withheld: false,
      decision: null,
    });
    // What the reporter had hidden is not among them: they did not see it.
    const texts = item.snapshot?.messages.map(({ content }) => content);
    expect(texts).toEqual([2, 3, 4, 5, 6, "7, third", 9, 10, 11, 12, 13].map((no) => `no ${no}`));
    const versions = item.snapshot?.versions.map(({ content }) => content);
    expect(versions).toEqual(["no 7", "no 7, second", "no 7, third"]);
    expect(item.snapshot).toMatchObject({ message_id: seventh.message_id, is_truncated: false });
  });

  it("[REPORT-2] once for each reporter and target: again it is the same answer, also at the same moment", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await group(ann, [bob, eve]);
    const { message_id } = await say(ann, id, "rude");
    const ids = await Promise.all([1, 2, 3, 4].map(() => reportIt(bob, { message_id })));
    const again = await reportIt(bob, { message_id }, { reason: "spam", comment: "still" });
    expect(new Set([...ids, again]).size).toBe(1);
    const other = await reportIt(eve, { message_id }, { reason: "hate" });
    expect(other).not.toBe(again);
    const backend = await moderator();
    const item = await itemOf(backend, other);
    expect(item).toMatchObject({ report_count: 2, reasons: { harassment: 1, hate: 1 } });
    expect(item.item_id).toBe((await itemOf(backend, again)).item_id);
    // After a decision the same answer still; who has not reported it yet opens a new item.
    await decide(backend, item, { action: "dismiss" });
    expect(await reportIt(bob, { message_id })).toBe(again);
    const { body } = await api(backend, "GET", `/server/moderation/queue/${item.item_id}/reports`);
    expect(body.reports.map((one: { report_id: string }) => one.report_id).sort()).toEqual(
      [again, other].sort(),
    );
    expect(body.reports[0].snapshot.messages.at(-1).content).toBe("rude");
  });

  it("[REPORT-3] deleting for everyone just before a report destroys no evidence; nobody else gets it back", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(bob, id, "hello");
    const { message_id } = await say(ann, id, "first canary");
    await edit(ann, message_id, "second canary");
    await remove(ann, message_id);
    const item = await itemOf(await moderator(), await reportIt(bob, { message_id }));
    expect(item.snapshot?.messages.at(-1)).toMatchObject({ content: "second canary", is_deleted: true });
    expect(item.snapshot?.versions.map(({ content }) => content)).toEqual(["first canary", "second canary"]);
    for (const who of [ann, bob]) {
      const paths = [
        `/messages/${message_id}`,
        `/messages/${message_id}/edits`,
        `/conversations/${id}/messages`,
      ];
      const answers = [...paths, "/search/messages?q=canary", "/sync"].map((path) => api(who, "GET", path));
      const shown = JSON.stringify((await Promise.all(answers)).map(({ body }) => body));
      expect(shown).not.toContain("canary");
      expect(shown).toContain(message_id);
    }
  });

  it("[REPORT-4] what was deleted is kept for a day, then it is gone from the object; 0 hours keep nothing", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { message_id } = await say(ann, id, "short-lived");
    await edit(ann, message_id, "short-lived too");
    await remove(ann, message_id);
    const kept = () =>
      runInDurableObject(conversationObject(id), (_, { storage }) => {
        const count = (table: string) => storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n;
        return [count("evidence"), count("evidence_versions")];
      });
    expect(await kept()).toEqual([1, 1]);
    await atTime(Date.now() + 23 * 3_600_000, () => runDurableObjectAlarm(conversationObject(id)));
    expect(await kept()).toEqual([1, 1]);
    await atTime(Date.now() + 24 * 3_600_000 + 1_000, () => runDurableObjectAlarm(conversationObject(id)));
    expect(await kept()).toEqual([0, 0]);
    expectError(await api(bob, "POST", "/reports", { message_id, reason: "spam" }), "NOT_FOUND");
    faults.settings = { REPORT_EVIDENCE_HOURS: "0" };
    const other = await group(ann, [bob]);
    const gone = await say(ann, other, "leaves nothing");
    await remove(ann, gone.message_id);
    const { message_id: at_once } = gone;
    expectError(await api(bob, "POST", "/reports", { message_id: at_once, reason: "spam" }), "NOT_FOUND");
  });

  it("[REPORT-5] who joined later, who has left, and strangers: each reports only what they saw", async () => {
    const [ann, bob, eve, zoe] = await people("ann", "bob", "eve", "zoe");
    const id = await group(ann, [bob]);
    const before = await say(ann, id, "before eve");
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: eve.user_id });
    const during = await say(ann, id, "with eve", { reply_to_message_id: before.message_id });
    await api(eve, "DELETE", `/conversations/${id}`);
    await edit(ann, during.message_id, "edited without eve");
    const after = await say(ann, id, "after eve");
    const backend = await moderator();
    for (const { message_id } of [before, after]) {
      expectError(await api(eve, "POST", "/reports", { message_id, reason: "spam" }), "NOT_FOUND");
      expectError(await api(zoe, "POST", "/reports", { message_id, reason: "spam" }), "FORBIDDEN");
    }
    expectError(await api(zoe, "POST", "/reports", { conversation_id: id, reason: "spam" }), "FORBIDDEN");
    const { snapshot } = await itemOf(backend, await reportIt(eve, { message_id: during.message_id }));
    const shown = snapshot?.messages.filter(({ type }) => type === "text");
    expect(shown?.map(({ content }) => content)).toEqual(["with eve"]);
    expect(JSON.stringify(snapshot)).not.toMatch(/before eve|after eve|without eve/);
  });

  it("[REPORT-6] a user with the newest of the direct chat, a conversation with its newest; oneself is 400", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await direct(ann, bob);
    for (let i = 1; i <= 12; i++) await say(ann, id, `no ${i}`);
    const backend = await moderator();
    const item = await itemOf(backend, await reportIt(bob, { user_id: ann.user_id }));
    expect(item).toMatchObject({
      target: { type: "user", id: ann.user_id },
      user_id: ann.user_id,
      snapshot: { user: { username: ann.username }, conversation: { conversation_id: id }, message_id: null },
    });
    expect(item.snapshot?.messages.map(({ content }) => content)).toEqual(
      Array.from({ length: 11 }, (_, i) => `no ${i + 2}`),
    );
    const stranger = await itemOf(backend, await reportIt(eve, { user_id: ann.user_id }));
    expect(stranger.item_id).toBe(item.item_id);
    const club = await group(ann, [bob, eve], "Bad club");
    await say(ann, club, "psst");
    const about = await itemOf(backend, await reportIt(bob, { conversation_id: club }));
    expect(about).toMatchObject({ user_id: null, snapshot: { conversation: { name: "Bad club" } } });
    // Both may report their direct conversation: it is about neither of them.
    const talk = await itemOf(backend, await reportIt(bob, { conversation_id: id }));
    expect(talk.user_id).toBeNull();
    expect((await itemOf(backend, await reportIt(ann, { conversation_id: id }))).item_id).toBe(talk.item_id);
    const own = await say(bob, id, "mine");
    for (const target of [{ user_id: bob.user_id }, { message_id: own.message_id }]) {
      expectError(await api(bob, "POST", "/reports", { ...target, reason: "spam" }), "VALIDATION_ERROR");
    }
    const system = (await api(bob, "GET", `/conversations/${club}/messages`)).body.messages.at(-1);
    expect(system.type).toBe("system");
    expectError(
      await api(bob, "POST", "/reports", { message_id: system.message_id, reason: "spam" }),
      "VALIDATION_ERROR",
    );
  });

  it("[REPORT-7] twenty open reports of a day; a decision makes room, and so does the next day; at once no more get in", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const said: string[] = [];
    for (let i = 0; i < 23; i++) said.push((await say(ann, id, `no ${i}`)).message_id as string);
    const ask = (i: number) => api(bob, "POST", "/reports", { message_id: said[i], reason: "spam" });
    const first = await ask(0);
    const answers = await Promise.all(said.slice(1).map((_, i) => ask(i + 1)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(19);
    expect(refused).toHaveLength(3);
    for (const answer of refused) {
      expectError(answer, "RATE_LIMIT_EXCEEDED");
      expect(answer.body.details).toMatchObject({ budget: "open_reports", limit: 20 });
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(86_000);
      expect(Number(answer.headers.get("retry-after"))).toBeLessThanOrEqual(86_400);
    }
    const missing = said.filter((_, i) => i > 0 && answers[i - 1]?.status === 429);
    const again = (message_id: string | undefined) =>
      api(bob, "POST", "/reports", { message_id, reason: "spam" });
    // What was reported gives its answer all the same.
    expect((await ask(0)).body).toEqual(first.body);
    const backend = await moderator();
    await decide(backend, await itemOf(backend, first.body.report_id), { action: "dismiss" });
    expect((await again(missing[0])).status).toBe(202);
    expect((await again(missing[1])).status).toBe(429);
    const later = await atTime(Date.now() + 86_401_000, async () => {
      const server = await serverToken("messages", {}, Math.floor(Date.now() / 1000) + 3600);
      return await asUser(server, bob, "POST", "/reports", { message_id: missing[1], reason: "spam" });
    });
    expect(later.status).toBe(202);
  });

  it("[REPORT-9] with `block` its person is blocked, also where it was reported before; a group is nobody", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const [talk, club] = [await direct(ann, bob), await group(ann, [bob, eve])];
    const rude = [await say(ann, club, "rude"), await say(eve, club, "rude too")];
    const blocked = async () => {
      const { body } = await api(bob, "GET", "/blocks");
      return body.blocks.map((one: { user: { user_id: string } }) => one.user.user_id);
    };
    const group_block = { conversation_id: club, reason: "spam", block: true };
    expectError(await api(bob, "POST", "/reports", group_block), "VALIDATION_ERROR");
    const [first, second] = rude;
    const report_id = await reportIt(bob, { message_id: second.message_id }, { block: true });
    expect(await blocked()).toEqual([eve.user_id]);
    await reportIt(bob, { message_id: first.message_id });
    await reportIt(bob, { conversation_id: talk });
    expect(await blocked()).toEqual([eve.user_id]);
    await reportIt(bob, { conversation_id: talk }, { block: true });
    expect(await blocked()).toEqual([ann.user_id, eve.user_id]);
    await api(bob, "DELETE", `/blocks/${eve.user_id}`);
    expect(await reportIt(bob, { message_id: second.message_id }, { block: true })).toBe(report_id);
    expect(await blocked()).toEqual([eve.user_id, ann.user_id]);
    await reportIt(ann, { user_id: bob.user_id }, { block: true });
    expect((await api(ann, "GET", "/blocks")).body.blocks).toMatchObject([
      { user: { user_id: bob.user_id } },
    ]);
  });

  it("[REPORT-8] nobody but the moderators hears of a report; a failed directory loses none that was answered", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { message_id } = await say(ann, id, "rude");
    const socket = await connect(ann);
    await reportIt(bob, { message_id });
    await say(bob, id, "bye");
    await socket.heard((event) => event.type === "message.new" && event.data.content === "bye");
    // Nothing of it, and the numbers show no gap.
    expect(JSON.stringify(socket.events)).not.toMatch(/report|moderation/);
    faults.d1Down = true;
    expectError(
      await api(bob, "POST", "/reports", { user_id: ann.user_id, reason: "spam" }),
      "SERVICE_UNAVAILABLE",
    );
    faults.d1Down = false;
    await reportIt(bob, { user_id: ann.user_id });
    const { n } = (await env.DB.prepare("SELECT count(*) AS n FROM reports WHERE reporter_id = ?")
      .bind(bob.user_id)
      .first()) as { n: number };
    expect(n).toBe(2);
    socket.close();
  });
});
