/** What cannot be reached is asked less and less often (rule 27). */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { atTime } from "./checks.ts";
import { faults } from "./faults.ts";
import { conversationObject, direct, hubObject, people, say } from "./kit.ts";
import { control, phoneOf, registered, shows } from "./push-kit.ts";

afterEach(() => {
  faults.d1Down = false;
  faults.storageLocked = undefined;
});

interface Retries {
  failures: number;
  retry_at: number | null;
}

/** Rings an alarm a few times, each when something is tried again, and shortly before. @returns the pauses, in seconds. */
async function pausesOf(object: DurableObjectStub, retries: () => Promise<Retries>): Promise<number[]> {
  const pauses: number[] = [];
  for (let n = 1, now = Date.now(); n < 10; n++) {
    const { failures, retry_at } = await retries();
    pauses.push((Number(retry_at) - now) / 1_000);
    now = Number(retry_at);
    // An alarm that rings for another reason tries nothing.
    await atTime(now - 500, () => runDurableObjectAlarm(object));
    expect(await retries()).toEqual({ failures, retry_at });
    await atTime(now, async () => {
      await runDurableObjectAlarm(object);
      await expect.poll(retries).toMatchObject({ failures: failures + 1 });
    });
  }
  return pauses;
}

/** Pauses that double, each up to half shorter by chance, with five minutes at most. */
function expectBackoff(pauses: number[]): void {
  for (const [n, pause] of pauses.entries()) {
    const whole = Math.min(5 * 2 ** n, 300);
    expect(pause).toBeGreaterThan(whole / 2 - 2);
    expect(pause).toBeLessThan(whole + 1);
  }
}

describe("what cannot be reached (rule 27)", () => {
  it("[R27 PUSH-128] a directory that is down for an hour is asked some twenty times, and what was said is pushed then", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "before");
    faults.d1Down = true;
    const phone = await registered(bob);
    const hub = hubObject(bob.user_id);
    const retries = () => retriesOf(hub, "push");
    await expect.poll(retries).toMatchObject({ failures: 1 });
    await say(ann, id, "during");
    expectBackoff(await pausesOf(hub, retries));
    faults.d1Down = false;
    await control.options({ check_time: false });
    await atTime(Number((await retries()).retry_at), async () => {
      await runDurableObjectAlarm(hub);
      await shows(phone, "during");
    });
    expect(await retries()).toEqual({ failures: 0, retry_at: null });
  });

  it("[R27 PUSH-111] a hub that is down for an hour is called less and less often, and gets what it has missed", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(ann, id, "first");
    await shows(phone, "first");
    faults.storageLocked = bob.user_id;
    await say(ann, id, "missed");
    const conversation = conversationObject(id);
    const retries = () => retriesOf(conversation, "push_words");
    await expect.poll(retries).toMatchObject({ failures: 1 });
    expectBackoff(await pausesOf(conversation, retries));
    faults.storageLocked = undefined;
    await control.options({ check_time: false });
    await atTime(Number((await retries()).retry_at), async () => {
      await runDurableObjectAlarm(conversation);
      await shows(phone, "missed");
    });
    expect(await retries()).toEqual({ failures: 0, retry_at: null });
  });
});

/** How often in a row something could not be reached, and when it is tried again. @param table with one row. */
async function retriesOf(object: DurableObjectStub, table: string): Promise<Retries> {
  return await runInDurableObject(object, (_, { storage }) =>
    storage.sql
      .exec<Retries & Record<string, SqlStorageValue>>(`SELECT failures, retry_at FROM ${table}`)
      .one(),
  );
}
