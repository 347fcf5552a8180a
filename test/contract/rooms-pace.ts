/** Rule 29: slow mode and frozen groups. */
import { describe, expect, it } from "vitest";
import { atTime, hibernate } from "../worker/checks.ts";
import { befriend } from "../worker/kit.ts";
import { api, body, cast, connect, direct, group, refusal, text } from "./kit.ts";
import {
  add,
  allRefused,
  at,
  attempts,
  edit,
  leave,
  remove,
  send,
  set,
  setRole,
  staffed,
} from "./rooms-kit.ts";

/** A group in slow mode, with a moderator and two members. @param seconds the pause. */
async function slowGroup(seconds = 30) {
  const [ann, mia, bob, cid] = await cast("ann", "mia", "bob", "cid");
  const id = await group(ann, [mia, bob, cid]);
  await body(setRole(ann, id, mia, "moderator"), 200);
  await set(ann, id, { slow_mode_seconds: seconds });
  return { ann, mia, bob, cid, id };
}

describe("slow mode", () => {
  it("[ROOM-20] a member waits between two messages, and hears for how long; others do not wait for them", async () => {
    const { ann, mia, bob, cid, id } = await slowGroup(30);
    const first = await text(bob, id, "first");
    const sent = Date.parse(first.created_at);
    const early = await atTime(sent + 10_500, () => send(bob, id, "second"));
    expect(early).toMatchObject({ status: 429, body: { code: "SLOW_MODE", details: { retry_after: 20 } } });
    expect(early.headers.get("retry-after")).toBe("20");
    await body(send(cid, id), 201);
    for (const who of [ann, ann, mia, mia]) await body(send(who, id), 201);
    await atTime(sent + 29_999, () => refusal(send(bob, id, "second"), "SLOW_MODE"));
    await atTime(sent + 30_000, () => body(send(bob, id, "second"), 201));
    const socket = await connect(bob);
    const command = { type: "message.send", conversation_id: id, data: { type: "text", content: "third" } };
    const answer = await atTime(sent + 31_000, () => socket.ask(command));
    expect(answer).toMatchObject({ type: "error", code: "SLOW_MODE", details: { retry_after: 29 } });
  });

  it("[ROOM-21] deleting, being out for a while, sleeping and what the system says of a member shorten no pause; a retry is answered", async () => {
    const { ann, bob, id } = await slowGroup(600);
    const first = await text(bob, id, "first", { client_message_id: "s1" });
    await body(send(bob, id, "first", { client_message_id: "s1" }), 200);
    await body(remove(bob, first), 204);
    await refusal(send(bob, id), "SLOW_MODE");
    await befriend(ann, bob);
    await body(leave(bob, id), 204);
    await body(add(ann, id, bob), 201);
    await refusal(send(bob, id), "SLOW_MODE");
    await hibernate(id);
    await refusal(send(bob, id), "SLOW_MODE");
    await set(ann, id, { slow_mode_seconds: 0 });
    await body(send(bob, id), 201);
  });

  it("[ROOM-22] an edit counts as a message: it waits, and those after it wait for it", async () => {
    const { mia, bob, id } = await slowGroup(30);
    const first = await text(bob, id, "first");
    const sent = Date.parse(first.created_at);
    await refusal(edit(bob, first, "other"), "SLOW_MODE");
    await body(edit(bob, first, "first"), 200);
    await atTime(sent + 30_000, async () => {
      await body(edit(bob, first, "other"), 200);
      await refusal(edit(bob, first, "more"), "SLOW_MODE");
      await refusal(send(bob, id), "SLOW_MODE");
    });
    await hibernate(id);
    await atTime(sent + 59_000, () => refusal(send(bob, id), "SLOW_MODE"));
    await atTime(sent + 60_000, () => body(send(bob, id), 201));
    const own = await text(mia, id, "mine");
    for (const content of ["one", "two"]) await body(edit(mia, own, content), 200);
  });

  it("[R10 ROOM-23] the pause is from 0 to 3,600 seconds, and for groups", async () => {
    const { ann, bob, id } = await slowGroup(3_600);
    const { body: conversation } = await api(bob, "GET", at(id));
    expect(conversation.settings).toMatchObject({ slow_mode_seconds: 3_600, is_frozen: false });
    for (const slow_mode_seconds of [-1, 3_601, 1.5, "5"]) {
      await refusal(api(ann, "PUT", at(id), { settings: { slow_mode_seconds } }), "VALIDATION_ERROR");
    }
    const pair = await direct(ann, bob);
    for (const settings of [{ slow_mode_seconds: 5 }, { is_frozen: true }]) {
      await refusal(api(ann, "PUT", at(pair), { settings }), "VALIDATION_ERROR");
    }
  });
});

describe("a frozen group", () => {
  it("[ROOM-24] members read and write nothing that others see, on every path; managers and moderators write", async () => {
    const { ann, adam, mia, bob, cid, id } = await staffed();
    const own = await text(bob, id, "mine");
    const other = await text(cid, id, "yours");
    await set(ann, id, { is_frozen: true, who_can_pin: "everyone" });
    expect(await attempts(bob, id, own, other)).toEqual(allRefused("FROZEN"));
    const held = await text(ann, id, "what now holds");
    for (const who of [adam, mia]) {
      expect(Object.values(await attempts(who, id, await text(who, id, "x"), held))).not.toContain("FROZEN");
    }
    await body(api(bob, "PUT", at(id, "/read"), { up_to_message_id: held.message_id }), 200);
    await body(remove(bob, own), 204);
    await set(ann, id, { is_frozen: false });
    await body(send(bob, id), 201);
  });
});
