/** What each member has sent, without an index by sender: held against counting. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { MAX_SEQ, messageId } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { append } from "../../src/conversation/messages/append.ts";
import { Room } from "../../src/conversation/state/room.ts";
import { Store } from "../../src/conversation/state/store.ts";
import { tallyInterval } from "../../src/domain/unread.ts";
import { api, conversationObject, direct, group, type Person, people, say } from "./kit.ts";
import { usageOf } from "./usage.ts";

type Storage = DurableObjectState["storage"];

/** Countable messages of a sender up to a position, counted. */
function counted({ sql }: Storage, userId: string, seq: number): number {
  const query = "SELECT count(*) AS n FROM messages WHERE sender_id = ? AND seq <= ? AND type <> 'system'";
  return Number(sql.exec(query, userId, seq).one().n);
}

/** Who has sent anything between two positions. */
function sendersIn({ sql }: Storage, after: number, upTo: number): string[] {
  const query = "SELECT DISTINCT sender_id FROM messages WHERE seq > ? AND seq <= ?";
  return sql
    .exec(query, after, upTo)
    .toArray()
    .map((row) => String(row.sender_id))
    .sort();
}

function roomOf(storage: Storage): Room {
  const room = Room.load(new Store(storage));
  if (!room) throw new Error("no conversation");
  return room;
}

