import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { newConversationId } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../src/conversation/conversation.ts";
import type { Caller } from "../../src/domain/caller.ts";
import { block } from "./blocks-kit.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  group,
  type Person,
  people,
  say,
  type TestSocket,
} from "./kit.ts";
import { type Phone, phoneOf, pushesTo } from "./push-kit.ts";
import { quiet, type Usage, usageOf } from "./usage.ts";

const MESSAGES = 5;

/** What one message costs when it is sent by itself: medians, since objects of other tests may still be at work. */
async function costOfMessage(sender: Person, id: string, listeners: TestSocket[]): Promise<Usage> {
  const usages: Usage[] = [];
  // The first one warms up.
  for (let i = -1; i < MESSAGES; i++) {
    const usage = await usageOf(id, async () => {
      await say(sender, id, `message ${i}`);
      await settle(listeners, `message ${i}`);
    });
    if (i >= 0) usages.push(usage);
  }
  const median = (key: keyof Usage) =>
    usages.map((usage) => usage[key]).sort((a, b) => a - b)[Math.floor(MESSAGES / 2)] ?? Number.NaN;
  return {
    object_requests: median("object_requests"),
    alarms_set: median("alarms_set"),
    object_statements: median("object_statements"),
    object_rows_read: median("object_rows_read"),
    object_rows_written: median("object_rows_written"),
    d1_rows_read: median("d1_rows_read"),
    d1_rows_written: median("d1_rows_written"),
  };
}

/** Waits until everybody has heard it, and receipts and the projection are written. */
async function settle(listeners: TestSocket[], content: string): Promise<void> {
  await Promise.all(
    listeners.map((socket) =>
      socket.heard((event) => event.type === "message.new" && event.data.content === content),
    ),
  );
  await quiet();
}

/** Figures may fall; a rise is a regression, or a decision that docs/cost.md has to tell. */
function expectAtMost(usage: Usage, limits: Partial<Usage>): void {
  for (const [key, limit] of Object.entries(limits)) {
    expect([key, usage[key as keyof Usage]]).toSatisfy(([, value]: [string, number]) => value <= limit);
  }
}

describe("what a message costs (docs/cost.md)", () => {
  it("[COST-1] in a direct chat, both at the conversation's own socket", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const usage = await costOfMessage(ann, id, [await connectTo(ann, id), await connectTo(bob, id)]);
    console.info("direct, own sockets", JSON.stringify(usage));
    expectAtMost(usage, {
      object_requests: 1,
      alarms_set: 1,
      object_rows_read: 6,
      object_rows_written: 2,
      d1_rows_read: 10,
      d1_rows_written: 5,
    });
  });

  it("[COST-2] in a direct chat, both at their user's socket", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const usage = await costOfMessage(ann, id, [await connect(ann), await connect(bob)]);
    console.info("direct, user's sockets", JSON.stringify(usage));
    expectAtMost(usage, {
      object_requests: 4,
      alarms_set: 1,
      object_rows_read: 6,
      object_rows_written: 2,
      d1_rows_read: 10,
      d1_rows_written: 5,
    });
  });

  it("[COST-3] in a group of 10, of whom 3 are online", async () => {
    const [owner, ...others] = await people(..."abcdefghij".split("").map((letter) => `user-${letter}`));
    if (!owner) throw new Error("nobody");
    const id = await group(owner, others);
    const sockets = await Promise.all(others.slice(0, 3).map((who) => connect(who)));
    const usage = await costOfMessage(owner, id, sockets);
    console.info("group of 10, 3 online", JSON.stringify(usage));
    expectAtMost(usage, {
      object_requests: 5,
      alarms_set: 1,
      object_rows_read: 6,
      object_rows_written: 2,
      d1_rows_read: 10,
      d1_rows_written: 5,
    });
  });
});

function usageAt(usages: Usage[], index: number): Usage {
  return usages[index] ?? expect.fail("not measured");
}

