/** Rule 8: roles, ownership, and the message of the system's for each change. */

import type { Conversation } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { faults } from "../worker/faults.ts";
import { befriend } from "../worker/kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  direct,
  group,
  history,
  type Person,
  refusal,
  summary,
  text,
} from "./kit.ts";

/** The role of each of these, as one of them sees it; the owner is an admin too; undefined is no member. */
async function roles(viewer: Person, id: string, ...all: Person[]) {
  const { participants } = await body<Conversation>(api(viewer, "GET", `/conversations/${id}`), 200);
  return all.map((who) => {
    const found = participants.find((one) => one.user_id === who.user_id);
    if (found?.is_owner) expect(found.role).toBe("admin");
    return found?.is_owner ? "owner" : found?.role;
  });
}

const setRole = (by: Person, id: string, of: Person, role: string) =>
  api(by, "PATCH", `/conversations/${id}/participants/${of.user_id}`, { role });
const remove = (by: Person, id: string, who: Person) =>
  api(by, "DELETE", `/conversations/${id}/participants/${who.user_id}`);
const leave = (who: Person, id: string) => body(api(who, "DELETE", `/conversations/${id}`), 204);
const add = (by: Person, id: string, who: Person) =>
  api(by, "POST", `/conversations/${id}/participants`, { user_id: who.user_id });

describe("roles and ownership", () => {
  it("[R8] PATCH participants/:userId changes a role; what it was already changes nothing", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    expect(await body(setRole(ann, id, bob, "admin"), 200)).toMatchObject({ ...summary(bob), role: "admin" });
    const before = (await history(ann, id)).length;
    expect(await body(setRole(bob, id, bob, "admin"), 200)).toMatchObject({ role: "admin" });
    expect(await history(ann, id)).toHaveLength(before);
    await body(setRole(bob, id, cid, "admin"), 200);
    await body(setRole(cid, id, bob, "member"), 200);
    expect(await roles(ann, id, ann, bob, cid)).toEqual(["owner", "member", "admin"]);
    await refusal(setRole(ann, id, cid, "king"), "VALIDATION_ERROR");
  });

  it("[R8] the owner alone hands the group over, and is an admin afterwards; nobody else takes it", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    await body(setRole(ann, id, bob, "admin"), 200);
    await refusal(setRole(bob, id, bob, "owner"), "FORBIDDEN");
    await refusal(setRole(bob, id, ann, "member"), "FORBIDDEN");
    await refusal(setRole(ann, id, ann, "admin"), "FORBIDDEN");
    await refusal(remove(bob, id, ann), "FORBIDDEN");
    await body(setRole(ann, id, cid, "owner"), 200);
    expect(await roles(ann, id, ann, bob, cid)).toEqual(["admin", "admin", "owner"]);
  });

  it("[R8] when the owner leaves, the longest-standing admin owns the group, however long members have stood", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob]);
    await add(ann, id, cid);
    await add(ann, id, dee);
    for (const admin of [dee, cid]) await setRole(ann, id, admin, "admin");
    await leave(ann, id);
    expect(await roles(bob, id, ann, bob, cid, dee)).toEqual([undefined, "member", "owner", "admin"]);
  });

  it("[R8] without an admin it is the longest-standing member; who came back stands from then", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob]);
    await add(ann, id, cid);
    await add(ann, id, dee);
    await befriend(bob, ann);
    await leave(bob, id);
    await add(cid, id, bob).then(({ status }) => expect(status).toBe(403));
    await add(ann, id, bob);
    await leave(ann, id);
    expect(await roles(bob, id, ann, bob, cid, dee)).toEqual([undefined, "member", "owner", "member"]);
    await leave(cid, id);
    await leave(dee, id);
    expect(await roles(bob, id, bob)).toEqual(["owner"]);
    await leave(bob, id);
    await refusal(add(bob, id, ann), "FORBIDDEN");
  });

  it("[R8] who is added again is a member, whatever they were before", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    await setRole(ann, id, bob, "admin");
    await befriend(bob, ann);
    await leave(bob, id);
    await add(ann, id, bob);
    expect(await roles(ann, id, bob)).toEqual(["member"]);
  });

  it("[R8] a group holds MAX_GROUP_MEMBERS, when it is created and when somebody is added", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    faults.settings.MAX_GROUP_MEMBERS = "3";
    try {
      const participant_ids = [bob, cid, dee].map((who) => who.user_id);
      const create = (ids: string[]) =>
        api(ann, "POST", "/conversations/group", { name: "Full", participant_ids: ids });
      await refusal(create(participant_ids), "VALIDATION_ERROR");
      const full = await body<Conversation>(create(participant_ids.slice(1)), 201);
      await refusal(add(ann, full.conversation_id, bob), "VALIDATION_ERROR");
      await leave(cid, full.conversation_id);
      await body(add(ann, full.conversation_id, bob), 201);
    } finally {
      faults.settings = {};
    }
  });
});

