import { Conversation, type Standing } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { expectError } from "./checks.ts";
import { api, connect, direct, group, type Person, people, say } from "./kit.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A participant with every field that the guide names. */
function participant(who: Person, role: "owner" | "admin" | "member") {
  return {
    user_id: who.user_id,
    username: who.username,
    display_name: expect.any(String),
    profile_photo_url: null,
    role: role === "owner" ? "admin" : role,
    is_owner: role === "owner",
    is_online: expect.any(Boolean),
  };
}

describe("creating conversations", () => {
  it("[CONV-DIRECT] the guide's fields, for both sides the same", async () => {
    const [ann, bob] = await people("ann", "bob");
    const answer = await api(ann, "POST", "/conversations/direct", { user_id: bob.user_id });
    expect(answer.status).toBe(201);
    expect(Conversation.parse(answer.body)).toMatchObject({
      conversation_id: expect.stringMatching(UUID),
      type: "direct",
      created_at: expect.stringMatching(TIME),
      participant_count: 2,
      participants: expect.arrayContaining([
        expect.objectContaining(participant(ann, "member")),
        expect.objectContaining(participant(bob, "member")),
      ]),
    });
    const theirs = await api(bob, "GET", `/conversations/${answer.body.conversation_id}`);
    expect(theirs).toMatchObject({ status: 200, body: { type: "direct", participant_count: 2 } });
  });

  it("[CONV-GROUP] the guide's fields; the creator owns it", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const answer = await api(ann, "POST", "/conversations/group", {
      name: "  My Group ",
      description: "Group description",
      participant_ids: [bob.user_id, cid.user_id],
    });
    expect(answer.status).toBe(201);
    expect(Conversation.parse(answer.body)).toMatchObject({
      conversation_id: expect.stringMatching(UUID),
      type: "group",
      name: "My Group",
      description: "Group description",
      created_by: ann.user_id,
      participant_count: 3,
    });
    const roles = answer.body.participants.map((one: Person & Standing) => [
      one.user_id,
      one.is_owner ? "owner" : one.role,
    ]);
    expect(new Map(roles)).toEqual(
      new Map([
        [ann.user_id, "owner"],
        [bob.user_id, "member"],
        [cid.user_id, "member"],
      ]),
    );
  });

  it("[CONV-GROUP] naming oneself or somebody twice makes nobody twice; alone is allowed", async () => {
    const [ann, bob] = await people("ann", "bob");
    const participant_ids = [bob.user_id, ann.user_id, bob.user_id.toUpperCase()];
    const answer = await api(ann, "POST", "/conversations/group", { name: "Two", participant_ids });
    expect(answer).toMatchObject({ status: 201, body: { participant_count: 2, description: null } });
    const alone = await api(ann, "POST", "/conversations/group", { name: "One", participant_ids: [] });
    expect(alone).toMatchObject({ status: 201, body: { participant_count: 1 } });
  });

  it("[CONV-GROUP] one unknown user, and there is no group", async () => {
    const [ann, bob] = await people("ann", "bob");
    const nobody = crypto.randomUUID();
    const body = { name: "Group", participant_ids: [bob.user_id, nobody] };
    const answer = await api(ann, "POST", "/conversations/group", body);
    expectError(answer, "NOT_FOUND");
    expect(answer.body.details).toEqual({ user_ids: [nobody] });
    expect((await api(bob, "GET", "/conversations")).body).toMatchObject({ total: 0 });
  });

  it("[CONV-GROUP] members hear of it, and its history begins with a message of the system's", async () => {
    const [ann, bob] = await people("ann", "bob");
    const hub = await connect(bob);
    const id = await group(ann, [bob], "News");
    expect(await hub.heard("conversation.created")).toMatchObject({
      conversation_id: id,
      seq: 1,
      data: { conversation_id: id, type: "group", name: "News", created_by: ann.user_id },
    });
    const { body } = await api(bob, "GET", `/conversations/${id}/messages`);
    expect(body.messages).toMatchObject([{ type: "system", sender_id: ann.user_id }]);
    expect(body.messages[0].system).toMatchObject({ event: "conversation.created", actor_id: ann.user_id });
  });
});

describe("details", () => {
  it("[CONV-DETAILS] the guide's fields", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob], "My Group");
    const { status, body } = await api(bob, "GET", `/conversations/${id}`);
    expect(status).toBe(200);
    expect(Conversation.parse(body)).toMatchObject({
      conversation_id: id,
      type: "group",
      name: "My Group",
      photo_url: null,
      description: null,
      participant_count: 2,
      participants: expect.arrayContaining([
        expect.objectContaining(participant(ann, "owner")),
        expect.objectContaining(participant(bob, "member")),
      ]),
      settings: { only_admins_can_send: false, disappearing_messages_enabled: false },
    });
    for (const one of body.participants) expect(one).toHaveProperty("last_seen_at");
  });

  it("[CONV-DETAILS] who is online is shown", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await connect(bob);
    await expect
      .poll(async () => {
        const { body } = await api(ann, "GET", `/conversations/${id}`);
        return body.participants.find((one: Person) => one.user_id === bob.user_id).is_online;
      })
      .toBe(true);
  });

  it("[CONV-ACCESS] unknown is 404, known but not a member is 403", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await direct(ann, bob);
    const message = await say(ann, id, "secret");
    const body = { type: "text", content: "hello" };
    expectError(await api(eve, "GET", `/conversations/${id}`), "FORBIDDEN");
    expectError(await api(eve, "GET", `/conversations/${id}/messages`), "FORBIDDEN");
    expectError(await api(eve, "POST", `/conversations/${id}/messages`, body), "FORBIDDEN");
    expectError(await api(eve, "GET", `/messages/${message.message_id}`), "FORBIDDEN");
    const next = message.message_id.replace(/.$/, "f");
    expectError(await api(eve, "GET", `/messages/${next}`), "FORBIDDEN");
    expectError(await api(ann, "GET", `/messages/${next}`), "NOT_FOUND");
    for (const unknown of [crypto.randomUUID(), `0000${id.slice(4)}`]) {
      expectError(await api(ann, "GET", `/conversations/${unknown}`), "CONVERSATION_NOT_FOUND");
      expectError(await api(ann, "GET", `/conversations/${unknown}/messages`), "CONVERSATION_NOT_FOUND");
      expectError(
        await api(ann, "POST", `/conversations/${unknown}/messages`, body),
        "CONVERSATION_NOT_FOUND",
      );
    }
    expectError(await api(undefined, "GET", `/conversations/${id}`), "UNAUTHORIZED");
  });
});