describe("what blocks cost (rule 29)", () => {
  it("[R29 BLOCK-18] a message where people have blocked each other costs no row more, whoever says it", async () => {
    const [ann, bob, xen] = await people("ann", "bob", "xen");
    const cost = async (blocks: [Person, Person][]) => {
      const id = await group(ann, [bob, xen]);
      for (const [blocker, blocked] of blocks) await block(id, blocker, blocked);
      const usages: Usage[] = [];
      for (const sender of [ann, xen]) {
        const sockets = [await connectTo(ann, id), await connect(ann)];
        const others = [await connectTo(bob, id), await connect(bob)];
        usages.push(await costOfMessage(sender, id, sockets));
        for (const socket of [...sockets, ...others]) socket.close();
      }
      return usages;
    };
    const [before, after] = [
      await cost([]),
      await cost([
        [bob, xen],
        [bob, ann],
        [xen, bob],
      ]),
    ];
    console.info("blocks", JSON.stringify([before, after]));
    for (const [index, usage] of after.entries()) {
      const { object_rows_written, d1_rows_written, alarms_set } = usageAt(before, index);
      expectAtMost(usage, { object_rows_written, d1_rows_written, alarms_set });
      // Receipts of a group may fall into one message and not into the other.
      const { object_statements, object_rows_read, d1_rows_read } = usageAt(before, index);
      expectAtMost(usage, {
        object_statements: object_statements + 1,
        object_rows_read: object_rows_read + 2,
        d1_rows_read: d1_rows_read + 2,
      });
    }
  });
});

describe("what a conversation costs beside its messages (docs/cost.md)", () => {
  it("[COST-5] sixteen messages by themselves: a mark for /sync twice, and in a direct chat no tally", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const listeners = [await connectTo(ann, id), await connectTo(bob, id)];
    await usageOf(id, async () => {
      await say(ann, id, "warm");
      await settle(listeners, "warm");
    });
    await runDurableObjectAlarm(conversationObject(id));
    const usage = await usageOf(id, async () => {
      for (let i = 0; i < 16; i++) {
        await say(ann, id, `message ${i}`);
        await settle(listeners, `message ${i}`);
      }
    });
    console.info("direct, 16 messages", JSON.stringify(usage));
    // One or two alarms ring meanwhile.
    expectAtMost(usage, { object_rows_written: 16 * 2 + 2, d1_rows_written: 16 * 5 + 2 });
  });

  it("[COST-6] the alarm that follows writes one row", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const listeners = [await connect(ann), await connect(bob)];
    const written: number[] = [];
    for (const text of ["first", "second", "third"]) {
      await usageOf(id, async () => {
        await say(ann, id, text);
        await settle(listeners, text);
      });
      const usage = await usageOf(id, async () => {
        expect(await runDurableObjectAlarm(conversationObject(id))).toBe(true);
      });
      written.push(usage.object_rows_written);
    }
    // The first makes the row, and its place in an index.
    expect(written).toEqual([2, 1, 1]);
  });
});

describe("what push costs (docs/cost.md)", () => {
  /** Counts what the conversation and a hub use for a message, until a phone shows it. */
  async function costOfPush(sender: Person, id: string, phone: Phone, text: string) {
    const hub = phone.owner.user_id;
    const shown = async () => JSON.stringify(await pushesTo(phone)).includes(text);
    const usage = async (of: string, content: string) =>
      await usageOf(of, async () => {
        await say(sender, id, content);
        await expect.poll(shown).toBe(true);
        await new Promise((resolve) => setTimeout(resolve, 1_300));
      });
    return { conversation: await usage(id, `${text}`), hub: await usage(hub, `${text} again`) };
  }

  it("[COST-7] a member with a phone that sleeps adds one call of the conversation; the others none", async () => {
    const [ann, bob, cem] = await people("ann", "bob", "cem");
    const id = await group(ann, [bob, cem]);
    const before = await costOfMessage(ann, id, []);
    const phone = await phoneOf(bob);
    await say(ann, id, "warm");
    await expect.poll(async () => (await pushesTo(phone)).length).toBe(1);
    const usage = await costOfPush(ann, id, phone, "hello");
    console.info("asleep, with a phone", JSON.stringify({ before, ...usage }));
    expect(usage.conversation.object_requests).toBe(before.object_requests + 1);
    expectAtMost(usage.conversation, { object_rows_written: before.object_rows_written + 1 });
    expectAtMost(usage.hub, { object_rows_written: 5, alarms_set: 1, d1_rows_read: 20, d1_rows_written: 8 });
  });

  it("[COST-8] a group of 41 of whom ten have phones: a call for each of the ten", async () => {
    const [ann, ...others] = await people("ann", ...Array.from({ length: 40 }, (_, n) => `crowd${n}-`));
    const id = await group(ann as Person, others as Person[]);
    const phones = await Promise.all((others as Person[]).slice(0, 10).map((who) => phoneOf(who)));
    const shown = async () => (await Promise.all(phones.map(pushesTo))).map((pushes) => pushes.length);
    const saying = async (content: string, count: number) => {
      await say(ann as Person, id, content);
      await expect.poll(shown, { timeout: 20_000 }).toEqual(Array(10).fill(count));
      await quiet(500);
    };
    await usageOf(id, async () => await saying("warm", 1));
    const usage = await usageOf(id, async () => await saying("hello", 2));
    expectAtMost(usage, { object_requests: 1 + 10 });
  });
});

