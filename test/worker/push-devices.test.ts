import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { releaseTokens } from "../../src/device-tokens.ts";
import { openDirectory } from "../../src/directory/database.ts";
import { unreleasedTokens } from "../../src/directory/device-tokens.ts";
import { expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, direct, people, say } from "./kit.ts";
import { control, logOf, newToken, phoneOf, pushesTo, rowsOf, screen, settled, shows } from "./push-kit.ts";

describe("devices (rule 27)", () => {
  it("[R27 PUSH-40] are registered, listed without their token, changed, tested and removed", async () => {
    const [bob] = await people("bob");
    const phone = await phoneOf(bob, { locale: "de", preview: "sender" });
    const { body } = await api(bob, "GET", "/devices");
    expect(body.devices).toEqual([
      {
        device_id: phone.device_id,
        platform: "ios",
        provider: "apns",
        app_id: "com.example.chat",
        environment: null,
        locale: "de",
        preview: "sender",
        is_active: true,
        registered_at: expect.any(String),
        last_pushed_at: null,
      },
    ]);
    expect(JSON.stringify(body)).not.toContain(phone.token);
    const test = await api(bob, "POST", `/devices/${phone.device_id}/test`);
    expect(test.body).toEqual({ result: "sent", provider_status: 200, detail: null });
    expect(await pushesTo(phone)).toMatchObject([{ problems: [], payload: { type: "test" } }]);
    expect((await api(bob, "DELETE", `/devices/${phone.device_id}`)).status).toBe(204);
    expectError(await api(bob, "DELETE", `/devices/${phone.device_id}`), "NOT_FOUND");
    expect((await api(bob, "GET", "/devices")).body.devices).toEqual([]);
  });

  it("[R27 PUSH-41] the same registration again changes nothing; another token takes the place of the first", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const again = await api(bob, "PUT", `/devices/${phone.device_id}`, phone.body);
    const first = (await api(bob, "GET", "/devices")).body.devices[0];
    expect(again.body).toEqual(first);
    const token = newToken();
    await api(bob, "PUT", `/devices/${phone.device_id}`, { ...phone.body, token });
    await say(ann, id, "hello");
    await shows({ ...phone, token }, "hello");
    expect(await pushesTo(phone)).toEqual([]);
  });

  it("[R27 PUSH-42] at most 25, and a dead one makes room", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const first = await phoneOf(bob);
    for (let n = 1; n < 25; n++) await api(bob, "POST", "/devices", { ...first.body, token: newToken() });
    const more = { ...first.body, token: newToken() };
    expectError(await api(bob, "POST", "/devices", more), "LIMIT_REACHED");
    await control.answer({
      provider: "apns",
      token: first.token,
      answer: { status: 410, reason: "Unregistered", timestamp: Date.now() },
    });
    await say(ann, id, "hello");
    await expect.poll(async () => (await logOf(first))[0]).toBe("failed");
    expect((await api(bob, "POST", "/devices", more)).status).toBe(201);
  });

  it("[R27 PUSH-43] a token has one owner: who registers it last. The one before hears nothing more by it", async () => {
    const [ann, bob, cem] = await people("ann", "bob", "cem");
    const [forBob, forCem] = [await direct(ann, bob), await direct(ann, cem)];
    const phone = await phoneOf(bob);
    await say(ann, forBob, "for bob");
    await shows(phone, "for bob");
    expect((await api(cem, "PUT", "/devices/same-phone", phone.body)).status).toBe(200);
    await settled(cem);
    expect((await api(bob, "GET", "/devices")).body.devices).toEqual([]);
    await say(ann, forBob, "for bob again");
    await say(ann, forCem, "for cem");
    await expect.poll(async () => JSON.stringify(await pushesTo(phone))).toContain("for cem");
    expect(JSON.stringify(await pushesTo(phone))).not.toContain("for bob again");
    // And back.
    expect((await api(bob, "PUT", `/devices/${phone.device_id}`, phone.body)).status).toBe(200);
    expect((await api(cem, "GET", "/devices")).body.devices).toEqual([]);
  });

  it("[R27 PUSH-44] while the former owner cannot be reached nobody gets the token, and it is released later", async () => {
    const [bob, cem] = await people("bob", "cem");
    const phone = await phoneOf(bob);
    faults.storageLocked = bob.user_id;
    try {
      const refused = await api(cem, "PUT", "/devices/phone", phone.body);
      expect(refused.status).toBeGreaterThanOrEqual(500);
      expect((await api(cem, "GET", "/devices")).body.devices).toEqual([]);
    } finally {
      faults.storageLocked = undefined;
    }
    expect((await unreleasedTokens(openDirectory(env.DB), 100)).flatMap(({ former }) => former)).toContain(
      bob.user_id,
    );
    await releaseTokens(env);
    expect((await api(bob, "GET", "/devices")).body.devices).toEqual([]);
    expect((await api(cem, "PUT", "/devices/phone", phone.body)).status).toBe(200);
  });

  it("[R27 PUSH-45] fifty users who register one token at once: one has it at the end", async () => {
    const crowd = await people(...Array.from({ length: 20 }, (_, n) => `crowd${n}-`));
    const token = newToken();
    const body = { platform: "ios", provider: "apns", app_id: "com.example.chat", token };
    const answers = await Promise.all(crowd.map((who) => api(who, "PUT", "/devices/phone", body)));
    for (const { status } of answers) expect([200, 409]).toContain(status);
    await releaseTokens(env);
    const lists = await Promise.all(crowd.map((who) => api(who, "GET", "/devices")));
    expect(lists.filter(({ body: list }) => list.devices.length > 0)).toHaveLength(1);
  });

  it("[R27 PUSH-46] without credentials of the provider it is 503, which says what to set; push goes on for others", async () => {
    const [bob] = await people("bob");
    const body = { platform: "ios", provider: "apns", app_id: "com.example.chat", token: newToken() };
    faults.settings = { APNS_KEY: "" };
    try {
      const refused = await api(bob, "PUT", "/devices/phone", body);
      expectError(refused, "SERVICE_UNAVAILABLE");
      expect(refused.body.message).toContain("APNS_KEY");
    } finally {
      faults.settings = {};
    }
    expect((await api(bob, "PUT", "/devices/phone", body)).status).toBe(200);
  });

  it("[R27 PUSH-47] a browser: subscribed with the server's key, it can read what comes; a clear goes with the next push", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [
      await direct(ann, bob),
      (await api(ann, "POST", "/conversations/group", { name: "G", participant_ids: [bob.user_id] })).body
        .conversation_id,
    ];
    expect((await api(bob, "GET", "/push/vapid-key")).body.public_key).toHaveLength(87);
    const subscription = await control.subscribe();
    await api(bob, "PUT", "/devices/browser", { platform: "web", provider: "webpush", subscription });
    await settled(bob);
    const token = subscription.endpoint.split("/").at(-1) ?? "";
    const browser = { owner: bob, device_id: "browser", token, body: {} };
    const { message_id } = await say(ann, id, "hello");
    await shows(browser, "hello");
    const sent = (await pushesTo(browser)).length;
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    await expect
      .poll(() => rowsOf(bob, "SELECT 1 FROM push_items WHERE pending LIKE '%clear%' AND due_at IS NULL"))
      .toBe(1);
    await say(ann, other, "and here");
    await expect.poll(async () => (await pushesTo(browser)).length).toBe(sent + 1);
    expect((await pushesTo(browser)).at(-1)?.payload).toMatchObject({
      notification: { data: { cleared: { [id]: expect.any(Number) } } },
    });
    await say(ann, other, "again");
    await expect.poll(async () => (await pushesTo(browser)).length).toBe(sent + 2);
    expect(JSON.stringify((await pushesTo(browser)).at(-1)?.payload)).not.toContain("cleared");
    expect((await screen(browser)).badge).toBe(2);
  });
});
