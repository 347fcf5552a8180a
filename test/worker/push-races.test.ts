import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { claimToken, forgetTokens } from "../../src/directory/device-tokens.ts";
import { api, direct, group, hubObject, people, say } from "./kit.ts";
import {
  control,
  decides,
  newToken,
  phoneOf,
  pushesTo,
  ring,
  rowsOf,
  screen,
  settled,
  shows,
} from "./push-kit.ts";

describe("tokens that go round (rule 27)", () => {
  it("[R27 PUSH-80] a phone goes to another user, who signs out, and back: its first owner gets it at once", async () => {
    const [bob, cem] = await people("bob", "cem");
    const phone = await phoneOf(bob);
    for (let n = 0; n < 3; n++) {
      expect((await api(cem, "PUT", "/devices/same", phone.body)).status).toBe(200);
      expect((await api(bob, "PUT", `/devices/${phone.device_id}`, phone.body)).status).toBe(200);
    }
    expect((await api(cem, "PUT", "/devices/same", phone.body)).status).toBe(200);
    expect((await api(cem, "DELETE", "/devices/same")).status).toBe(204);
    await expect.poll(async () => await ownersOf(cem.user_id)).toBe(0);
    expect((await api(bob, "PUT", `/devices/${phone.device_id}`, phone.body)).status).toBe(200);
  });

  it("[R27 PUSH-81] a late sign-out does not make the directory forget who has signed in again since", async () => {
    const [bob, cem] = await people("bob", "cem");
    const db = openDirectory(env.DB);
    const hash = newToken();
    const before = await claimToken(db, hash, bob.user_id, "phone", Date.now());
    await claimToken(db, hash, bob.user_id, "phone", Date.now());
    expect(await forgetTokens(db, [before], bob.user_id)).toEqual([]);
    // Otherwise nobody would tell the hub of the one before to give it up.
    const { former } = await claimToken(db, hash, cem.user_id, "phone", Date.now());
    expect(former).toEqual([bob.user_id]);
  });
});

describe("while a push is on its way (rule 27)", () => {
  it("[R27 PUSH-82] the token changes, and the old one turns out dead: the new one gets it, and lives", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const answer = { status: 410, reason: "Unregistered", timestamp: Date.now() + 60_000, delay_ms: 700 };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await say(ann, id, "hello");
    await expect.poll(async () => (await pushesTo(phone)).length).toBe(1);
    const renewed = { ...phone, token: newToken() };
    const body = { ...phone.body, token: renewed.token };
    expect((await api(bob, "PUT", `/devices/${phone.device_id}`, body)).status).toBe(200);
    await shows(renewed, "hello");
    expect((await api(bob, "GET", "/devices")).body.devices).toMatchObject([{ is_active: true }]);
  });

  it("[R27 PUSH-92] another user registers the token: they get it when nothing of the one before can come any more", async () => {
    const [ann, bob, cem] = await people("ann", "bob", "cem");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    // The push is tried a second time then.
    const answer = { behaviour: "reset", delay_ms: 1_000 } as const;
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await say(ann, id, "for bob alone");
    await expect.poll(async () => (await pushesTo(phone)).length).toBe(1);
    expect((await api(cem, "PUT", "/devices/phone", phone.body)).status).toBe(200);
    const before = await pushesTo(phone);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await pushesTo(phone)).toEqual(before);
  });

  it("[R27 PUSH-83] the message is deleted: the phone shows it no longer", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const answer = { status: 200, delay_ms: 1_000 };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    const { message_id } = await say(ann, id, "oh no");
    await expect.poll(async () => (await pushesTo(phone)).length).toBe(1);
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    await decides(phone, "sent");
    await shows(phone);
    expect((await screen(phone)).badge).toBe(0);
  });

  it("[R27 PUSH-84] the message is edited: the phone shows what it says now", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const answer = { status: 200, delay_ms: 1_000 };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    const { message_id } = await say(ann, id, "wrong");
    await expect.poll(async () => (await pushesTo(phone)).length).toBe(1);
    await api(ann, "PUT", `/messages/${message_id}`, { content: "right" });
    await shows(phone, "right");
  });

  it("[R27 PUSH-85] what is to replace a deleted message is deleted too: the newest that is left is shown", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(ann, id, "left");
    const [first, second] = [await say(ann, id, "first"), await say(ann, id, "second")];
    await shows(phone, "second");
    const answer = { reason: "ServiceUnavailable", status: 503, headers: { "retry-after": "1" } };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await api(ann, "DELETE", `/messages/${second.message_id}?delete_for_everyone=true`);
    await decides(phone, "retry");
    await api(ann, "DELETE", `/messages/${first.message_id}?delete_for_everyone=true`);
    await shows(phone, "left");
  });
});

