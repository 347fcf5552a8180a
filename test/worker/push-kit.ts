/** People with phones, and what their phones were sent. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { PushControl } from "../push/control.ts";
import { screenOf } from "../push/screen.ts";
import type { ReceivedPush } from "../push/wire.ts";
import { api, conversationObject, hubObject, type Person } from "./kit.ts";

export const control = new PushControl(env.PUSH_CONTROL);

/** A registered device. */
export interface Phone {
  owner: Person;
  device_id: string;
  token: string;
  body: Record<string, unknown>;
}

/** A token of APNs: hexadecimal, and nobody else's. */
export function newToken(): string {
  return crypto.randomUUID().replaceAll("-", "").repeat(2);
}

/** Registers a phone. The conversations know of it when this resolves. */
export async function phoneOf(owner: Person, extra: Record<string, unknown> = {}): Promise<Phone> {
  const token = newToken();
  const body = { platform: "ios", provider: "apns", app_id: "com.example.chat", token, ...extra };
  const device_id = `phone-${crypto.randomUUID().slice(0, 8)}`;
  const { status } = await api(owner, "PUT", `/devices/${device_id}`, body);
  expect(status).toBe(200);
  await settled(owner);
  return { owner, device_id, token: String(body.token), body };
}

/** Lets a hub tell its conversations what it has to tell. */
export async function settled(owner: Person): Promise<void> {
  await runDurableObjectAlarm(hubObject(owner.user_id));
}

/** Registers a phone as the route does it, but for the directory, which need not be there. */
export async function registered(owner: Person): Promise<Phone> {
  const token = newToken();
  const device = { platform: "ios", provider: "apns", app_id: "com.example.chat", token } as const;
  const device_id = `phone-${crypto.randomUUID().slice(0, 8)}`;
  const wanted = { device_id, device, token_hash: token, token_version: Date.now() };
  expect(await hubObject(owner.user_id).askPush(owner.user_id, "register", wanted)).toMatchObject({
    ok: true,
  });
  return { owner, device_id, token, body: device };
}

/** Lets a hub tell its conversations what it could not tell before: each change of the user's is a reason to try. */
export async function retried(owner: Person): Promise<void> {
  const { status } = await api(owner, "PATCH", "/push-preferences", { timezone: "UTC" });
  expect(status).toBe(200);
  await settled(owner);
}

/** What came for a phone, oldest first. */
export async function pushesTo(phone: Phone): Promise<ReceivedPush[]> {
  return await control.pushes({ token: phone.token });
}

/** What a phone shows. */
export async function screen(phone: Phone): Promise<ReturnType<typeof screenOf>> {
  return screenOf(await pushesTo(phone));
}

/** Waits until a phone shows these texts and no others. */
export async function shows(phone: Phone, ...bodies: string[]): Promise<void> {
  await expect.poll(async () => (await screen(phone)).shown.map(({ body }) => body)).toEqual(bodies);
}

/** The log of a phone, newest first: decisions with their reasons. */
export async function logOf({ owner, device_id }: Phone): Promise<string[]> {
  const { body } = await api(owner, "GET", `/devices/${device_id}/log`);
  return body.entries.map(
    (entry: { decision: string; reason: string | null }) => entry.reason ?? entry.decision,
  );
}

/** Waits until the newest decision about a phone is this one. */
export async function decides(phone: Phone, decision: string): Promise<void> {
  await expect.poll(async () => (await logOf(phone))[0]).toBe(decision);
}

/** Rings the alarms of a conversation and of a user's hub, so that nothing waits for its time. */
export async function ring(conversationId: string, ...who: Person[]): Promise<void> {
  await runDurableObjectAlarm(conversationObject(conversationId));
  for (const one of who) await runDurableObjectAlarm(hubObject(one.user_id));
}

/** How many rows of a person's hub a query finds. */
export async function rowsOf(who: Person, query: string): Promise<number> {
  return await runInDurableObject(hubObject(who.user_id) as DurableObjectStub, (_, { storage }) => {
    return storage.sql.exec(query).toArray().length;
  });
}