describe("direct conversations", () => {
  it("[R8] two equals: nothing to add, remove, name or promote; disappearing messages are for both to set", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await direct(ann, bob);
    expect(await roles(ann, id, ann, bob)).toEqual(["member", "member"]);
    const put = (patch: object) => api(ann, "PUT", `/conversations/${id}`, patch);
    await refusal(add(ann, id, cid), "VALIDATION_ERROR");
    await refusal(remove(ann, id, bob), "VALIDATION_ERROR");
    await refusal(setRole(ann, id, bob, "admin"), "VALIDATION_ERROR");
    await refusal(put({ name: "Ours" }), "VALIDATION_ERROR");
    await refusal(put({ settings: { only_admins_can_send: true } }), "VALIDATION_ERROR");
    await body(put({ settings: { disappearing_messages_enabled: true } }), 200);
    expect(await roles(ann, id, ann, bob)).toEqual(["member", "member"]);
  });
});

describe("what everybody is told", () => {
  it("[R8 R11 R20] each change is an event and a message of the system's, numbered one after the other", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob, cid]);
    const sockets = await bothSockets(cid, id);
    const { seq: from } = await text(ann, id, "from here on");
    await api(ann, "PUT", `/conversations/${id}`, {
      name: "New name",
      settings: { only_admins_can_send: true },
    });
    await add(ann, id, dee);
    await setRole(ann, id, bob, "admin");
    await remove(bob, id, dee);
    await leave(bob, id);
    const expected = [
      { type: "conversation.updated", data: { name: "New name", updated_by: ann.user_id } },
      { type: "message.new", data: { system: { event: "conversation.updated" }, sender_id: ann.user_id } },
      { type: "participant.added", data: { participants: [{ ...summary(dee), role: "member" }] } },
      { type: "message.new", data: { system: { event: "participant.added", user_ids: [dee.user_id] } } },
      { type: "participant.updated", data: { participants: [{ ...summary(bob), role: "admin" }] } },
      { type: "message.new", data: { system: { event: "participant.updated", role: "admin" } } },
      { type: "participant.removed", data: { user_id: dee.user_id, removed_by: bob.user_id } },
      { type: "message.new", data: { system: { event: "participant.removed", user_id: dee.user_id } } },
      { type: "participant.removed", data: { user_id: bob.user_id, removed_by: bob.user_id } },
      { type: "message.new", data: { system: { event: "participant.removed", user_id: bob.user_id } } },
    ].map((event, index) => ({ ...event, conversation_id: id, seq: from + index + 1 }));
    for (const socket of sockets) {
      const numbered = () =>
        socket.events.filter((event) => "seq" in event && typeof event.seq === "number" && event.seq > from);
      await expect.poll(() => numbered().length).toBe(expected.length);
      expect(numbered()).toMatchObject(expected);
    }
    const told = (await history(cid, id)).filter((message) => message.type === "system").toReversed();
    expect(told.map((message) => message.system?.event)).toEqual([
      "conversation.created",
      "conversation.updated",
      "participant.added",
      "participant.updated",
      "participant.removed",
      "participant.removed",
    ]);
    for (const message of told) expect(message.content).not.toBe("");
  });

  it("[R8] the owner's leaving tells who owns the group now", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const sockets = await bothSockets(bob, id);
    await leave(ann, id);
    for (const socket of sockets) {
      expect(await socket.heard("participant.updated")).toMatchObject({
        conversation_id: id,
        data: { participants: [{ ...summary(bob), role: "admin", is_owner: true }] },
      });
    }
  });

  it("[R8 R17] messages of the system's are nobody's: not editable, not to be deleted for everyone, never unread", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const [told] = await history(bob, id);
    if (!told) throw new Error("nothing was told");
    await refusal(api(ann, "PUT", `/messages/${told.message_id}`, { content: "mine" }), "VALIDATION_ERROR");
    const everyone = `/messages/${told.message_id}?delete_for_everyone=true`;
    await refusal(api(ann, "DELETE", everyone), "FORBIDDEN");
    expect(await body(api(bob, "GET", "/conversations"), 200)).toMatchObject({
      conversations: [{ unread_count: 0 }],
    });
  });
});
