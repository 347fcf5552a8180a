import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
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