describe("a token that died (rule 27)", () => {
  it("[R27 PUSH-86] costs no more calls, and after its registration the badge speaks of all", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    const answer = { status: 410, reason: "Unregistered", timestamp: Date.now() + 60_000 };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await say(ann, id, "lost");
    await decides(phone, "failed");
    const query = "SELECT 1 FROM push_conversations WHERE word = 'none' AND is_told";
    await expect.poll(() => rowsOf(bob, query)).toBeGreaterThan(0);
    await say(ann, id, "lost too");
    await api(bob, "PUT", `/devices/${phone.device_id}`, phone.body);
    await settled(bob);
    await say(ann, other, "back");
    await shows(phone, "ann: back");
    expect((await screen(phone)).badge).toBe(3);
  });
});

describe("conversations and hubs that learn of each other (rule 27)", () => {
  it("[R27 PUSH-87] a new group whose members all have phones pushes to each of them at once", async () => {
    const [ann, ...crowd] = await people("ann", ...Array.from({ length: 8 }, (_, n) => `member${n}-`));
    const phones = await Promise.all(crowd.map((who) => phoneOf(who)));
    await group(ann, crowd);
    const isHere = async () => (await Promise.all(phones.map(pushesTo))).filter((got) => got.length > 0);
    await expect.poll(async () => (await isHere()).length, { timeout: 5_000 }).toBe(8);
  });

  it("[R27 PUSH-88] who was removed, and is added again while away, hears of it and of what is said", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const phone = await phoneOf(bob);
    await say(ann, id, "before");
    await shows(phone, "ann: before");
    await api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
    await shows(phone);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_ids: [bob.user_id] });
    await say(ann, id, "welcome back");
    await shows(phone, "ann: welcome back");
  });

  it("[R27 PUSH-89] a mute holds for who is removed and added again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await group(ann, [bob]), await direct(ann, bob)];
    const phone = await phoneOf(bob);
    await api(bob, "PATCH", `/conversations/${id}/preferences`, { is_muted: true });
    await settled(bob);
    await api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
    await ring(id, bob);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_ids: [bob.user_id] });
    await ring(id, bob);
    await say(ann, id, "not heard");
    await ring(id, bob);
    await say(ann, other, "heard");
    await shows(phone, "heard");
    expect((await screen(phone)).badge).toBe(1);
  });

  it("[R27 PUSH-90] what is set while the hub reads the settings from the directory counts", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const token = newToken();
    const device = { platform: "ios", provider: "apns", app_id: "com.example.chat", token } as const;
    const wanted = { device_id: "phone", device, token_hash: token, token_version: 1 };
    const hub = hubObject(bob.user_id);
    const choice = { is_muted: true, muted_until: null, push_level: null };
    await Promise.all([
      hub.askPush(bob.user_id, "register", wanted),
      hub.preferencesChanged(bob.user_id, id, choice, "{}"),
    ]);
    await settled(bob);
    expect(await rowsOf(bob, "SELECT 1 FROM push_conversations WHERE is_muted")).toBe(1);
  });

  it("[R27 PUSH-91] level none with one conversation that pushes: the badge speaks of all the same", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    const { message_id } = await say(ann, other, "one");
    await shows(phone, "ann: one");
    await api(bob, "PATCH", "/push-preferences", { level: "none" });
    await api(bob, "PATCH", `/conversations/${id}/preferences`, { push_level: "all" });
    await settled(bob);
    await api(bob, "PUT", `/conversations/${other}/read`, { up_to_message_id: message_id });
    await ring(other, bob);
    await say(ann, id, "two");
    await expect.poll(async () => JSON.stringify(await pushesTo(phone))).toContain("two");
    expect((await screen(phone)).badge).toBe(1);
  });
});

/** How many tokens the directory knows of a user. */
async function ownersOf(userId: string): Promise<number> {
  const { results } = await env.DB.prepare("SELECT 1 FROM device_tokens WHERE user_id = ?")
    .bind(userId)
    .all();
  return results.length;
}
