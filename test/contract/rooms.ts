/** Rule 29, moderation of groups: the role of moderators, slow mode, frozen groups and mutes. */
import type { FetchedMessage } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { atTime } from "../worker/checks.ts";
import { befriend } from "../worker/kit.ts";
import { verify } from "../worker/state-kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  connectTo,
  direct,
  fetched,
  group,
  history,
  item,
  refusal,
  text,
} from "./kit.ts";
import {
  add,
  allRefused,
  at,
  attempts,
  ban,
  bans,
  inFuture,
  leave,
  MINUTE,
  mute,
  participantsOf,
  remove,
  send,
  set,
  setRole,
  staffed,
  unmute,
} from "./rooms-kit.ts";

describe("moderators of a group", () => {
  it("[R8 ROOM-1] a moderator deletes what others said, pins, and writes where only admins may", async () => {
    const { ann, mia, bob, id } = await staffed();
    await set(ann, id, { only_admins_can_send: true, who_can_pin: "admins" });
    await refusal(send(bob, id), "FORBIDDEN");
    const said = await text(mia, id, "@all hello", { metadata: { mentions: ["@all"] } });
    expect(said.mentions_all).toBe(true);
    await body(api(mia, "PUT", `/messages/${said.message_id}/pin`), 200);
    const others = await text(ann, id, "of the owner");
    await body(remove(mia, others), 204);
    expect(await fetched(bob, others)).toMatchObject({ is_deleted: true, content: "" });
    expect((await participantsOf(bob, id))(mia)).toMatchObject({ role: "moderator", is_owner: false });
    expect((await item(bob, id))?.participants.find((one) => one.user_id === mia.user_id)).toMatchObject({
      role: "moderator",
    });
  });

  it("[R8 ROOM-2] a moderator changes no settings and no roles, adds and removes nobody", async () => {
    const { mia, bob, id } = await staffed();
    const [eve] = await cast("eve");
    await refusal(api(mia, "PUT", at(id), { settings: { is_frozen: true } }), "FORBIDDEN");
    await refusal(api(mia, "PUT", at(id), { name: "Mine" }), "FORBIDDEN");
    await refusal(setRole(mia, id, bob, "moderator"), "FORBIDDEN");
    await refusal(setRole(mia, id, mia, "member"), "FORBIDDEN");
    await refusal(add(mia, id, eve), "FORBIDDEN");
    await refusal(api(mia, "DELETE", at(id, `/participants/${bob.user_id}`)), "FORBIDDEN");
  });

  it("[ROOM-3] who may mute and ban whom: only those of a lower role", async () => {
    const { ann, adam, mia, mo, bob, cid, id } = await staffed();
    const by = { ann, adam, mia, bob };
    const of = { ann, adam, mo, cid };
    const may: Record<string, string[]> = { ann: ["adam", "mo", "cid"], adam: ["mo", "cid"], mia: ["cid"] };
    for (const [actor, one] of Object.entries(by)) {
      for (const [target, other] of Object.entries(of)) {
        const expected = may[actor]?.includes(target) ? 200 : 403;
        const what = `${actor} mutes ${target}`;
        expect([what, (await mute(one, id, other)).status]).toEqual([what, expected]);
        expect([what, (await unmute(one, id, other)).status]).toEqual([what, expected === 200 ? 204 : 403]);
        if (expected === 403) await refusal(ban(one, id, other), "FORBIDDEN");
      }
    }
    for (const who of [bob, cid]) await refusal(bans(who, id), "FORBIDDEN");
  });

  it("[R8 ROOM-4] without an admin a moderator becomes the owner before a member who has been in for longer", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob]);
    await body(add(ann, id, cid), 201);
    await body(setRole(ann, id, cid, "moderator"), 200);
    await body(mute(ann, id, cid), 200);
    await body(leave(ann, id), 204);
    // Nobody could take the mute of an owner back.
    expect((await participantsOf(bob, id))(cid)).toMatchObject({ is_owner: true, mute: null });
  });
});