/** Rows that a release without tallies writes: messages only, by these senders in turn. */
const INSERT = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
  INSERT INTO messages (seq, sender_id, type, content, created_at, no, sender_no, changed_seq)
  SELECT CAST(?2 AS INTEGER) + i, ?3 ->> ((i - 1) % CAST(json_array_length(?3) AS INTEGER)), 'text', 'Message ' || i, 1,
    CAST(?4 AS INTEGER) + i, (i - 1) / CAST(json_array_length(?3) AS INTEGER) + 1 + CAST(?5 AS INTEGER), CAST(?2 AS INTEGER) + i FROM n`;

/** What docs/kept-states.md tells an operator to run who goes back to a release that knows no `sent_counts`. */
const GOING_BACK = `UPDATE members SET sent_no = max(sent_no, coalesce((SELECT c.sent_counts ->> members.user_id
  FROM conversations AS c WHERE c.conversation_id = members.conversation_id), 0))`;

/** What is done to a conversation: who says something (0 times: a system message), or the object wakes, or tallies are lost. */
type Deed = "wakes" | "loses tallies" | { by: number; times: number };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ by: fc.nat(4), times: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ by: fc.nat(4), times: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.constant("wakes" as const) },
  { weight: 1, arbitrary: fc.constant("loses tallies" as const) },
);

function play(storage: Storage, members: readonly Person[], deeds: readonly Deed[]): Room {
  let room = roomOf(storage);
  for (const one of deeds) {
    if (one === "wakes") room = roomOf(storage);
    else if (one === "loses tallies") {
      // As if an older release had written since one of them.
      storage.sql.exec("DELETE FROM tallies WHERE seq > (SELECT avg(seq) FROM tallies)");
      room = roomOf(storage);
    } else {
      const sender = members[one.by % members.length]?.user_id ?? "";
      if (one.times === 0)
        append(room, sender, { type: "system", content: "", system: { event: "x", actor_id: sender } }, 1);
      for (let i = 0; i < one.times; i++) append(room, sender, { type: "text", content: `${i}` }, 1);
    }
  }
  return room;
}

describe("what each member has sent", () => {
  it("[UNREAD-1] in a group and in a direct chat, at every message, is what counting gives: any history, wakes, lost tallies", async () => {
    const members = await people("ann", "bob", "cat", "dan", "eve");
    const [ann, bob] = members;
    if (!ann || !bob) throw new Error("nobody");
    const conversations = [
      { id: await group(ann, members.slice(1)), in: members },
      { id: await direct(ann, bob), in: [ann, bob] },
    ];
    for (const { id, in: everybody } of conversations) {
      for (let seed = 1; seed <= 4; seed++) {
        const [deeds = []] = fc.sample(fc.array(deed, { minLength: 30, maxLength: 60 }), {
          seed,
          numRuns: 1,
        });
        await runInDurableObject(conversationObject(id), (_, { storage }) => {
          const room = play(storage, everybody, deeds);
          for (const { user_id } of everybody) {
            for (let seq = 1; seq <= room.head; seq += 7) {
              expect([seq, room.sentNoAt(user_id, seq)]).toEqual([seq, counted(storage, user_id, seq)]);
            }
            expect(room.sentNo(user_id)).toBe(counted(storage, user_id, MAX_SEQ));
          }
          const distance = tallyInterval(everybody.length) + 1;
          for (let after = 0; everybody.length > 2 && after < room.head; after += 31) {
            for (const upTo of [after + 3, after + distance, after + 3 * distance]) {
              expect([after, upTo, room.sendersBetween(after, upTo).sort()]).toEqual([
                after,
                upTo,
                sendersIn(storage, after, upTo),
              ]);
            }
          }
        });
      }
    }
  });

  it("[UNREAD-2] a question reads as many rows as lie between two tallies, whoever spoke how long ago; a group has a tally in 64 messages, a direct chat none", async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const pair = await direct(ann, bob);
    const id = await group(ann, [bob, cat]);
    await runInDurableObject(conversationObject(pair), (_, { storage }) => {
      play(storage, [ann, bob], [{ by: 0, times: 500 }]);
      expect(storage.sql.exec("SELECT count(*) AS n FROM tallies").one().n).toBe(0);
    });
    await runInDurableObject(conversationObject(id), (_, { storage }) => {
      play(
        storage,
        [ann, bob, cat],
        [
          { by: 2, times: 1 },
          { by: 0, times: 1_000 },
        ],
      );
      expect(storage.sql.exec("SELECT count(*) AS n FROM tallies").one().n).toBe(15);
      // The directory has them all.
      storage.sql.exec("INSERT OR REPLACE INTO cursors VALUES ('directory', 2000, 1000)");
    });
    await evictDurableObject(conversationObject(id));
    const read = { up_to_message_id: messageId(id, 900) };
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: messageId(id, 10) });
    const usage = await usageOf(id, async () => {
      expect((await api(cat, "PUT", `/conversations/${id}/read`, read)).body).toMatchObject({
        unread_count: 103,
      });
    });
    // The messages since a tally, and a few rows for all else.
    expect(usage.object_rows_read).toBeLessThanOrEqual(tallyInterval(3) + 30);
  });

  it("[UNREAD-3] a group of a million messages from before tallies is counted once, in seconds", {
    timeout: 60_000,
  }, async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const id = await group(ann, [bob, cat]);
    const { seq } = await say(cat, id, "long ago");
    await runInDurableObject(conversationObject(id), (_, { storage }) => {
      const senders = JSON.stringify([ann.user_id, bob.user_id]);
      for (let from = 0; from < 1_000_000; from += 250_000)
        storage.sql.exec(INSERT, 250_000, seq + from, senders, 1 + from, from / 2);
      // The directory has them all.
      storage.sql.exec("INSERT OR REPLACE INTO cursors VALUES ('directory', ?, 1000)", seq + 1_000_000);
    });
    await env.DB.prepare("UPDATE conversations SET seq = ? WHERE conversation_id = ?")
      .bind(seq + 1_000_000, id)
      .run();
    await evictDurableObject(conversationObject(id));
    const started = performance.now();
    const { message_id } = await say(cat, id, "and now");
    const took = performance.now() - started;
    console.info(`a million messages: ${took.toFixed(0)} ms, once`);
    expect(took).toBeLessThan(15_000);
    const read = await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    expect(read.body).toMatchObject({ unread_count: 0, marked_read: 500_002 });
    await runInDurableObject(conversationObject(id), (_, { storage }) => {
      expect(storage.sql.exec("SELECT count(*) AS n FROM tallies").one().n).toBe((1_000_002 / 64) | 0);
      expect(roomOf(storage).sentNoAt(ann.user_id, seq + 4_001)).toBe(2_001);
    });
  });

  it("[UNREAD-4] the list counts without the rows of members, in a group that outgrows the conversation's row too; an older release gets them by one statement", async () => {
    const [ann, bob, ...others] = await people(
      "ann",
      "bob",
      ..."cdefghijklmnop".split("").map((name) => `few-${name}`),
    );
    const [late] = await people("late");
    const id = await group(ann, [bob, ...others]);
    const unread = async (who: Person) =>
      (await api(who, "GET", "/conversations")).body.conversations[0].unread_count;
    const isListed = (wanted: number[]) =>
      expect.poll(() => Promise.all([ann, bob, others[0] as Person].map(unread))).toEqual(wanted);
    for (const text of ["one", "two", "three"]) await say(ann, id, text);
    for (const text of ["four", "five"]) await say(bob, id, text);
    await isListed([2, 3, 5]);
    const stored = async () =>
      (
        await env.DB.prepare(
          "SELECT sent_no FROM members WHERE conversation_id = ?1 AND user_id IN (?2, ?3) ORDER BY user_id = ?3",
        )
          .bind(id, ann.user_id, bob.user_id)
          .all<{ sent_no: number }>()
      ).results.map(({ sent_no }) => sent_no);
    expect(await stored()).toEqual([0, 0]);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: late.user_id });
    await say(ann, id, "six");
    await isListed([2, 4, 6]);
    expect(await stored()).toEqual([4, 0]);
    const { message_id } = await say(late, id, "seven");
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    await isListed([3, 0, 7]);
    expect(await stored()).toEqual([4, 2]);
    await env.DB.prepare("UPDATE members SET sent_no = 0 WHERE conversation_id = ? AND user_id = ?")
      .bind(id, bob.user_id)
      .run();
    await env.DB.prepare(GOING_BACK).run();
    expect(await stored()).toEqual([4, 2]);
  });
});
