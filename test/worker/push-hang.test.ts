/** A provider that does not answer holds up nobody else (rule 27). */
import { describe, expect, it } from "vitest";
import { api, direct, group, people, say } from "./kit.ts";
import { control, decides, logOf, phoneOf, pushesTo, screen, settled, shows } from "./push-kit.ts";

/** The next pushes to a phone are not answered. */
async function hang(token: string, times: number): Promise<void> {
  await control.answer({ provider: "apns", token, times, answer: { behaviour: "hang" } });
}

describe("while a provider hangs (rule 27)", () => {
  it("[R27 PUSH-119] what is said then, and what is tried again, reaches the user's other phone as ever", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const [slow, fast] = [await phoneOf(bob), await phoneOf(bob)];
    await hang(slow.token, 9);
    const answer = { reason: "TooManyRequests", status: 429, headers: { "retry-after": "1" } };
    await control.answer({ provider: "apns", token: fast.token, times: 1, answer });
    await say(ann, id, "first");
    await decides(fast, "retry");
    await shows(fast, "first");
    for (const text of ["second", "third"]) {
      await say(ann, id, text);
      await shows(fast, text);
    }
    await say(ann, other, "elsewhere");
    await shows(fast, "third", "ann: elsewhere");
    expect((await screen(slow)).shown).toEqual([]);
    expect(await logOf(slow)).toEqual([]);
  });

  it("[R27 PUSH-120] an alarm does not wait for it: the next one can ring", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const answer = { reason: "ServiceUnavailable", status: 503, headers: { "retry-after": "1" } };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await hang(phone.token, 1);
    await say(ann, id, "hello");
    await decides(phone, "retry");
    await expect.poll(async () => (await pushesTo(phone)).length).toBe(2);
    const began = Date.now();
    await settled(bob);
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  it("[R27 PUSH-121] a provider of which every phone hangs, with much to send, leaves room for a browser", async () => {
    const [ann, bob] = await people("ann", "bob");
    const ids = await Promise.all(Array.from({ length: 4 }, () => group(ann, [bob])));
    const phones = [await phoneOf(bob), await phoneOf(bob)];
    for (const { token } of phones) await hang(token, 9);
    const subscription = await control.subscribe();
    await api(bob, "PUT", "/devices/browser", { platform: "web", provider: "webpush", subscription });
    await settled(bob);
    const token = subscription.endpoint.split("/").at(-1) ?? "";
    await Promise.all(ids.map((id) => say(ann, id, "hello")));
    await expect.poll(() => control.pushes({ token })).toHaveLength(4);
    for (const phone of phones) expect((await screen(phone)).shown).toEqual([]);
  });
});
