import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import type { UnreadTotals } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import type { Conversation } from "../../src/conversation/conversation.ts";
import type { UserHub } from "../../src/user-hub/user-hub.ts";
import { alarmOf, atTime, hears, hibernate, loggedDuring, sendCommand, unlisted } from "./checks.ts";
import { faults } from "./faults.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  group,
  hubObject,
  type Person,
  people,
  say,
  type TestSocket,
} from "./kit.ts";
import { usageOf } from "./usage.ts";

const NOTHING: UnreadTotals = { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 };
const totals = (messages: number, conversations: number): UnreadTotals => {
  return { ...NOTHING, messages, conversations };
};

/** What a socket was told last. */
function toldTo(socket: TestSocket): UnreadTotals | null | undefined {
  const event = socket.all("unread.total").at(-1);
  return event ? event.data : socket.all("connection.established")[0]?.data.unread;
}

async function told(socket: TestSocket, wanted: UnreadTotals | null): Promise<void> {
  await expect.poll(() => toldTo(socket)).toEqual(wanted);
}

/** Waits until the directory has so many unread messages of somebody. */
async function listed(who: Person, messages: number): Promise<void> {
  const unread = async () => (await api(who, "GET", "/unread")).body.messages;
  await expect.poll(unread).toBe(messages);
}

/** Says something over the user's own socket, which does not wait for the directory. */
async function sayLive(socket: TestSocket, id: string, content: string): Promise<void> {
  expect(await socket.ask(sendCommand(id, content))).toMatchObject({ type: "ack" });
}

/** Says something until the conversation skips a member. */
async function skipped(id: string, who: Person, say: () => Promise<void>): Promise<void> {
  const isSkipped = async () => {
    await say();
    return await runInDurableObject(conversationObject(id) as DurableObjectStub, (_, { storage }) =>
      storage.sql.exec("SELECT 1 FROM asleep WHERE user_id = ?", who.user_id).toArray(),
    );
  };
  await expect.poll(isSkipped).toHaveLength(1);
}

afterEach(() => {
  faults.d1Down = false;
});

