/** What is said between the first device and the moment in which a conversation hears of it (rule 27). */
import { env } from "cloudflare:workers";
import type { ConversationList } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { alarmOf, atTime } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, direct, group, hubObject, type Person, people, say } from "./kit.ts";
import {
  control,
  phoneOf,
  pushesTo,
  registered,
  retried,
  ring,
  rowsOf,
  screen,
  settled,
  shows,
} from "./push-kit.ts";

afterEach(() => {
  faults.d1Down = false;
});

/** The newest text of each conversation of a person, as the directory lists them. */
async function lastIn(who: Person): Promise<string[]> {
  const { body } = await api(who, "GET", "/conversations");
  return (body as ConversationList).conversations.map((item) => item.last_message?.content ?? "").sort();
}

describe("until a conversation hears of the first device (rule 27)", () => {
  it("[R27 PUSH-100] what is said while the directory is down is pushed when it is back; nothing from before", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, quiet] = [await direct(ann, bob), await group(ann, [bob])];
    await say(ann, id, "before");
    await say(ann, quiet, "long before");
    // The badge counts what the directory has.
    await expect.poll(() => lastIn(bob)).toEqual(["before", "long before"]);
    faults.d1Down = true;
    const phone = await registered(bob);
    await say(ann, id, "during");
    const late = await registered(bob);
    faults.d1Down = false;
    await retried(bob);
    await shows(phone, "during");
    await ring(id, bob);
    expect((await screen(phone)).badge).toBe(3);
    expect(await pushesTo(phone)).toHaveLength(1);
    expect(await pushesTo(late)).toEqual([]);
  });

  it("[R27 PUSH-101] at a level of mentions it is the mention that is pushed, and what follows it once", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await api(bob, "PATCH", "/push-preferences", { level: "mentions" });
    faults.d1Down = true;
    const phone = await registered(bob);
    await say(ann, id, "you", { metadata: { mentions: [`@${bob.username}`] } });
    await say(ann, id, "plain");
    faults.d1Down = false;
    await retried(bob);
    await shows(phone, "ann mentioned you: you");
    await say(ann, id, "you again", { metadata: { mentions: [`@${bob.username}`] } });
    await shows(phone, "ann mentioned you: you again");
    expect(await pushesTo(phone)).toHaveLength(2);
  });

  it("[R27 PUSH-103] a group that the directory does not list yet pushes from its first message, and so does one of this moment", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    // The hub answers that nobody is here: from now on the group skips it.
    await expect.poll(() => rowsOf(bob, "SELECT 1 FROM sleepers")).toBe(1);
    const unlisted = await env.DB.prepare("DELETE FROM members WHERE user_id = ?").bind(bob.user_id).run();
    expect(unlisted.meta.changes).toBe(1);
    const [phone, other] = await Promise.all([phoneOf(bob), group(ann, [bob])]);
    await say(ann, id, "first");
    await say(ann, other, "first here");
    const expected = expect.arrayContaining(["ann: first", "ann: first here"]);
    await expect.poll(async () => (await screen(phone)).shown.map(({ body }) => body)).toEqual(expected);
  });

  it("[R27 PUSH-112] a mute of before the first device ends by itself: the alarm rings for it, and what is said then is pushed", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const muted_until = Date.now() + 60_000;
    const muted = { is_muted: true, muted_until: new Date(muted_until).toISOString() };
    await api(bob, "PATCH", `/conversations/${id}/preferences`, muted);
    const phone = await phoneOf(bob);
    const hub = hubObject(bob.user_id) as DurableObjectStub;
    await expect.poll(() => alarmOf(hub)).not.toBeNull();
    // What it rings for before then changes nothing of that.
    await settled(bob);
    expect(await alarmOf(hub)).toBeLessThanOrEqual(muted_until);
    await control.options({ check_time: false });
    await atTime(muted_until + 1, async () => {
      await say(ann, id, "after the mute");
      await settled(bob);
      await shows(phone, "after the mute");
    });
  });

  it("[R27 PUSH-102] a level that is raised: what was said since is pushed, what was said before is not", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await api(bob, "PATCH", "/push-preferences", { level: "none" });
    const phone = await registered(bob);
    await settled(bob);
    await say(ann, id, "not wanted");
    await api(bob, "PATCH", "/push-preferences", { level: "all" });
    await settled(bob);
    await say(ann, id, "wanted");
    await shows(phone, "wanted");
    expect(await pushesTo(phone)).toHaveLength(1);
  });
});
