import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { claimToken, forgetToken } from "../../src/directory/device-tokens.ts";
import { api, people } from "./kit.ts";
import { newToken, phoneOf } from "./push-kit.ts";

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
    await forgetToken(db, before, bob.user_id);
    // Otherwise nobody would tell the hub of the one before to give it up.
    const { former } = await claimToken(db, hash, cem.user_id, "phone", Date.now());
    expect(former).toEqual([bob.user_id]);
  });
});

/** How many tokens the directory knows of a user. */
async function ownersOf(userId: string): Promise<number> {
  const { results } = await env.DB.prepare("SELECT 1 FROM device_tokens WHERE user_id = ?")
    .bind(userId)
    .all();
  return results.length;
}
