import { describe, expect, it } from "vitest";
import { api, connect, direct, group, people, say } from "./kit.ts";
import { decides, logOf, phoneOf, pushesTo, screen, shows } from "./push-kit.ts";

describe("what pushes (rule 27)", () => {
  it("[R27 PUSH-20] a message to who is away reaches their phone, with its text, count and badge", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(ann, id, "hello");
    await shows(phone, "hello");
    const [push] = await pushesTo(phone);
    expect(push).toMatchObject({ provider: "apns", problems: [], status: 200 });
    expect(await screen(phone)).toMatchObject({ badge: 1 });
    await say(ann, id, "and more");
    await expect.poll(async () => (await screen(phone)).badge).toBe(2);
    expect((await screen(phone)).shown).toHaveLength(1);
    expect(await logOf(phone)).toEqual(["sent", "sent"]);
  });

  it("[R27 PUSH-21] reading on another device takes it away, and the badge with it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { message_id } = await say(ann, id, "hello");
    await shows(phone, "hello");
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    await shows(phone);
    expect((await screen(phone)).badge).toBe(0);
  });

  it("[R27 PUSH-22] what is on a screen does not ring; a laptop in the foreground gets its time first", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    const laptop = await connect(bob, "/ws?device_id=laptop");
    await laptop.ask({ type: "device.state", foreground: true, conversation_id: id });
    await say(ann, id, "seen");
    await decides(phone, "active_elsewhere");
    await say(ann, other, "not seen");
    await decides(phone, "wait");
    expect(await pushesTo(phone)).toEqual([]);
  });

  it("[R27 PUSH-23] an edit replaces what is shown, a deletion takes it away", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const first = await say(ann, id, "first");
    await shows(phone, "first");
    const second = await say(ann, id, "secnod");
    await shows(phone, "secnod");
    await api(ann, "PUT", `/messages/${second.message_id}`, { content: "second" });
    await shows(phone, "second");
    await api(ann, "DELETE", `/messages/${second.message_id}?delete_for_everyone=true`);
    await shows(phone, "first");
    await api(ann, "DELETE", `/messages/${first.message_id}?delete_for_everyone=true`);
    await shows(phone);
    expect((await screen(phone)).badge).toBe(0);
  });
});
