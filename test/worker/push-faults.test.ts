import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { faults } from "./faults.ts";
import { api, connect, conversationObject, direct, group, hubObject, people, request, say } from "./kit.ts";
import {
  control,
  decides,
  logOf,
  newToken,
  phoneOf,
  pushesTo,
  ring,
  rowsOf,
  screen,
  settled,
  shows,
} from "./push-kit.ts";

describe("when something fails (rule 27)", () => {
  it("[R27 PUSH-60] a provider that is busy is asked again, when it says, with the same id", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const answer = { reason: "TooManyRequests", status: 429, headers: { "retry-after": "1" } };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await say(ann, id, "hello");
    await decides(phone, "retry");
    await shows(phone, "hello");
    const [first, second, ...more] = await pushesTo(phone);
    expect(more).toEqual([]);
    expect(second?.headers["apns-id"]).toBe(first?.headers["apns-id"]);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(900);
    expect(await logOf(phone)).toEqual(["sent", "retry"]);
  });

  it("[R27 PUSH-61] what waits for its turn and was read, edited or deleted by then goes out as it is then, or not at all", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other, third] = [await direct(ann, bob), await group(ann, [bob]), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    const answer = { reason: "ServiceUnavailable", status: 503, headers: { "retry-after": "2" } };
    await control.answer({ provider: "apns", token: phone.token, times: 3, answer });
    const read = await say(ann, id, "will be read");
    const edited = await say(ann, other, "will be edited");
    const deleted = await say(ann, third, "will be deleted");
    await expect.poll(async () => (await logOf(phone)).filter((one) => one === "retry")).toHaveLength(3);
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: read.message_id });
    await api(ann, "PUT", `/messages/${edited.message_id}`, { content: "is edited" });
    await api(ann, "DELETE", `/messages/${deleted.message_id}?delete_for_everyone=true`);
    await shows(phone, "ann: is edited");
    const accepted = (await pushesTo(phone)).filter(({ status }) => status === 200);
    const texts = JSON.stringify(accepted.map(({ payload }) => payload));
    expect(texts).not.toContain("will be");
  });

  it("[R27 PUSH-62] a dead token is pushed to no more, and says so; registering it again revives it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const answer = { status: 410, reason: "Unregistered", timestamp: Date.now() + 60_000 };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer });
    await say(ann, id, "lost");
    await decides(phone, "failed");
    expect((await api(bob, "GET", "/devices")).body.devices).toMatchObject([{ is_active: false }]);
    await settled(bob);
    await say(ann, id, "lost too");
    await ring(id, bob);
    expect(await pushesTo(phone)).toHaveLength(1);
    await api(bob, "PUT", `/devices/${phone.device_id}`, phone.body);
    await settled(bob);
    await say(ann, id, "back");
    await shows(phone, "back");
    expect((await screen(phone)).badge).toBe(3);
  });

  it("[R27 PUSH-63] the directory is down: what was said is pushed, badge and all", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    faults.d1Down = true;
    try {
      await say(ann, id, "still here");
      await shows(phone, "still here");
      expect((await screen(phone)).badge).toBe(1);
    } finally {
      faults.d1Down = false;
    }
  });

  it("[R30 PUSH-69] the totals of who has a phone are there while the directory is down", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(ann, id, "hello");
    await shows(phone, "hello");
    const { body } = await api(bob, "POST", "/ws/ticket");
    await evictDurableObject(hubObject(bob.user_id));
    faults.d1Down = true;
    try {
      const response = await request(`/ws?ticket=${body.ticket}`, { headers: { upgrade: "websocket" } });
      expect(response.status).toBe(101);
      const greeting = new Promise<string>((resolve) => {
        response.webSocket?.addEventListener("message", ({ data }) => resolve(String(data)), { once: true });
      });
      response.webSocket?.accept();
      expect(JSON.parse(await greeting)).toMatchObject({
        data: { unread: { messages: 1, conversations: 1 } },
      });
      response.webSocket?.close();
    } finally {
      faults.d1Down = false;
    }
  });

  it("[R27 PUSH-64] objects that die between the message, the note and the push lose nothing", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(ann, id, "before it dies");
    await abortAllDurableObjects();
    await ring(id, bob);
    await shows(phone, "before it dies");
    await control.answer({ provider: "apns", token: phone.token, times: 2, answer: { behaviour: "reset" } });
    await say(ann, id, "while it dies");
    await expect.poll(() => rowsOf(bob, "SELECT 1 FROM push_items WHERE due_at IS NOT NULL")).toBe(1);
    await abortAllDurableObjects();
    await ring(id, bob);
    await expect
      .poll(async () => (await screen(phone)).shown.map(({ body }) => body))
      .toEqual(["while it dies"]);
  });

  it("[R27 PUSH-65] evicted hubs and conversations know their words, counts and what is shown", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { message_id } = await say(ann, id, "one");
    await shows(phone, "one");
    await evictDurableObject(conversationObject(id));
    await evictDurableObject(hubObject(bob.user_id));
    await say(ann, id, "two");
    await expect.poll(async () => (await screen(phone)).badge).toBe(2);
    await evictDurableObject(conversationObject(id));
    await evictDurableObject(hubObject(bob.user_id));
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    // One is left, and it is what is shown.
    await expect.poll(async () => (await screen(phone)).badge).toBe(1);
    expect((await screen(phone)).shown).toHaveLength(1);
  });

  it("[R27 PUSH-66] while a laptop is in the foreground the push waits; what is read there by then does not ring", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    faults.settings = { PUSH_GRACE_SECONDS: "1" };
    try {
      await evictDurableObject(hubObject(bob.user_id));
      const laptop = await connect(bob, "/ws?device_id=laptop");
      await laptop.ask({ type: "device.state", foreground: true, conversation_id: null });
      const { message_id } = await say(ann, id, "read there");
      await say(ann, other, "not read");
      await decides(phone, "wait");
      await laptop.ask({ type: "message.read", message_id });
      await expect
        .poll(async () => (await screen(phone)).shown.map(({ body }) => body))
        .toEqual(["ann: not read"]);
      expect(await logOf(phone)).toContain("already_read");
      await laptop.ask({ type: "device.state", foreground: false, conversation_id: null });
      await say(ann, id, "in the background");
      await expect.poll(async () => JSON.stringify(await pushesTo(phone))).toContain("in the background");
    } finally {
      faults.settings = {};
    }
  });

  it("[R27 PUSH-67] an hour without an answer: provider_down, and the next message is tried anew", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await control.answer({
      provider: "apns",
      token: phone.token,
      times: 2,
      answer: { status: 503, reason: "ServiceUnavailable" },
    });
    await say(ann, id, "nobody home");
    await decides(phone, "retry");
    await control.options({ check_time: false });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_601_000 });
    try {
      await ring(id, bob);
      await decides(phone, "provider_down");
    } finally {
      vi.useRealTimers();
    }
    await say(ann, id, "again");
    await expect.poll(async () => (await screen(phone)).shown.map(({ body }) => body)).toEqual(["again"]);
    expect((await screen(phone)).badge).toBe(2);
  });

  it("[R27 PUSH-68] two devices: one whose provider hangs delays the other by nothing", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const [slow, fast] = [await phoneOf(bob), await phoneOf(bob)];
    await control.answer({ provider: "apns", token: slow.token, times: 1, answer: { behaviour: "hang" } });
    await say(ann, id, "hello");
    await shows(fast, "hello");
    expect((await screen(slow)).shown).toEqual([]);
    expect(newToken()).toMatch(/^[0-9a-f]{64}$/);
  });
});
