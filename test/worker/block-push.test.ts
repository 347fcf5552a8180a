import { describe, expect, it, vi } from "vitest";
import { Conversation } from "../../src/conversation/conversation.ts";
import { block, ringHub, unblock } from "./block-kit.ts";
import { api, group, people, say } from "./kit.ts";
import { control, decides, phoneOf, pushesTo, ring, rowsOf, shows } from "./push-kit.ts";

const WAITING = "SELECT 1 FROM push_items WHERE pending IS NOT NULL";

describe("push of whom one has blocked (rules 27 and 29)", () => {
  it("[BLOCK-90 PUSH-1] before the conversation knows of the block, the hub says no: `blocked`", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const phone = await phoneOf(ann);
    const spy = vi.spyOn(Conversation.prototype, "setBlocks").mockRejectedValue(new Error("unreachable"));
    try {
      await block(ann, bob);
      await say(bob, id, "by bob");
      await decides(phone, "blocked");
      await say(cid, id, "by cid");
      await shows(phone, "cid: by cid");
    } finally {
      spy.mockRestore();
    }
    expect(JSON.stringify(await pushesTo(phone))).not.toContain("by bob");
  });

  it("[BLOCK-91] what waits to be sent is not sent any more", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const phone = await phoneOf(ann);
    const answer = { reason: "ServiceUnavailable", status: 503, headers: { "retry-after": "3" } };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await say(bob, id, "waits");
    await decides(phone, "retry");
    expect(await rowsOf(ann, WAITING)).toBe(1);
    await block(ann, bob);
    await expect.poll(() => rowsOf(ann, WAITING)).toBe(0);
    await ringHub(ann, 10_000);
    const accepted = (await pushesTo(phone)).filter(({ status }) => status === 200);
    expect(JSON.stringify(accepted.map(({ payload }) => payload))).not.toContain("waits");
  });

  it("[BLOCK-92] after the end of the block they push again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const phone = await phoneOf(ann);
    await block(ann, bob);
    await say(bob, id, "unheard");
    await ring(id, ann);
    await unblock(ann, bob);
    await say(bob, id, "heard");
    await shows(phone, "bob: heard");
    expect((await api(ann, "GET", "/blocks")).body.blocks).toEqual([]);
  });
});