describe("mutes", () => {
  it("[ROOM-10] the muted read and write nothing that others see, on every path, until they are unmuted", async () => {
    const { ann, mia, bob, cid, id } = await staffed();
    await set(ann, id, { who_can_pin: "everyone" });
    const own = await text(bob, id, "mine");
    const other = await text(cid, id, "yours");
    const until = inFuture(MINUTE);
    expect(await body(mute(mia, id, bob, { until, reason: "Spam" }), 200)).toMatchObject({
      user_id: bob.user_id,
      role: "member",
      mute: { until },
      is_online: expect.any(Boolean),
    });
    expect(await attempts(bob, id, own, other)).toEqual(allRefused("MUTED"));
    const { body: refused } = await send(bob, id);
    expect(refused.details).toEqual({ until, reason: "Spam" });
    // What is left to them.
    expect(await history(bob, id)).toContainEqual(expect.objectContaining({ content: "yours" }));
    await body(api(bob, "PUT", at(id, "/read"), { up_to_message_id: other.message_id }), 200);
    await body(remove(bob, own), 204);
    await body(unmute(mia, id, bob), 204);
    const last = await text(bob, id, "again");
    expect(await attempts(bob, id, last, other)).toMatchObject({ send: undefined, edit: undefined });
  });

  it("[ROOM-11] a mute ends by itself at its time; one without a time lasts", async () => {
    const { mia, bob, cid, id } = await staffed();
    const until = inFuture(5_000);
    await body(mute(mia, id, bob, { until }), 200);
    await body(mute(mia, id, cid), 200);
    const { body: refused } = await send(cid, id);
    expect(refused).toMatchObject({ code: "MUTED", details: { until: null, reason: null } });
    await atTime(Date.parse(until) - 1, () => refusal(send(bob, id), "MUTED"));
    await atTime(Date.parse(until), () => body(send(bob, id), 201));
    await atTime(Date.now() + 50 * MINUTE, () => refusal(send(cid, id), "MUTED"));
    await refusal(mute(mia, id, bob, { until: new Date(Date.now() - 1).toISOString() }), "VALIDATION_ERROR");
    await refusal(mute(mia, id, bob, { until: "tomorrow" }), "VALIDATION_ERROR");
  });

  it("[ROOM-12] all hear participant.updated; a message of the history only if the moderator wants one", async () => {
    const { mia, bob, cid, id } = await staffed();
    const before = (await history(cid, id)).length;
    const sockets = await bothSockets(cid, id);
    await body(mute(mia, id, bob, { reason: "Spam" }), 200);
    await body(mute(mia, id, bob, { reason: "Spam" }), 200);
    for (const socket of sockets) {
      const event = await socket.heard("participant.updated");
      expect(event).toMatchObject({
        data: {
          participants: [{ user_id: bob.user_id, mute: { until: null } }],
          updated_by: mia.user_id,
        },
      });
      expect(JSON.stringify(event)).not.toContain("Spam");
    }
    expect(await history(cid, id)).toHaveLength(before);
    await body(unmute(mia, id, bob, "?announce=true"), 204);
    await body(unmute(mia, id, bob, "?announce=true"), 204);
    await body(mute(mia, id, bob, { announce: true, until: inFuture(MINUTE), reason: "Spam" }), 200);
    const notes = (await history(cid, id)).slice(0, -before || undefined);
    expect(notes.map(({ content, system }: FetchedMessage) => [content, system?.event])).toEqual([
      ["mia muted bob", "participant.muted"],
      ["mia unmuted bob", "participant.unmuted"],
    ]);
    expect(JSON.stringify(notes)).not.toContain("Spam");
  });

  it("[ROOM-13] a mute is the same for all who follow, resume, come new or ask, and in /sync", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const { body: first } = await api(bob, "GET", "/sync");
    await verify(id, [bob, cid], async () => {
      await body(mute(ann, id, bob, { until: inFuture(MINUTE), announce: true }), 200);
      await body(mute(ann, id, cid), 200);
      await body(unmute(ann, id, cid), 204);
    });
    await expect
      .poll(async () => (await item(cid, id))?.participants.find((one) => one.user_id === bob.user_id)?.mute)
      .toEqual({ until: expect.any(String) });
    const { body: synced } = await api(bob, "GET", `/sync?since=${first.next_token}`);
    expect(JSON.stringify(synced)).toContain('"mute":{"until":"');
  });

  it("[ROOM-14] nobody gets rid of a mute by being out for a while, and a higher role ends it", async () => {
    const { ann, mia, bob, id } = await staffed();
    await body(mute(mia, id, bob), 200);
    await befriend(ann, bob);
    await body(leave(bob, id), 204);
    await body(add(ann, id, bob), 201);
    await refusal(send(bob, id), "MUTED");
    await body(setRole(ann, id, bob, "moderator"), 200);
    await body(send(bob, id), 201);
  });

  it("[ROOM-15] who is no member, and a direct conversation, has no mutes", async () => {
    const { mia, id } = await staffed();
    const [eve] = await cast("eve");
    await refusal(mute(mia, id, eve), "NOT_FOUND");
    await refusal(mute(eve, id, mia), "FORBIDDEN");
    const pair = await direct(mia, eve);
    await refusal(mute(mia, pair, eve), "VALIDATION_ERROR");
    await refusal(unmute(mia, pair, eve), "VALIDATION_ERROR");
  });

  it("[ROOM-16] a typing member who is muted stops at once, and a retry of what was sent is answered", async () => {
    const { mia, bob, cid, id } = await staffed();
    const socket = await connectTo(cid, id);
    await body(send(bob, id, "first", { client_message_id: "m1" }), 201);
    await body(api(bob, "POST", at(id, "/typing")), 204);
    await socket.heard((event) => event.type === "typing.indicator" && event.data.is_typing);
    await body(mute(mia, id, bob), 200);
    await socket.heard((event) => event.type === "typing.indicator" && !event.data.is_typing);
    await body(send(bob, id, "first", { client_message_id: "m1" }), 200);
    await refusal(send(bob, id, "other", { client_message_id: "m2" }), "MUTED");
    await body(api(bob, "DELETE", at(id, "/typing")), 204);
  });
});
