import { describe, expect, it } from "vitest";
import { expectError } from "./checks.ts";
import { api, direct, people, say } from "./kit.ts";
import { phoneOf, pushesTo, ring, screen, settled, shows } from "./push-kit.ts";
import { serverToken } from "./server-kit.ts";

describe("push, as the app's own backend sees it (rules 27 and 28)", () => {
  it("[R27 PUSH-50] a check shows the decision for each device and the three payloads, and sends nothing", async () => {
    const [ann, bob, cem] = await people("ann", "bob", "cem");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob, { preview: "sender" });
    const backend = await serverToken("messages");
    const { message_id } = await say(ann, id, "hello");
    await shows(phone, "New message").catch(() => undefined);
    const before = (await pushesTo(phone)).length;
    const check = (user: string, message = message_id) =>
      api(backend, "POST", "/server/push/check", { user, message_id: message });
    const { status, body } = await check(bob.user_id);
    expect(status).toBe(200);
    expect(body.decisions).toEqual([
      { device_id: phone.device_id, decision: "send", reason: null, wait_ms: null },
    ]);
    // The phone's own preview, and the user's for the others.
    expect(JSON.stringify(body.payloads.apns)).not.toContain("hello");
    expect(JSON.stringify(body.payloads.fcm)).toContain("hello");
    expect(body.payloads.webpush).toMatchObject({ web_push: 8030 });
    expect((await check(ann.user_id)).body.decisions).toMatchObject([{ device_id: null, reason: "own" }]);
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    expect((await check(bob.user_id)).body.decisions).toMatchObject([{ reason: "already_read" }]);
    expectError(await check(cem.user_id), "NOT_FOUND");
    expect(JSON.stringify(body)).not.toContain(phone.token);
    expect(
      (await pushesTo(phone)).filter(({ payload }) => JSON.stringify(payload).includes("hello")),
    ).toEqual([]);
    expect(before).toBe(1);
    expectError(
      await api(await serverToken("users"), "POST", "/server/push/check", { user: bob.user_id, message_id }),
      "FORBIDDEN",
    );
  });

  it("[R27 PUSH-51] who was deactivated gets no push; reactivated, they get what comes then", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const backend = await serverToken();
    await api(backend, "POST", `/server/users/${bob.user_id}/deactivate`);
    await settled(bob);
    await say(ann, id, "to nobody");
    await ring(id, bob);
    expect(await pushesTo(phone)).toEqual([]);
    await api(backend, "POST", `/server/users/${bob.user_id}/reactivate`);
    await settled(bob);
    await say(ann, id, "back");
    await shows(phone, "back");
    expect((await screen(phone)).badge).toBe(2);
  });
});
