import { describe, expect, it } from "vitest";
import { api, connect, connectTo, direct, group, people, say } from "./kit.ts";
import { decides, logOf, phoneOf, pushesTo, rowsOf, screen, shows } from "./push-kit.ts";

describe("what pushes (rule 27)", () => {
  it("[R27 PUSH-20] a message to who is away reaches their phone, with its text, count and badge", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(ann, id, "hello");
    await shows(phone, "hello");
    const [push] = await pushesTo(phone);
    expect(push).toMatchObject({ provider: "apns", problems: [], status: 200 });
    expect(await screen(phone)).toMatchObject({ badge: 1 });
    await say(ann, id, "and more");
    await expect.poll(async () => (await screen(phone)).badge).toBe(2);
    expect((await screen(phone)).shown).toHaveLength(1);
    expect(await logOf(phone)).toEqual(["sent", "sent"]);
  });

  it("[R27 PUSH-21] reading on another device takes it away, and the badge with it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { message_id } = await say(ann, id, "hello");
    await shows(phone, "hello");
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    await shows(phone);
    expect((await screen(phone)).badge).toBe(0);
  });

  it("[R27 PUSH-22] what is on a screen does not ring; a laptop in the foreground gets its time first", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    const laptop = await connect(bob, "/ws?device_id=laptop");
    await laptop.ask({ type: "device.state", foreground: true, conversation_id: id });
    await say(ann, id, "seen");
    await decides(phone, "active_elsewhere");
    await say(ann, other, "not seen");
    await decides(phone, "wait");
    expect(await pushesTo(phone)).toEqual([]);
  });

  it("[R27 PUSH-23] an edit replaces what is shown, a deletion takes it away", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const first = await say(ann, id, "first");
    await shows(phone, "first");
    const second = await say(ann, id, "secnod");
    await shows(phone, "secnod");
    await api(ann, "PUT", `/messages/${second.message_id}`, { content: "second" });
    await shows(phone, "second");
    await api(ann, "DELETE", `/messages/${second.message_id}?delete_for_everyone=true`);
    await shows(phone, "first");
    await api(ann, "DELETE", `/messages/${first.message_id}?delete_for_everyone=true`);
    await shows(phone);
    expect((await screen(phone)).badge).toBe(0);
  });
});

