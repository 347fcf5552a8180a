import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Conversation } from "../../src/conversation/conversation.ts";
import type { Caller } from "../../src/domain/caller.ts";
import { UserHub } from "../../src/user-hub/user-hub.ts";
import { hears, hibernate } from "./checks.ts";
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
} from "./kit.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The members that a conversation skips. */
async function asleepIn(id: string): Promise<string[]> {
  return await runInDurableObject(conversationObject(id) as DurableObjectStub, (_, state) =>
    state.storage.sql
      .exec<{ user_id: string }>("SELECT user_id FROM asleep")
      .toArray()
      .map((row) => row.user_id),
  );
}

/** Waits until the conversation skips exactly these people. */
async function skips(id: string, ...who: Person[]): Promise<void> {
  const wanted = who.map((person) => person.user_id).sort();
  for (let i = 0; i < 200; i++) {
    const now = (await asleepIn(id)).sort();
    if (JSON.stringify(now) === JSON.stringify(wanted)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect((await asleepIn(id)).sort()).toEqual(wanted);
}

describe("asleep and wake", () => {
  it("[HIBERNATE] who has no socket is skipped after the first delivery, and hears again once connected", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const own = await connect(ann);
    await say(ann, id, "one");
    await skips(id, bob);
    const hub = await connect(bob);
    await skips(id);
    await say(ann, id, "two");
    await hears(hub, "two");
    await hears(own, "two");
    expect(hub.all("message.new").map((event) => event.data.content)).toEqual(["two"]);
  });

  it("[HIBERNATE] the skipping survives the conversation's sleep, and so does the waking", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "one");
    await skips(id, ann, bob);
    await hibernate(id, ann, bob);
    await skips(id, ann, bob);
    await say(ann, id, "two");
    const hub = await connect(bob);
    await skips(id, ann);
    await hibernate(id, ann, bob);
    await say(ann, id, "three");
    await hears(hub, "three");
    await skips(id, ann);
  });

  it("[HIBERNATE] after a crash of every object a reconnecting client hears everything again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const lost = [await connect(bob), await connectTo(bob, id)];
    const kept = await say(ann, id, "before the crash");
    await Promise.all(lost.map((socket) => hears(socket, "before the crash")));
    await abortAllDurableObjects();
    for (const socket of lost) await socket.closed;
    // Nobody is there: the hub says so, whatever it was before.
    const missed = await say(ann, id, "missed");
    expect(missed.seq).toBe(kept.seq + 1);
    await skips(id, ann, bob);
    await abortAllDurableObjects();
    const [hub, own] = [await connect(bob), await connectTo(bob, id)];
    await skips(id, ann);
    await say(ann, id, "after the crash");
    await hears(hub, "after the crash");
    await hears(own, "after the crash");
    const history = (await api(bob, "GET", `/conversations/${id}/messages`)).body.messages;
    expect(history.map((message: { content: string }) => message.content)).toEqual([
      "after the crash",
      "missed",
      "before the crash",
    ]);
  });

  it("[HIBERNATE] connecting and disconnecting again and again loses nothing that was said while connected", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    for (let round = 0; round < 5; round++) {
      // Said at the same moment: it may or may not be heard, but it must not leave bob asleep.
      const [hub] = await Promise.all([connect(bob), say(ann, id, `meanwhile ${round}`)]);
      await say(ann, id, `round ${round}`);
      await hears(hub, `round ${round}`);
      hub.close();
      await hub.closed;
      if (round % 2 === 0) await hibernate(id, bob);
    }
  });

  it("[HIBERNATE] a connect wakes every conversation that skips the user", async () => {
    const [ann, bob] = await people("ann", "bob");
    const ids = await Promise.all(Array.from({ length: 5 }, (_, i) => group(ann, [bob], `Group ${i}`)));
    await Promise.all(ids.map((id) => skips(id, ann, bob)));
    const hub = await connect(bob);
    await Promise.all(ids.map((id) => skips(id, ann)));
    await Promise.all(ids.map((id) => say(ann, id, `to ${id}`)));
    await Promise.all(ids.map((id) => hears(hub, `to ${id}`)));
  });
});

