/** Rule 29: bans of a group. */
import { describe, expect, it } from "vitest";
import { atTime, until as tokenUntil } from "../worker/checks.ts";
import { verify } from "../worker/state-kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  connect,
  direct,
  fetched,
  group,
  history,
  refusal,
  text,
} from "./kit.ts";
import { add, at, ban, bans, inFuture, leave, mute, send, setRole, staffed, unban } from "./rooms-kit.ts";

const DAY = 24 * 3_600_000;

describe("bans", () => {
  it("[ROOM-30] the banned is removed at once, told so, and gets nothing any more: 403 BANNED with the end and the reason", async () => {
    const { mia, bob, cid, id } = await staffed();
    const said = await text(cid, id, "hello");
    const [user, own] = await bothSockets(bob, id);
    const other = await connect(cid);
    const until = inFuture(60_000);
    expect(await body(ban(mia, id, bob, { until, reason: "Spam" }), 201)).toEqual({
      ...{ user_id: bob.user_id, username: bob.username, display_name: "bob", profile_photo_url: null },
      ...{ until, reason: "Spam", banned_by: mia.user_id, banned_at: expect.any(String) },
    });
    await user.heard((e) => e.type === "participant.removed" && e.data.user_id === bob.user_id);
    expect((await own.closed).code).toBe(4011);
    expect(await other.heard("participant.removed")).toMatchObject({
      data: { user_id: bob.user_id, removed_by: mia.user_id, participant_count: 5 },
    });
    for (const answer of [
      api(bob, "GET", at(id)),
      api(bob, "GET", at(id, "/messages")),
      api(bob, "GET", `/messages/${said.message_id}`),
      send(bob, id),
    ]) {
      const { status, body } = await answer;
      expect([status, body.code, body.details]).toEqual([403, "BANNED", { until, reason: "Spam" }]);
    }
    expect(await user.ask({ type: "typing.start", conversation_id: id })).toMatchObject({ code: "BANNED" });
    const { body: list } = await api(bob, "GET", "/conversations");
    expect(JSON.stringify(list)).not.toContain(id);
  });

  it("[ROOM-31] nobody can add the banned, alone or among others, until the ban ends or is taken back", async () => {
    const { ann, adam, mia, bob, cid, id } = await staffed();
    const [eve] = await cast("eve");
    const until = inFuture(5_000);
    await body(ban(mia, id, bob, { until }), 201);
    await body(ban(mia, id, eve), 201);
    for (const by of [ann, adam]) {
      const { status, body } = await add(by, id, eve, bob);
      expect([status, body.code]).toEqual([403, "BANNED"]);
      expect(new Set(body.details.user_ids)).toEqual(new Set([eve.user_id, bob.user_id]));
    }
    await refusal(add(cid, id, eve), "FORBIDDEN");
    await atTime(Date.parse(until) - 1, () => refusal(add(ann, id, bob), "BANNED"));
    await atTime(Date.parse(until), () => body(add(ann, id, bob), 201));
    await refusal(add(ann, id, eve), "BANNED");
    await body(unban(mia, id, eve), 204);
    await body(unban(mia, id, eve), 204);
    await body(add(ann, id, eve), 201);
    await body(send(eve, id), 201);
  });

  it("[ROOM-32] a ban is changed by another; the same one changes nothing; the history says so if the moderator wants it", async () => {
    const { ann, mia, mo, bob, cid, id } = await staffed();
    const before = (await history(cid, id)).length;
    await body(ban(mia, id, bob, { reason: "Spam" }), 201);
    const first = (await bans(ann, id)).body.bans;
    await body(ban(mo, id, bob, { reason: "Spam" }), 200);
    expect((await bans(ann, id)).body.bans).toEqual(first);
    expect(await history(cid, id)).toHaveLength(before);
    await body(ban(mo, id, bob, { reason: "More spam", announce: true }), 200);
    expect((await bans(ann, id)).body.bans).toMatchObject([{ reason: "More spam", banned_by: mo.user_id }]);
    await body(unban(mia, id, bob, "?announce=true"), 204);
    const notes = (await history(cid, id)).slice(0, -before);
    expect(notes.map(({ content, system }) => [content, system?.event])).toEqual([
      ["mia unbanned bob", "participant.unbanned"],
      ["mo banned bob", "participant.banned"],
    ]);
    expect(JSON.stringify(notes)).not.toContain("pam");
  });

  it("[ROOM-33] the list has the bans that hold, the newest first, in pages; none of them twice", async () => {
    const { ann, mia, id } = await staffed();
    const banned = await cast("a", "b", "c", "d", "e");
    const until = inFuture(3_000);
    for (const [index, who] of banned.entries()) {
      await body(ban(mia, id, who, index === 2 ? { until } : {}), 201);
    }
    const seen: string[] = [];
    let query = "?limit=2";
    for (let pages = 0; query && pages < 5; pages += 1) {
      const page = await body<{ bans: { user_id: string }[]; next_cursor: string | null }>(
        bans(ann, id, query),
        200,
      );
      seen.push(...page.bans.map(({ user_id }) => user_id));
      query = page.next_cursor ? `?limit=2&cursor=${page.next_cursor}` : "";
    }
    expect(seen).toEqual(banned.map(({ user_id }) => user_id).reverse());
    const late = await atTime(Date.parse(until), () => bans(ann, id));
    expect(late.body.bans.map((one: { user_id: string }) => one.user_id)).not.toContain(banned[2].user_id);
    expect(late.body).toMatchObject({ bans: { length: 4 }, next_cursor: null });
    await refusal(bans(ann, id, "?cursor=x"), "VALIDATION_ERROR");
  });

  it("[R17 ROOM-34] delete_messages deletes what they said: all of it, or of the last day, or none", async () => {
    const { mia, bob, cid, id } = await staffed();
    const said = [await text(bob, id, "one"), await text(cid, id, "of cid"), await text(bob, id, "two")];
    const nextDay = Date.now() + DAY - 60_000;
    // Tokens of tests end after an hour.
    const [late, judge] = [
      await tokenUntil(bob, (nextDay + DAY) / 1000),
      await tokenUntil(mia, (nextDay + DAY) / 1000),
    ];
    said.push(await atTime(nextDay, () => text(late, id, "three")));
    const deleted = async () =>
      (await Promise.all(said.map((message) => fetched(cid, message)))).map(({ is_deleted }) => is_deleted);
    await body(ban(mia, id, bob), 201);
    expect(await deleted()).toEqual([false, false, false, false]);
    await atTime(nextDay + 120_000, () => body(ban(judge, id, bob, { delete_messages: "day" }), 200));
    expect(await deleted()).toEqual([false, false, false, true]);
    await body(ban(mia, id, bob, { delete_messages: "all" }), 200);
    expect(await deleted()).toEqual([true, false, true, true]);
  });

  it("[ROOM-35] a ban with messages is the same for all who follow, resume, come new or ask", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const first = await text(bob, id, "one");
    await text(cid, id, "a reply", { reply_to_message_id: first.message_id });
    for (let i = 0; i < 5; i += 1) await text(bob, id, `more ${i}`);
    await verify(id, [bob, cid], async () => {
      await body(ban(ann, id, bob, { delete_messages: "all", announce: true }), 201);
    });
    const all = await history(cid, id);
    expect(all.filter((one) => one.sender.user_id === bob.user_id && !one.is_deleted)).toEqual([]);
    expect(all.find((one) => one.content === "a reply")?.reply_to).toMatchObject({ is_deleted: true });
  });

  it("[ROOM-36] former members, people who never were in, and oneself", async () => {
    const { mia, bob, id } = await staffed();
    const [eve, dan] = await cast("eve", "dan");
    await body(leave(bob, id), 204);
    await body(ban(mia, id, bob), 201);
    await body(ban(mia, id, eve), 201);
    await refusal(api(eve, "GET", at(id)), "BANNED");
    await refusal(api(dan, "GET", at(id)), "FORBIDDEN");
    await refusal(ban(mia, id, mia), "FORBIDDEN");
    await refusal(ban(dan, id, eve), "FORBIDDEN");
    await refusal(ban(mia, id, { ...eve, user_id: crypto.randomUUID() }), "NOT_FOUND");
    // Who may not ban does not learn which users exist.
    await refusal(ban(dan, id, { ...eve, user_id: crypto.randomUUID() }), "FORBIDDEN");
    const pair = await direct(mia, eve);
    await refusal(ban(mia, pair, eve), "VALIDATION_ERROR");
    await refusal(bans(mia, pair), "VALIDATION_ERROR");
  });

  it("[ROOM-37] a mute and a role are no shelter: a banned moderator comes back as a member, and muted as they were", async () => {
    const [ann, mia, bob] = await cast("ann", "mia", "bob");
    const id = await group(ann, [mia, bob]);
    await body(setRole(ann, id, mia, "moderator"), 200);
    await body(mute(ann, id, mia), 200);
    await body(ban(ann, id, mia), 201);
    await body(unban(ann, id, mia), 204);
    await body(add(ann, id, mia), 201);
    await refusal(send(mia, id), "MUTED");
    await refusal(ban(mia, id, bob), "FORBIDDEN");
  });
});
