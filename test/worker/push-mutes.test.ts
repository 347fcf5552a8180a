/** The number on the app's icon, and mutes that end (rules 27 and 30). */
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { alarmOf, atTime } from "./checks.ts";
import { api, direct, group, hubObject, type Person, people, say } from "./kit.ts";
import { control, phoneOf, pushesTo, rowsOf, screen, settled, shows } from "./push-kit.ts";

beforeEach(async () => {
  await control.options({ check_time: false });
});

async function mute(who: Person, id: string, until: number | null): Promise<void> {
  const muted_until = until === null ? null : new Date(until).toISOString();
  await api(who, "PATCH", `/conversations/${id}/preferences`, { is_muted: true, muted_until });
}

/** Finds conversations that have told that there is more, but not how much. */
const STALE = "SELECT 1 FROM push_conversations WHERE is_stale = 1";

const hubOf = (who: Person) => hubObject(who.user_id) as DurableObjectStub;

describe("when a mute ends (rule 27)", () => {
  it("[R27 PUSH-114] by itself: the number rises on each phone, once, without a sound, also after the hub was put away", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, muted] = [await direct(ann, bob), await group(ann, [bob])];
    const phones = [await phoneOf(bob), await phoneOf(bob)] as const;
    const ends = Date.now() + 60_000;
    await mute(bob, muted, ends);
    await settled(bob);
    await say(ann, muted, "one");
    await say(ann, muted, "two");
    await say(ann, id, "hello");
    for (const phone of phones) await shows(phone, "hello");
    expect((await screen(phones[0])).badge).toBe(1);
    await evictDurableObject(hubOf(bob));
    expect(await alarmOf(hubOf(bob))).toBeLessThanOrEqual(ends);
    await atTime(ends + 1, () => settled(bob));
    // What is unread may still be asked for.
    await atTime(ends + 2_000, async () => {
      await settled(bob);
      for (const phone of phones) {
        await expect.poll(async () => (await screen(phone)).badge).toBe(3);
        await shows(phone, "hello");
        expect(await pushesTo(phone)).toHaveLength(2);
      }
      await settled(bob);
    });
    for (const phone of phones) expect(await pushesTo(phone)).toHaveLength(2);
  });

  it("[R27 PUSH-115] by the user, at a level of mentions: what is unread there is asked for, and counts again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, muted] = [await group(ann, [bob]), await group(ann, [bob])];
    await api(bob, "PATCH", "/push-preferences", { level: "mentions" });
    const phone = await phoneOf(bob);
    await mute(bob, muted, null);
    await settled(bob);
    for (const text of ["one", "two", "three"]) await say(ann, muted, text);
    await say(ann, id, "you", { metadata: { mentions: [`@${bob.username}`] } });
    await shows(phone, "ann mentioned you: you");
    expect((await screen(phone)).badge).toBe(1);
    await api(bob, "PATCH", `/conversations/${muted}/preferences`, { is_muted: false });
    await atTime(Date.now() + 2_000, async () => {
      await settled(bob);
      await expect.poll(async () => (await screen(phone)).badge).toBe(4);
    });
  });

  it("[R27 PUSH-116] where nothing is unread, or the phone knows the number, none is sent; a browser is told with its next push", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, muted] = [await direct(ann, bob), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    const subscription = await control.subscribe();
    await api(bob, "PUT", "/devices/browser", { platform: "web", provider: "webpush", subscription });
    await mute(bob, muted, Date.now() + 60_000);
    await settled(bob);
    const { message_id } = await say(ann, muted, "read before it ends");
    await expect.poll(() => rowsOf(bob, STALE)).toBe(1);
    await api(bob, "PUT", `/conversations/${muted}/read`, { up_to_message_id: message_id });
    await say(ann, id, "hello");
    await shows(phone, "hello");
    await api(bob, "PATCH", `/conversations/${muted}/preferences`, { is_muted: false });
    await atTime(Date.now() + 2_000, async () => await runDurableObjectAlarm(hubOf(bob)));
    expect(await pushesTo(phone)).toHaveLength(1);
    // Only on the browser: it shows the one push, and nothing waits for it.
    await mute(bob, muted, null);
    await settled(bob);
    await say(ann, muted, "still muted");
    await expect.poll(() => rowsOf(bob, STALE)).toBe(1);
    await api(bob, "PATCH", `/conversations/${muted}/preferences`, { is_muted: false });
    await atTime(Date.now() + 2_000, async () => await runDurableObjectAlarm(hubOf(bob)));
    await expect.poll(async () => (await screen(phone)).badge).toBe(2);
    expect(await rowsOf(bob, "SELECT 1 FROM push_items WHERE pending IS NOT NULL")).toBe(0);
    const token = subscription.endpoint.split("/").at(-1) ?? "";
    expect(await control.pushes({ token })).toHaveLength(1);
  });
});

describe("when a ban by the app ends (rule 27)", () => {
  it("[R27 PUSH-129] by itself: what is said from then on is pushed again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const until = Date.now() + 60_000;
    const ban = { until, reason: "spam" };
    await hubObject(bob.user_id).restrict(bob.user_id, { is_deactivated: false, tokens_valid_from: 0, ban });
    await settled(bob);
    await say(ann, id, "while banned");
    await evictDurableObject(hubOf(bob));
    await atTime(until + 1, () => settled(bob));
    await atTime(until + 2_000, async () => {
      await say(ann, id, "afterwards");
      await shows(phone, "afterwards");
      expect(await pushesTo(phone)).toHaveLength(1);
    });
  });
});
