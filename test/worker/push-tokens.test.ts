/** Whose token it is, and what the directory keeps of tokens that nobody has (rule 27). */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { releaseTokens } from "../../src/device-tokens.ts";
import { atTime, expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, direct, type Person, people, say } from "./kit.ts";
import { control, newToken, phoneOf, rowsOf, settled, shows } from "./push-kit.ts";

afterEach(() => {
  faults.storageLocked = undefined;
  faults.d1Down = false;
  faults.settings = {};
});

/** Tokens that the directory has for a user. */
async function tokensOf({ user_id }: Person): Promise<number> {
  const rows = await env.DB.prepare("SELECT 1 FROM device_tokens WHERE user_id = ?").bind(user_id).all();
  return rows.results.length;
}

describe("a token that another user could not take (rule 27)", () => {
  it("[R27 PUSH-122] its first owner registers again, without any change: they are the last, and keep it", async () => {
    const [ann, bob, cem] = await people("ann", "bob", "cem");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const again = () => api(bob, "PUT", `/devices/${phone.device_id}`, phone.body);
    faults.storageLocked = bob.user_id;
    expect((await api(cem, "PUT", "/devices/phone", phone.body)).status).toBeGreaterThanOrEqual(500);
    faults.storageLocked = undefined;
    expect((await again()).status).toBe(200);
    await releaseTokens(env);
    expect((await api(bob, "GET", "/devices")).body.devices).toHaveLength(1);
    expect([await tokensOf(bob), await tokensOf(cem)]).toEqual([1, 0]);
    await say(ann, id, "still here");
    await shows(phone, "still here");
  });

  it("[R27 PUSH-123] nobody says that a device is registered while it cannot be known whose it is", async () => {
    const [bob] = await people("bob");
    const phone = await phoneOf(bob);
    faults.d1Down = true;
    expectError(await api(bob, "PUT", `/devices/${phone.device_id}`, phone.body), "SERVICE_UNAVAILABLE");
    faults.d1Down = false;
    expect((await api(bob, "PUT", `/devices/${phone.device_id}`, phone.body)).status).toBe(200);
  });

  it("[R27 PUSH-124] a registration for which there is no room takes the token from nobody", async () => {
    const [bob, cem] = await people("bob", "cem");
    const phone = await phoneOf(bob);
    for (let n = 0; n < 25; n++) await api(cem, "POST", "/devices", { ...phone.body, token: newToken() });
    expectError(await api(cem, "PUT", "/devices/one-more", phone.body), "LIMIT_REACHED");
    expect((await api(bob, "GET", "/devices")).body.devices).toHaveLength(1);
    expect([await tokensOf(bob), await tokensOf(cem)]).toEqual([1, 25]);
  });
});

describe("a token that no device has any more (rule 27)", () => {
  it("[R27 PUSH-125] is forgotten by the directory: replaced, removed, dead", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const token = newToken();
    await api(bob, "PUT", `/devices/${phone.device_id}`, { ...phone.body, token });
    await expect.poll(() => tokensOf(bob)).toBe(1);
    await api(bob, "DELETE", `/devices/${phone.device_id}`);
    await expect.poll(() => tokensOf(bob)).toBe(0);
    const other = await phoneOf(bob);
    const answer = { status: 410, reason: "Unregistered", timestamp: Date.now() + 60_000 };
    await control.answer({ provider: "apns", token: other.token, times: 1, answer });
    await say(ann, id, "hello");
    await expect.poll(() => tokensOf(bob)).toBe(0);
    expect(await rowsOf(bob, "SELECT 1 FROM dropped_tokens")).toBe(0);
  });

  it("[R27 PUSH-126] also if the directory was down, or an earlier owner had not given it up; not if it is in use again", async () => {
    const [bob, cem] = await people("bob", "cem");
    const [first, second] = [await phoneOf(bob), await phoneOf(bob)];
    faults.d1Down = true;
    for (const { device_id } of [first, second])
      expect((await api(bob, "DELETE", `/devices/${device_id}`)).status).toBe(204);
    await expect.poll(() => rowsOf(bob, "SELECT 1 FROM dropped_tokens")).toBe(2);
    faults.d1Down = false;
    await api(bob, "PUT", "/devices/again", second.body);
    await env.DB.prepare("UPDATE device_tokens SET former = json_array(?) WHERE user_id = ?")
      .bind(cem.user_id, bob.user_id)
      .run();
    await atTime(Date.now() + 60_000, () => settled(bob));
    expect(await tokensOf(bob)).toBe(2);
    await releaseTokens(env);
    await atTime(Date.now() + 600_000, () => settled(bob));
    expect(await tokensOf(bob)).toBe(1);
    expect((await api(bob, "PUT", "/devices/again", second.body)).status).toBe(200);
    expect((await api(bob, "GET", "/devices")).body.devices).toHaveLength(1);
    expect(await rowsOf(bob, "SELECT 1 FROM dropped_tokens")).toBe(0);
  });
});

describe("what APNs could not take (rule 27)", () => {
  it("[R27 PUSH-127] a device without app_id where the deployment names no app; the same token in capitals is the same", async () => {
    const [bob, cem] = await people("bob", "cem");
    const phone = await phoneOf(bob);
    const { app_id: _, ...without } = phone.body;
    expect((await api(bob, "PUT", "/devices/other", { ...without, token: newToken() })).status).toBe(200);
    faults.settings = { APNS_TOPIC: "" };
    const refused = await api(bob, "PUT", "/devices/none", { ...without, token: newToken() });
    expectError(refused, "VALIDATION_ERROR");
    expect(refused.body.details.issues).toEqual([
      { path: "app_id", message: expect.stringContaining("APNS_TOPIC") },
    ]);
    const capitals = { ...phone.body, token: phone.token.toUpperCase() };
    expect((await api(cem, "PUT", "/devices/phone", capitals)).status).toBe(200);
    expect((await api(bob, "GET", "/devices")).body.devices).toMatchObject([{ device_id: "other" }]);
  });
});