describe("what push costs a large group (docs/cost.md)", () => {
  it("[COST-9] a thousand members of whom 300 want to hear of everything: 300 calls, a few at a time, and the sender waits for none", async () => {
    const [ann] = await people("ann");
    const strangers = Array.from({ length: 999 }, (_, n) => ({
      user_id: crypto.randomUUID(),
      username: `stranger${n}`,
      display_name: "Stranger",
      profile_photo_url: null,
      profile_version: 1,
    }));
    const conversation_id = newConversationId();
    await runInDurableObject(conversationObject(conversation_id), async (object: Conversation) => {
      const creator = { ...strangers[0], user_id: ann.user_id, username: ann.username } as Caller;
      const beginning = { type: "group" as const, name: "Large", description: null };
      await object.create({ conversation_id, ...beginning, creator, others: strangers });
    });
    await say(ann, conversation_id, "warm");
    const asleep = () =>
      runInDurableObject(conversationObject(conversation_id) as DurableObjectStub, (_, { storage }) =>
        Number(storage.sql.exec("SELECT count(*) AS n FROM asleep").one().n),
      );
    await expect.poll(asleep, { timeout: 200_000 }).toBe(1_000);
    for (const { user_id } of strangers.slice(0, 300)) {
      await runInDurableObject(conversationObject(conversation_id), async (object: Conversation) => {
        await object.pushState(user_id, 0, { word: "all", version: 1 });
      });
    }
    let answered = 0;
    const usage = await usageOf(conversation_id, async () => {
      const start = performance.now();
      await say(ann, conversation_id, "hello");
      answered = performance.now() - start;
      await quiet(1_000);
    });
    console.info("1,000 members, 300 with devices", JSON.stringify({ answered, ...usage }));
    expect(usage.object_requests).toBeGreaterThanOrEqual(300);
    expectAtMost(usage, { object_requests: 305 });
  }, 300_000);
});

describe("what a change costs a group, by its members", () => {
  /** The least of two measurements, for each deed: a batch of the directory or a round of receipts may fall into one. */
  async function leastIn(
    others: Person[],
  ): Promise<Pick<Usage, "object_statements" | "object_rows_written">[]> {
    const [first, second] = [await costsIn(others), await costsIn(others)];
    return first.map((usage, index) => ({
      object_statements: Math.min(usage.object_statements, second[index]?.object_statements ?? 0),
      object_rows_written: Math.min(usage.object_rows_written, second[index]?.object_rows_written ?? 0),
    }));
  }

  /** What deleting, editing and sending cost in a group of so many, who have read nothing. */
  async function costsIn(others: Person[]): Promise<Usage[]> {
    const [ann] = await people("ann");
    const id = await group(ann, others);
    const calling = { metadata: { mentions: ["@all"] } };
    const sent = await say(ann, id, "hello");
    const called = await say(ann, id, "hello all", calling);
    const of = (message: { message_id: string }) => `/messages/${message.message_id}`;
    const deeds = [
      () => api(ann, "DELETE", `${of(sent)}?delete_for_everyone=true`),
      () => api(ann, "DELETE", `${of(called)}?delete_for_everyone=true`),
      () => say(ann, id, "all of you", calling),
      async () => {
        const again = await say(ann, id, "to nobody");
        await api(ann, "PUT", of(again), { content: "to everybody", ...calling });
      },
    ];
    const usages: Usage[] = [];
    for (const deed of deeds) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      usages.push(await usageOf(id, async () => void (await deed())));
    }
    return usages;
  }

  it("[R17 COST-4] deleting for everyone, @all and an edit that calls everybody: as many statements for 3 members as for 30", async () => {
    const crowd = await people(...Array.from({ length: 29 }, (_, index) => `crowd${index}-`));
    const [few, many] = [await leastIn(crowd.slice(0, 2)), await leastIn(crowd)];
    for (const [index, usage] of many.entries()) {
      const { object_statements = 0, object_rows_written = 0 } = few[index] ?? {};
      // A batch of the directory, or a round of receipts, may still fall into one and not into the other.
      expect(usage.object_statements).toBeLessThanOrEqual(object_statements + 8);
      // A member's row and its place in the index by revision.
      expect(usage.object_rows_written).toBeLessThanOrEqual(object_rows_written + 4 * 27);
    }
  });
});
