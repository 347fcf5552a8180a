/** Rules 9 and 10: what one decides for oneself, and what holds for everybody. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { Preferences } from "@rocket-chat-api/protocol";
import { describe, expect, it, vi } from "vitest";
import { conversationObject } from "../worker/kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  connectTo,
  direct,
  fetched,
  group,
  history,
  item,
  type Person,
  refusal,
  search,
  settled,
  text,
} from "./kit.ts";

const prefer = (who: Person, id: string, patch: object) =>
  api(who, "PATCH", `/conversations/${id}/preferences`, patch);

describe("preferences", () => {
  it("[R9] PATCH preferences: the caller's own, merged, and heard on the caller's other devices alone", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const [mine, theirs] = [await bothSockets(ann, id), await bothSockets(bob, id)];
    const pinned = await body<Preferences>(prefer(ann, id, { is_pinned: true }), 200);
    expect(Preferences.parse(pinned)).toEqual({
      conversation_id: id,
      is_muted: false,
      muted_until: null,
      is_pinned: true,
      is_archived: false,
      push_level: null,
    });
    const both = await body<Preferences>(prefer(ann, id, { is_archived: true }), 200);
    expect(both).toMatchObject({ is_pinned: true, is_archived: true });
    expect(await item(ann, id)).toMatchObject({ is_pinned: true, is_archived: true });
    expect(await item(bob, id)).toMatchObject({ is_pinned: false, is_archived: false, is_muted: false });
    for (const socket of mine) {
      await expect
        .poll(() => socket.all("preferences.updated"))
        .toEqual([pinned, both].map((data) => ({ type: "preferences.updated", conversation_id: id, data })));
    }
    await settled();
    for (const socket of theirs) expect(socket.all("preferences.updated")).toEqual([]);
    await refusal(prefer(ann, id, {}), "VALIDATION_ERROR");
  });

  it("[R9] a mute holds until its time, then is over by itself; without a time it holds until it is ended", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const until = Date.now() + 60_000;
    const muted_until = new Date(until).toISOString();
    expect(await body(prefer(ann, id, { muted_until }), 200)).toMatchObject({ is_muted: true, muted_until });
    expect(await item(ann, id)).toMatchObject({ is_muted: true, muted_until });
    vi.setSystemTime(until + 1);
    expect(await item(ann, id)).toMatchObject({ is_muted: false, muted_until: null });
    vi.useRealTimers();
    await body(prefer(ann, id, { is_muted: true }), 200);
    expect(await item(ann, id)).toMatchObject({ is_muted: true, muted_until: null });
    await body(prefer(ann, id, { is_muted: false }), 200);
    expect(await item(ann, id)).toMatchObject({ is_muted: false });
  });

  it("[R9 VAL-12] preferences that are changed at the same moment are all kept", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const muted_until = new Date(Date.now() + 60_000).toISOString();
    const patches = [{ is_pinned: true }, { is_archived: true }, { muted_until }];
    for (const earlier of [undefined, { is_archived: false, is_pinned: false, is_muted: false }]) {
      for (let round = 0; round < 4; round++) {
        const id = await group(ann, [bob]);
        if (earlier) await body(prefer(ann, id, earlier), 200);
        await Promise.all(patches.map((patch) => body(prefer(ann, id, patch), 200)));
        const all = { is_pinned: true, is_archived: true, is_muted: true, muted_until };
        expect(await item(ann, id)).toMatchObject(all);
      }
    }
  });

  it("[R9 VAL-13] a mute whose time has passed stays over, whatever is changed afterwards", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const until = Date.now() + 60_000;
    const muted_until = new Date(until).toISOString();
    const over = { is_muted: false, muted_until: null };
    const later = [
      { is_pinned: true },
      { muted_until: null },
      { muted_until: null, is_archived: true },
      { is_muted: null, muted_until: null, is_pinned: false, is_archived: false },
      { is_muted: true, muted_until },
    ];
    for (const patch of later) {
      const id = await direct(ann, bob);
      await body(prefer(ann, id, { muted_until }), 200);
      vi.setSystemTime(until + 1);
      expect(await body(prefer(ann, id, patch), 200)).toMatchObject(over);
      expect(await body(prefer(ann, id, { is_archived: false }), 200)).toMatchObject(over);
      expect(await item(ann, id)).toMatchObject(over);
      vi.useRealTimers();
      await body(prefer(ann, id, { is_muted: false }), 200);
    }
  });

  it("[R9 VAL-13] while a mute holds, another change keeps its time, and null takes the time away", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const muted_until = new Date(Date.now() + 60_000).toISOString();
    expect(await body(prefer(ann, id, { muted_until: null }), 200)).toMatchObject({ is_muted: false });
    await body(prefer(ann, id, { muted_until, is_pinned: true }), 200);
    const held = { is_muted: true, muted_until, is_pinned: true };
    expect(await body(prefer(ann, id, { is_archived: true }), 200)).toMatchObject(held);
    expect(await body(prefer(ann, id, { muted_until: null }), 200)).toMatchObject({
      is_muted: true,
      muted_until: null,
    });
    expect(await body(prefer(ann, id, { is_muted: false, muted_until }), 200)).toMatchObject({
      is_muted: false,
    });
    expect(await body(prefer(ann, id, { is_muted: true }), 200)).toMatchObject({
      is_muted: true,
      is_pinned: true,
    });
  });

  it("[R9] pinned first, then newest activity, page by page and by cursor; total counts all", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const ids: string[] = [];
    for (const name of ["A", "B", "C", "D", "E"]) ids.push(await group(ann, [bob], name));
    const [a = "", b = "", c = "", d = "", e = ""] = ids;
    await prefer(ann, b, { is_pinned: true });
    await prefer(ann, a, { is_pinned: true });
    // Activity is dated by the millisecond.
    for (const id of [c, a]) await settled(3).then(() => text(bob, id, "news"));
    type List = { conversations: { conversation_id: string }[]; total: number; next_cursor: string | null };
    const list = async (query: string) => {
      const { conversations, ...rest } = await body<List>(api(ann, "GET", `/conversations?${query}`), 200);
      return { ...rest, ids: conversations.map((one) => one.conversation_id) };
    };
    const order = [a, b, c, e, d];
    expect((await list("limit=5")).ids).toEqual(order);
    const byPage = [];
    for (const page of [1, 2, 3]) byPage.push(await list(`limit=2&page=${page}`));
    expect(byPage).toMatchObject([
      { ids: order.slice(0, 2), total: 5, page: 1, has_more: true },
      { ids: order.slice(2, 4), total: 5, page: 2, has_more: true },
      { ids: order.slice(4), total: 5, page: 3, has_more: false, next_cursor: null },
    ]);
    const byCursor = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = await list(`limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      byCursor.push(...page.ids);
      cursor = page.next_cursor;
    }
    expect(byCursor).toEqual(order);
    await refusal(api(ann, "GET", "/conversations?cursor=nonsense"), "VALIDATION_ERROR");
  });
});

describe("settings", () => {
  it("[R10] only_admins_can_send: others get FORBIDDEN over REST and both sockets; the owner and admins send", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    await api(ann, "PATCH", `/conversations/${id}/participants/${bob.user_id}`, { role: "admin" });
    const put = (only_admins_can_send: boolean) =>
      body(api(ann, "PUT", `/conversations/${id}`, { settings: { only_admins_can_send } }), 200);
    await put(true);
    const data = { type: "text", content: "may I?" };
    const send = (who: Person) => api(who, "POST", `/conversations/${id}/messages`, data);
    await refusal(send(cid), "FORBIDDEN");
    for (const socket of await bothSockets(cid, id)) {
      const answer = await socket.ask({ type: "message.send", conversation_id: id, data });
      expect(answer).toMatchObject({ type: "error", code: "FORBIDDEN" });
    }
    for (const who of [ann, bob]) await body(send(who), 201);
    const [newest] = await history(cid, id);
    await body(api(cid, "POST", `/messages/${newest?.message_id}/reactions`, { emoji: "👍" }), 201);
    await put(false);
    await body(send(cid), 201);
  });

  it("[R10 R16] only_admins_can_send: an edit says something too; reading, reacting and deleting go on", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    await api(ann, "PATCH", `/conversations/${id}/participants/${bob.user_id}`, { role: "admin" });
    const [byCid, byBob] = [await text(cid, id, "before"), await text(bob, id, "before")];
    const settings = { only_admins_can_send: true };
    await body(api(ann, "PUT", `/conversations/${id}`, { settings }), 200);
    const mention = { content: "after", metadata: { mentions: [`@${ann.username}`] } };
    for (const change of [{ content: "after" }, { content: "before" }, mention]) {
      await refusal(api(cid, "PUT", `/messages/${byCid.message_id}`, change), "FORBIDDEN");
    }
    expect((await history(ann, id)).find((one) => one.seq === byCid.seq)).toMatchObject({
      content: "before",
      is_edited: false,
      mentions: [],
    });
    await body(api(bob, "PUT", `/messages/${byBob.message_id}`, { content: "after" }), 200);
    await body(api(cid, "PUT", `/conversations/${id}/read`, { up_to_message_id: byBob.message_id }), 200);
    await body(api(cid, "DELETE", `/messages/${byCid.message_id}?delete_for_everyone=true`), 204);
  });

  it("[R10] a disappearing message lives 7 days unless the settings say otherwise", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const asked = { settings: { disappearing_messages_enabled: true } };
    expect(await body(api(bob, "PUT", `/conversations/${id}`, asked), 200)).toMatchObject({
      settings: { disappearing_messages_enabled: true, disappearing_ttl_seconds: 7 * 24 * 3600 },
    });
    const { created_at, expires_at } = await text(ann, id, "for a week");
    expect(Date.parse(expires_at ?? "") - Date.parse(created_at)).toBe(7 * 24 * 3600 * 1000);
  });

  it("[R10 R17] its alarm deletes it for everyone: an event, a tombstone, and nothing left in list and search", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const kept = await text(ann, id, "kept for ever");
    const settings = { disappearing_messages_enabled: true, disappearing_ttl_seconds: 60 };
    await api(ann, "PUT", `/conversations/${id}`, { settings });
    const lost = await text(ann, id, "lost in a minute");
    await api(ann, "PUT", `/conversations/${id}`, { settings: { disappearing_messages_enabled: false } });
    const after = await text(ann, id, "kept as well");
    const reply = await text(bob, id, "indeed", { reply_to_message_id: lost.message_id });
    const sockets = [...(await bothSockets(bob, id)), await connectTo(ann, id)];
    expect(await item(bob, id)).toMatchObject({ unread_count: 3 });
    expect(await search(bob, "lost")).toEqual(["lost in a minute"]);
    vi.setSystemTime(Date.now() + 61_000);
    expect(await runDurableObjectAlarm(conversationObject(id))).toBe(true);
    for (const socket of sockets) {
      expect(await socket.heard("message.deleted")).toMatchObject({
        conversation_id: id,
        seq: reply.seq + 1,
        data: { message_id: lost.message_id, deleted_by: ann.user_id, for_everyone: true, reason: "expired" },
      });
    }
    expect(await fetched(bob, lost)).toMatchObject({ seq: lost.seq, content: "", is_deleted: true });
    expect(await fetched(bob, reply)).toMatchObject({ reply_to: { content: "", is_deleted: true } });
    for (const message of [kept, after])
      expect(await fetched(bob, message)).toMatchObject({ is_deleted: false });
    await expect.poll(() => item(bob, id)).toMatchObject({ unread_count: 2 });
    expect(await search(bob, "lost")).toEqual([]);
  });
});