describe("many conversations to wake", () => {
  it("[WAKE-10] a socket opens before all are awake, and is told to ask where something was said in between", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [silent, lively] = [await direct(ann, bob), await group(ann, [bob])];
    for (const id of [silent, lively]) {
      await say(ann, id, "one");
      await skips(id, ann, bob);
    }
    // Both objects answer late: what is said in between is said to nobody's socket.
    const { release } = holdWakes(silent, lively);
    const socket = await connect(bob);
    await say(ann, lively, "two");
    release();
    await socket.heard((event) => event.type === "sync.required" && event.conversation_id === lively);
    await skips(silent, ann);
    await say(ann, silent, "three");
    await hears(socket, "three");
  });

  it("[WAKE-11] who leaves while a conversation is woken late is woken again when they come back", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "one");
    await skips(id, ann, bob);
    const wake = Conversation.prototype.wake;
    const spy = vi.spyOn(Conversation.prototype, "wake");
    try {
      spy.mockRejectedValue(new Error("not now"));
      const socket = await connect(bob);
      // The alarm wakes it, but that is answered late: meanwhile the socket closes, and something is said.
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      spy.mockImplementation(async function late(this: Conversation, ...call) {
        const answer = await wake.apply(this, call);
        await released;
        return answer;
      });
      const alarm = runDurableObjectAlarm(hubObject(bob.user_id));
      await skips(id, ann);
      socket.close();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await say(ann, id, "two");
      await new Promise((resolve) => setTimeout(resolve, 200));
      release();
      await alarm;
    } finally {
      spy.mockRestore();
    }
    await skips(id, ann, bob);
    const back = await connect(bob);
    await say(ann, id, "three");
    await hears(back, "three");
  });

  it("[WAKE-12] what is delivered while a socket opens reaches it, whichever conversation it comes from", async () => {
    const [ann, bob, cem] = await people("ann", "bob", "cem");
    const [idle, awake] = [await direct(ann, bob), await group(ann, [bob, cem])];
    const before = await connect(bob);
    await skips(idle, ann);
    await skips(awake, ann, cem);
    before.close();
    await before.closed;
    await say(ann, idle, "one");
    await skips(idle, ann, bob);
    // The hub opens the socket as soon as the idle conversation is awake. Events of the others arrive until then.
    const { reached, release } = holdWakes(idle);
    const { arrived } = nextDelivery(bob.user_id);
    const connecting = connect(bob);
    await reached;
    await say(ann, awake, "two");
    await arrived;
    release();
    const socket = await connecting;
    await hears(socket, "two");
    await skips(awake, ann, cem);
    await say(ann, awake, "three");
    await hears(socket, "three");
  });
});

/** A call to a member's hub that delivers events: it has arrived there, and may wait. */
function nextDelivery(userId: string): { arrived: Promise<void> } {
  const deliver = UserHub.prototype.deliver;
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const spy = vi.spyOn(UserHub.prototype, "deliver");
  spy.mockImplementation(function noted(this: UserHub & { ctx: DurableObjectState }, ...call) {
    // Hubs of other tests may still be at work.
    if (this.ctx.id.name === userId) {
      spy.mockRestore();
      resolve();
    }
    return deliver.apply(this, call);
  });
  return { arrived };
}

/**
 * Keeps the calls that wake a member from these conversations until they are released.
 * @returns `reached` resolves when the first such call has come.
 */
function holdWakes(...ids: string[]): { reached: Promise<void>; release(): void } {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const wake = Conversation.prototype.wake;
  const spy = vi.spyOn(Conversation.prototype, "wake");
  spy.mockImplementation(async function held(this: Conversation, ...call) {
    const id = await this.execute({ user_id: call[0] } as Caller, {
      operation: "getConversation",
      conversation_id: "any",
      input: {},
    });
    if (id.ok && ids.includes(id.body.conversation_id)) {
      reach();
      await released;
    }
    return await wake.apply(this, call);
  });
  return {
    reached,
    release: () => {
      spy.mockRestore();
      release();
    },
  };
}