describe("a hub that keeps unread totals", () => {
  it("[R30 TOTAL-10] after hibernation they are right again with the next event, and with the next device", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [first, second] = [await group(ann, [bob]), await direct(ann, bob)];
    const socket = await connect(bob);
    await say(ann, first, "one");
    await told(socket, totals(1, 1));
    await hibernate(first, bob);
    await say(ann, second, "two");
    await told(socket, totals(2, 2));
    await hibernate(second, bob);
    const other = await connect(bob);
    expect(toldTo(other)).toEqual(totals(2, 2));
    await api(bob, "PATCH", `/conversations/${first}/preferences`, { is_muted: true });
    for (const device of [socket, other]) await told(device, { ...totals(1, 1), muted_messages: 1 });
  });

  it("[R30 TOTAL-19] a mute ends by itself: who is connected hears the totals at that time, also after hibernation", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "one");
    await listed(bob, 1);
    const muteUntil = async (time: number) => {
      const muted = { is_muted: true, muted_until: new Date(time).toISOString() };
      await api(bob, "PATCH", `/conversations/${id}/preferences`, muted);
    };
    const ends = Date.now() + 60_000;
    await muteUntil(ends);
    const [socket, hub] = [await connect(bob), hubObject(bob.user_id) as DurableObjectStub];
    await told(socket, { ...NOTHING, muted_messages: 1 });
    await hibernate(id, bob);
    await atTime(ends + 1, async () => {
      expect(await alarmOf(hub)).toBeLessThanOrEqual(ends);
      await runDurableObjectAlarm(hub);
      await told(socket, totals(1, 1));
    });
    // One that is set while the socket is open is noticed, too.
    await atTime(ends + 1_000, async () => {
      await muteUntil(ends + 30_000);
      await told(socket, { ...NOTHING, muted_messages: 1 });
    });
    await atTime(ends + 30_001, async () => {
      await runDurableObjectAlarm(hub);
      await told(socket, totals(1, 1));
    });
  });

  it("[R30 TOTAL-11] while D1 is down they are null and no event comes, chat goes on, and the next need brings them", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const own = await connectTo(ann, id);
    faults.d1Down = true;
    let socket: TestSocket | undefined;
    const log = await loggedDuring(async () => {
      socket = await connect(bob);
      await sayLive(own, id, "one");
      await hears(socket, "one");
    });
    if (!socket) throw new Error("no socket");
    expect(log).toContain("unread.failed");
    expect(toldTo(socket)).toBeNull();
    faults.d1Down = false;
    await expect
      .poll(
        async () => {
          await sayLive(own, id, "more");
          return socket && toldTo(socket);
        },
        { interval: 300 },
      )
      .not.toBeNull();
    const { length } = socket.all("message.new");
    await told(socket, totals(length, 1));
  });

  it("[R30 TOTAL-12] a conversation that is woken tells what the directory does not have yet", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const own = await connectTo(ann, id);
    await say(ann, id, "listed");
    await listed(bob, 1);
    await unlisted(id, async () => {
      for (const text of ["one", "two"]) await sayLive(own, id, text);
    });
    expect((await api(bob, "GET", "/unread")).body).toEqual(totals(1, 1));
    expect(toldTo(await connect(bob))).toEqual(totals(3, 1));
  });

  it("[R30 TOTAL-13] a conversation that a client asks to sync tells what a hub that has forgotten cannot know", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const [own, socket] = [await connectTo(ann, id), await connect(bob)];
    await unlisted(id, async () => {
      await sayLive(own, id, "one");
      await told(socket, totals(1, 1));
    });
    await evictDurableObject(hubObject(bob.user_id) as DurableObjectStub);
    const other = await connect(bob);
    expect(toldTo(other)).toEqual(NOTHING);
    expect(await other.ask({ type: "sync", conversations: { [id]: 0 } })).toMatchObject({ type: "ack" });
    for (const device of [socket, other]) await told(device, totals(1, 1));
  });

  it("[R30 TOTAL-14] all objects may die: whoever connects again is told the same", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const socket = await connect(bob);
    await say(ann, id, "one");
    await told(socket, totals(1, 1));
    await listed(bob, 1);
    await abortAllDurableObjects();
    expect(toldTo(await connect(bob))).toEqual(totals(1, 1));
  });

  it("[R30 TOTAL-15] an older release tells no counts and takes a time for an answer: the totals are asked for again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const socket = await connect(bob);
    await say(ann, id, "one");
    await told(socket, totals(1, 1));
    await listed(bob, 1);
    await runInDurableObject(hubObject(bob.user_id), async (hub: UserHub) => {
      expect(await hub.deliver(id, [], [])).toMatchObject({ idle: false });
    });
    await say(ann, id, "two");
    await told(socket, totals(2, 1));
    await runInDurableObject(conversationObject(id), async (conversation: Conversation) => {
      expect(await conversation.wake(bob.user_id, 1)).toEqual(expect.any(Number));
    });
  });

  it("[R30 TOTAL-16] what changes no count costs no query, also after a sleep; without a socket nothing does", async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const id = await group(ann, [bob, cat]);
    const [own, socket] = [await connectTo(ann, id), await connect(bob)];
    const { message_id } = await say(ann, id, "one");
    await told(socket, totals(1, 1));
    // What has not been noted as delivered would be asked for after the sleep.
    await own.heard((event) => event.type === "message.receipt" && event.data.user_id === bob.user_id);
    await listed(bob, 1);
    await runDurableObjectAlarm(conversationObject(id));
    await hibernate(id, bob);
    const rowsRead = async (who: Person, work: () => Promise<unknown>) => {
      return (await usageOf(who.user_id, async () => void (await work()))).d1_rows_read;
    };
    const typing = { type: "typing.start", conversation_id: id };
    expect(
      await rowsRead(bob, async () => {
        await own.ask(typing);
        await socket.heard("typing.indicator");
        await own.ask({ type: "message.react", message_id, emoji: "👍" });
        await own.ask({ type: "message.read", message_id });
      }),
    ).toBe(0);
    expect(
      await rowsRead(bob, async () => {
        await sayLive(own, id, "two");
        await told(socket, totals(2, 1));
      }),
    ).toBeGreaterThan(0);
    expect(await rowsRead(cat, () => sayLive(own, id, "three"))).toBe(0);
  });

  it("[R30 TOTAL-17] an idle hub whose object lives is not called, and knows what was said once it is woken", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const own = await connectTo(ann, id);
    let count = 0;
    const say = async (): Promise<void> => {
      await sayLive(own, id, "more");
      count += 1;
    };
    for (const isSaved of [false, true]) {
      const before = await connect(bob);
      await say();
      await told(before, totals(count, 1));
      before.close();
      await before.closed;
      await skipped(id, bob, say);
      await say();
      if (isSaved) {
        // The conversation knows that the directory has everything, and so tells nothing when it is woken.
        await listed(bob, count);
        await runDurableObjectAlarm(conversationObject(id));
      }
      const again = await connect(bob);
      await told(again, totals(count, 1));
      again.close();
      await again.closed;
    }
  });
});

describe("GET /unread", () => {
  it("[R30 TOTAL-18] reads four rows for each of the caller's memberships, whatever else there is", async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const ids = await Promise.all(Array.from({ length: 10 }, () => group(ann, [bob, cat])));
    for (const id of ids.slice(0, 5)) await say(ann, id, "hello");
    await listed(bob, 5);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const usage = await usageOf("nobody", async () => {
      expect((await api(bob, "GET", "/unread")).body).toEqual(totals(5, 5));
    });
    // The place in the index by user, the membership, the conversation, and what is added up.
    expect(usage.d1_rows_read).toBeLessThanOrEqual(4 * ids.length + 5);
    expect(usage.d1_rows_written).toBe(0);
  });
});