describe("who hears what", () => {
  it("[R27 PUSH-24] a mute lets direct mentions through, and counts in no badge", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const phone = await phoneOf(bob);
    await api(bob, "PATCH", `/conversations/${id}/preferences`, { is_muted: true });
    const before = (await pushesTo(phone)).length;
    await say(ann, id, "hush");
    await say(ann, id, "all", { metadata: { mentions: ["@all"] } });
    await say(ann, id, "you", { metadata: { mentions: [`@${bob.username}`] } });
    await shows(phone, "ann mentioned you: you");
    expect((await screen(phone)).badge).toBe(0);
    expect((await pushesTo(phone)).length).toBe(before + 1);
    expect(await logOf(phone)).toContain("muted");
  });

  it("[R27 PUSH-25] a level of mentions: others neither push nor cost a call each, and the badge is right all the same", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const phone = await phoneOf(bob);
    await api(bob, "PATCH", `/conversations/${id}/preferences`, { push_level: "mentions" });
    for (const text of ["one", "two", "three"]) await say(ann, id, text);
    await say(ann, id, "four", { metadata: { mentions: [`@${bob.username}`] } });
    await shows(phone, "ann mentioned you: four");
    await expect.poll(async () => (await screen(phone)).badge).toBe(4);
    await say(ann, id, "five");
    // The conversation says once that there is more than it tells.
    await expect.poll(() => rowsOf(bob, "SELECT 1 FROM push_conversations WHERE is_stale")).toBe(1);
    const other = await direct(ann, bob);
    await say(ann, other, "here");
    await expect.poll(async () => (await screen(phone)).badge).toBe(6);
  });

  it("[R27 PUSH-26] who is added to a group hears of it; who creates one does not", async () => {
    const [ann, bob, cem] = await people("ann", "bob", "cem");
    const [bobs, cems] = [await phoneOf(bob), await phoneOf(cem)];
    const id = await group(bob, [ann], "Friends");
    await api(bob, "POST", `/conversations/${id}/participants`, { user_id: cem.user_id });
    await expect.poll(async () => (await screen(cems)).shown).toHaveLength(1);
    const [shown] = (await screen(cems)).shown;
    expect(shown?.data).toMatchObject({ type: "added", conversation_id: id });
    expect((await screen(cems)).badge).toBe(0);
    expect(await pushesTo(bobs)).toEqual([]);
  });

  it("[R27 PUSH-27] who has never connected is pushed to from the first message of a new conversation", async () => {
    const [ann, bob] = await people("ann", "bob");
    const phone = await phoneOf(bob);
    const id = await direct(ann, bob);
    await say(ann, id, "first");
    await shows(phone, "first");
  });

  it("[R27 PUSH-28] one's own messages never push, from wherever they are sent", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(bob, id, "mine");
    await say(ann, id, "theirs");
    await shows(phone, "theirs");
    expect(await pushesTo(phone)).toHaveLength(1);
  });

  it("[R27 PUSH-29] who joined later, or has hidden a message, gets no text of it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { message_id } = await say(ann, id, "secret");
    await shows(phone, "secret");
    await api(bob, "DELETE", `/messages/${message_id}`);
    await shows(phone);
    expect((await screen(phone)).badge).toBe(0);
  });

  it("[R27 PUSH-30] who leaves a group sees nothing of it on their phone any more, and it counts no longer", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const phone = await phoneOf(bob);
    await say(ann, id, "hello");
    await shows(phone, "ann: hello");
    await api(bob, "DELETE", `/conversations/${id}`);
    await shows(phone);
    await say(ann, id, "without bob");
    const other = await direct(ann, bob);
    await say(ann, other, "hi");
    await shows(phone, "hi");
    expect((await screen(phone)).badge).toBe(1);
  });

  it("[R27 PUSH-31] do not disturb and a snooze are silent; afterwards the badge speaks of all", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const always = { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "00:00" };
    await api(bob, "PATCH", "/push-preferences", { do_not_disturb: [always] });
    await say(ann, id, "quiet");
    await decides(phone, "do_not_disturb");
    await api(bob, "PATCH", "/push-preferences", {
      do_not_disturb: null,
      snooze_until: new Date(Date.now() + 60_000).toISOString(),
    });
    await say(ann, id, "still quiet");
    await expect
      .poll(async () => (await logOf(phone)).filter((one) => one === "do_not_disturb"))
      .toHaveLength(2);
    await api(bob, "PATCH", "/push-preferences", { snooze_until: null });
    await say(ann, id, "loud");
    await shows(phone, "loud");
    expect((await screen(phone)).badge).toBe(3);
    expect(await pushesTo(phone)).toHaveLength(1);
  });

  it("[R27 PUSH-32] what was read elsewhere counts on the icon no longer, also if the phone has never shown it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [id, other] = [await direct(ann, bob), await group(ann, [bob])];
    const phone = await phoneOf(bob);
    await api(bob, "PATCH", "/push-preferences", { level: "mentions" });
    const { message_id } = await say(ann, id, "plain");
    await expect.poll(() => rowsOf(bob, "SELECT 1 FROM push_conversations WHERE is_stale")).toBe(1);
    await say(ann, other, "you", { metadata: { mentions: [`@${bob.username}`] } });
    await expect.poll(async () => (await screen(phone)).badge).toBe(2);
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    await expect.poll(async () => (await screen(phone)).badge).toBe(1);
    expect((await screen(phone)).shown).toHaveLength(1);
  });

  it("[R27 PUSH-33] a conversation's own socket says what is on its device's screen, until it closes", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const socket = await connectTo(bob, id, `?device_id=${phone.device_id}`);
    await socket.ask({ type: "device.state", foreground: true, conversation_id: id });
    await say(ann, id, "seen");
    await decides(phone, "on_screen");
    socket.close();
    await expect.poll(() => rowsOf(bob, "SELECT 1 FROM devices")).toBe(0);
    await say(ann, id, "not seen");
    await shows(phone, "not seen");
    expect(await pushesTo(phone)).toHaveLength(1);
  });

  it("[R27 PUSH-34] the preview is the device's, else the user's: nothing that is hidden leaves", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const [own, users] = [await phoneOf(bob, { preview: "full" }), await phoneOf(bob)];
    await api(bob, "PATCH", "/push-preferences", { preview: "hidden" });
    await say(ann, id, "a secret");
    await shows(own, "a secret");
    await expect.poll(async () => (await pushesTo(users)).length).toBe(1);
    const sent = JSON.stringify(await pushesTo(users));
    expect(sent).not.toContain("a secret");
    expect(sent).not.toContain('"ann"');
  });
});
