import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { Stubs } from "../../src/realtime/stubs.ts";
import { hears } from "./checks.ts";
import { connect, conversationObject, direct, people, say } from "./kit.ts";

/** Ends one object on the spot, and lets all others live. */
async function abort(id: string): Promise<void> {
  const object = conversationObject(id) as DurableObjectStub;
  await runInDurableObject(object, (_, state) => state.abort("killed")).catch(() => undefined);
}

describe("objects that die while others live", () => {
  it("[STUB] a hub whose conversation has died reaches it again, over the same socket", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const [own, others] = [await connect(ann), await connect(bob)];
    const send = async (content: string) =>
      await own.ask({ type: "message.send", conversation_id: id, data: { type: "text", content } });
    for (let round = 0; round < 3; round++) {
      expect((await send(`before ${round}`)).type).toBe("ack");
      await hears(others, `before ${round}`);
      await abort(id);
      // The first call may find out that the other end has died.
      await send(`meanwhile ${round}`);
      expect((await send(`after ${round}`)).type).toBe("ack");
      await hears(others, `after ${round}`);
    }
    await say(ann, id, "the end");
    await hears(others, "the end");
  });
});

/** As many members as the largest group has by default, twice. */
const MANY = 2_000;

/** A namespace that counts how often it is asked for an object. */
function counting() {
  const made: string[] = [];
  const namespace = {
    idFromName: (name: string) => name,
    get: (name: string) => {
      made.push(name);
      return { name };
    },
  };
  return { made, stubs: new Stubs<{ name: string }>(namespace as never) };
}

describe("the stubs of many objects", () => {
  it("[GROW-7] a large group's are all kept from one message to the next", async () => {
    const { made, stubs } = counting();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < MANY; i++) await stubs.call(`hub${i}`, async () => undefined);
    }
    expect(made.length).toBe(MANY);
  });

  it("[GROW-7] one too many costs one, and not all", async () => {
    const { made, stubs } = counting();
    for (let i = 0; i < 10 * MANY; i++) await stubs.call(`hub${i}`, async () => undefined);
    made.length = 0;
    for (let i = 10 * MANY - 1; i >= 9 * MANY; i--) await stubs.call(`hub${i}`, async () => undefined);
    expect(made).toEqual([]);
    await stubs.call("hub0", async () => undefined);
    expect(made).toEqual(["hub0"]);
  });
});
