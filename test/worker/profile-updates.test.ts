import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { ProfileUpdates } from "../../src/user-hub/profile-updates.ts";
import { HubStore } from "../../src/user-hub/store.ts";
import { hubObject } from "./kit.ts";

const NOW = 1_900_000_000_000;
const ids = (count: number, first = 0) =>
  Array.from({ length: count }, (_, i) => `00000000-0000-8000-8000-${String(first + i).padStart(12, "0")}`);

/** Writes memberships of a user, as the projection does. The last conversation is the most recent one. */
async function enrol(userId: string, conversations: string[], rev: number): Promise<void> {
  const json = JSON.stringify(conversations.map((id) => `${userId.slice(0, 8)}${id.slice(8)}`));
  await env.DB.batch([
    env.DB.prepare(`INSERT INTO conversations (conversation_id, type, created_by, created_at, member_count, seq, message_no,
      last_message_seq, last_activity_at, rev) SELECT value, 'group', '', 0, 1, 1, 0, 0, key, 0 FROM json_each(?)`).bind(
      json,
    ),
    env.DB.prepare(`INSERT INTO members (conversation_id, user_id, role, joined_seq, left_seq, last_read_seq, read_no, read_sent_no,
      unread_deleted, unread_mentions, rev) SELECT value, ?, 'member', 1, iif(key % 7 = 0, 2, NULL), 0, 0, 0, 0, 0, ? FROM json_each(?)`).bind(
      userId,
      rev,
      json,
    ),
  ]);
}

const profileOf = (user_id: string, profile_version: number) => ({
  user_id,
  username: "ben",
  display_name: `Ben ${profile_version}`,
  profile_photo_url: null,
  profile_version,
});

/** A hub's updates in a hub of their own, with conversations that are only noted. */
async function stage<T>(
  userId: string,
  play: (
    updates: ProfileUpdates,
    told: Map<string, number>,
    unreachable: Set<string>,
    at: () => number,
  ) => Promise<T>,
): Promise<T> {
  return await runInDurableObject(hubObject(userId) as DurableObjectStub, async (_, state) => {
    const store = new HubStore(state.storage);
    await store.migrate();
    const told = new Map<string, number>();
    const unreachable = new Set<string>();
    let ring = Number.POSITIVE_INFINITY;
    const updates = new ProfileUpdates(store, {
      directory: () => openDirectory(env.DB),
      notifySelf: () => {},
      notifyConversation: async (id, profile) => {
        if (unreachable.has(id)) throw new Error("unreachable");
        told.set(id, profile.profile_version);
      },
      ringBy: (time) => {
        ring = Math.min(ring, time);
      },
      waitUntil: () => {},
    });
    const at = () => {
      const time = ring;
      ring = Number.POSITIVE_INFINITY;
      return time;
    };
    return await play(updates, told, unreachable, at);
  });
}

/** Rings until nothing more is to be done. @returns how often, and when that was. */
async function ringOut(updates: ProfileUpdates, at: () => number): Promise<{ rings: number; end: number }> {
  let [rings, end] = [0, NOW];
  for (let time = at(); time !== Number.POSITIVE_INFINITY; time = at()) {
    rings += 1;
    end = Math.max(end, time);
    expect(rings).toBeLessThan(50);
    await updates.run(end);
  }
  return { rings, end };
}

describe("telling a user's conversations", () => {
  it("[R3 PROF-11] the hundred most recent at once, the others by alarm, former ones too", async () => {
    const userId = crypto.randomUUID();
    await enrol(userId, ids(620), 0);
    await stage(userId, async (updates, told, _, at) => {
      await updates.changed(profileOf(userId, 2), NOW);
      expect(told.size).toBe(100);
      expect([...told.keys()].every((id) => Number(id.slice(-12)) >= 520)).toBe(true);
      const { rings, end } = await ringOut(updates, at);
      expect(told.size).toBe(620);
      expect(rings).toBeLessThan(8);
      expect(end).toBe(NOW + 10_000);
    });
  });

  it("[R3 PROF-12] those that cannot be reached are tried again, and the others do not wait for them", async () => {
    const userId = crypto.randomUUID();
    await enrol(userId, ids(120), 0);
    await stage(userId, async (updates, told, unreachable, at) => {
      const lost = [...ids(2, 0), ...ids(3, 110)].map((id) => `${userId.slice(0, 8)}${id.slice(8)}`);
      for (const id of lost) unreachable.add(id);
      await updates.changed(profileOf(userId, 2), NOW);
      let time = NOW;
      for (let i = 0; i < 8; i++) {
        time = Math.max(time, at());
        await updates.run(time);
      }
      expect(told.size).toBe(115);
      // The pauses grow, to a minute at most.
      expect(time).toBeGreaterThan(NOW + 30_000);
      expect(at()).toBeLessThanOrEqual(time + 60_000);
      unreachable.clear();
      await updates.run(time + 60_000);
      expect(told.size).toBe(120);
    });
  });

  it("[R3 PROF-13] a newer change in between wins everywhere, an older one is not told", async () => {
    const userId = crypto.randomUUID();
    await enrol(userId, ids(130), 0);
    await stage(userId, async (updates, told, unreachable, at) => {
      for (const id of ids(10, 115)) unreachable.add(`${userId.slice(0, 8)}${id.slice(8)}`);
      await Promise.all([
        updates.changed(profileOf(userId, 3), NOW),
        updates.changed(profileOf(userId, 2), NOW),
      ]);
      unreachable.clear();
      await Promise.all([
        updates.changed(profileOf(userId, 4), NOW),
        updates.changed(profileOf(userId, 5), NOW),
      ]);
      await updates.changed(profileOf(userId, 1), NOW);
      await ringOut(updates, at);
      expect(told.size).toBe(130);
      expect(new Set(told.values())).toEqual(new Set([5]));
    });
  });

  it("[R3 PROF-14] a membership that reaches the directory after the change is told too", async () => {
    const userId = crypto.randomUUID();
    await enrol(userId, ids(3), 0);
    const rev = await env.DB.prepare("SELECT coalesce(max(value), 0) AS value FROM revision").first<number>(
      "value",
    );
    await stage(userId, async (updates, told, _, at) => {
      await updates.changed(profileOf(userId, 2), NOW);
      expect(told.size).toBe(3);
      await enrol(userId, ids(2, 500), Number(rev) + 1);
      await ringOut(updates, at);
      expect(told.size).toBe(5);
    });
  });

  it("[R3 KEEP-47] one that can never be reached keeps no late membership back, and is not lost", async () => {
    const userId = crypto.randomUUID();
    await enrol(userId, ids(3), 0);
    const rev = await env.DB.prepare("SELECT coalesce(max(value), 0) AS value FROM revision").first<number>(
      "value",
    );
    await stage(userId, async (updates, told, unreachable, at) => {
      unreachable.add(`${userId.slice(0, 8)}${ids(1)[0]?.slice(8)}`);
      await updates.changed(profileOf(userId, 2), NOW);
      await enrol(userId, ids(2, 500), Number(rev) + 1);
      let time = NOW;
      for (let i = 0; i < 10; i++) {
        time = Math.max(time, at());
        await updates.run(time);
      }
      expect(told.size).toBe(4);
      unreachable.clear();
      await ringOut(updates, () => Math.max(at(), time));
      expect(told.size).toBe(5);
    });
  });
});
