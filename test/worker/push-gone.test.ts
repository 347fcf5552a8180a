import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { api, conversationObject, direct, people, say } from "./kit.ts";
import { phoneOf, ring, shows } from "./push-kit.ts";

describe("what is gone leaves the screen (rule 27)", () => {
  it("[R27 PUSH-110] also if the conversation was put away after it pushed, and forgot what the hub knows", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(ann, id, "left");
    const { message_id } = await say(ann, id, "oops");
    await shows(phone, "oops");
    // The position of the notes is saved by the alarm, later.
    await evictDurableObject(conversationObject(id));
    expect((await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`)).status).toBe(204);
    await ring(id, bob);
    await shows(phone, "left");
  });

  it("[R27 PUSH-110] an edit after that is shown, too", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { message_id } = await say(ann, id, "wrong");
    await shows(phone, "wrong");
    await evictDurableObject(conversationObject(id));
    await api(ann, "PUT", `/messages/${message_id}`, { content: "right" });
    await ring(id, bob);
    await shows(phone, "right");
  });
});
