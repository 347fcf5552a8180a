import { describe, expect, it } from "vitest";
import { api, direct, group, people, say } from "./kit.ts";
import { control, newToken, phoneOf, pushesTo, rowsOf, screen, shows } from "./push-kit.ts";

describe("what a phone shows stays right (rule 27)", () => {
  it("[R27 PUSH-93] a conversation that is muted counts on the icon no longer", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    await say(ann, id, "one");
    await say(ann, other, "two");
    await expect.poll(async () => (await screen(phone)).badge).toBe(2);
    await api(bob, "PATCH", `/conversations/${other}/preferences`, { is_muted: true });
    await expect.poll(async () => (await screen(phone)).badge).toBe(1);
  });

  it("[R27 PUSH-94] what is deleted while it is on its way does not stay on the screen", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const answer = { status: 200, delay_ms: 2_500 };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    const { message_id } = await say(ann, id, "oops");
    await expect.poll(async () => (await pushesTo(phone)).length).toBe(1);
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    await expect.poll(() => rowsOf(bob, "SELECT 1 FROM push_conversations WHERE unread_count = 0")).toBe(1);
    await shows(phone);
  });

  it("[R27 PUSH-95] an old token that dies does not kill the new one of the device", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const answer = { reason: "Unregistered", delay_ms: 1_000 };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await say(ann, id, "hello");
    await expect.poll(async () => (await pushesTo(phone)).length).toBe(1);
    const token = newToken();
    await api(bob, "PUT", `/devices/${phone.device_id}`, { ...phone.body, token });
    await say(ann, id, "again");
    await shows({ ...phone, token }, "again");
    await expect.poll(async () => (await pushesTo(phone)).at(-1)?.status).toBe(410);
    expect((await api(bob, "GET", "/devices")).body.devices).toMatchObject([{ is_active: true }]);
  });
});
