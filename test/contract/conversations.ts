/** Guide section 1, "Conversation Management", and the routes of section 3 that section 1 leaves out. */

import { Conversation, ConversationList, type Role, type SyncItem } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { request } from "../worker/kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  connect,
  connectTo,
  direct,
  group,
  item,
  participant,
  refusal,
  TIME,
  text,
  UUID,
} from "./kit.ts";

describe("conversation management", () => {
  it("[GUIDE-1.1 R9 R25] list: the guide's fields of a direct chat and of a group, page, total and has_more", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const crew = await group(ann, [bob], "Group Name");
    const chat = await direct(ann, bob);
    await text(bob, chat, "Last message preview...");
    const answer = await body(api(ann, "GET", "/conversations?page=1&limit=20"), 200);
    expect(ConversationList.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({
      conversations: [
        {
          conversation_id: chat,
          type: "direct",
          last_message: {
            content: "Last message preview...",
            created_at: TIME,
            sender_username: bob.username,
          },
          unread_count: 1,
          is_muted: false,
          is_pinned: false,
          participants: expect.arrayContaining([
            expect.objectContaining(participant(ann, "member")),
            expect.objectContaining(participant(bob, "member")),
          ]),
          other_user: participant(bob, "member"),
        },
        {
          conversation_id: crew,
          type: "group",
          name: "Group Name",
          photo_url: null,
          unread_count: 0,
          is_muted: false,
          is_pinned: false,
          participants: expect.arrayContaining([
            expect.objectContaining(participant(ann, "owner")),
            expect.objectContaining(participant(bob, "member")),
          ]),
        },
      ],
      total: 2,
      page: 1,
      has_more: false,
    });
    for (const query of ["limit=0", "limit=101", "page=0", "page=1e2", "limit=-1"]) {
      await refusal(api(ann, "GET", `/conversations?${query}`), "VALIDATION_ERROR");
    }
  });

  it("[GUIDE-1.2 R7] create direct: 201 with the guide's fields, 200 with the same body when it exists", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const create = (who = ann, other = bob.user_id) =>
      api(who, "POST", "/conversations/direct", { user_id: other });
    const first = await body<Conversation>(create(), 201);
    expect(Conversation.parse(first)).toEqual(first);
    expect(first).toMatchObject({
      conversation_id: UUID,
      type: "direct",
      created_at: TIME,
      participants: [participant(ann, "member"), participant(bob, "member")],
    });
    expect(await body(create(), 200)).toEqual(first);
    expect(await body(create(bob, ann.user_id), 200)).toEqual(first);
    await refusal(create(ann, ann.user_id), "VALIDATION_ERROR");
    await refusal(create(ann, crypto.randomUUID()), "NOT_FOUND");
  });

  it("[GUIDE-1.3 R8] create group: 201 with the guide's fields; the creator is the owner", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const participant_ids = [bob, cid, dee].map((who) => who.user_id);
    const asked = { name: "My Group", description: "Group description", participant_ids };
    const created = await body<Conversation>(api(ann, "POST", "/conversations/group", asked), 201);
    expect(Conversation.parse(created)).toEqual(created);
    expect(created).toMatchObject({
      conversation_id: UUID,
      type: "group",
      name: "My Group",
      created_by: ann.user_id,
      participants: [
        participant(ann, "owner"),
        ...[bob, cid, dee].map((who) => participant(who, "member" satisfies Role)),
      ],
    });
  });

  it("[GUIDE-1.4 R8 R10 R22] details: the guide's fields, who is online, and the settings", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob], "My Group");
    await api(ann, "PUT", `/conversations/${id}`, {
      description: "Group description",
      photo_url: "https://example.com/p.png",
    });
    await connect(bob);
    const get = () => body<Conversation>(api(ann, "GET", `/conversations/${id}`), 200);
    await expect.poll(async () => (await get()).participants[1]?.is_online).toBe(true);
    const details = await get();
    expect(Conversation.parse(details)).toEqual(details);
    expect(details).toMatchObject({
      conversation_id: id,
      type: "group",
      name: "My Group",
      photo_url: "https://example.com/p.png",
      description: "Group description",
      participant_count: 2,
      participants: [
        participant(ann, "owner"),
        { ...participant(bob, "member"), is_online: true, last_seen_at: TIME },
      ],
      settings: { only_admins_can_send: false, disappearing_messages_enabled: false },
    });
  });

  it("[GUIDE-3.2 R8] PUT /conversations/:id merges what is given and leaves the rest", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob], "Before");
    const put = (patch: object) => body<Conversation>(api(ann, "PUT", `/conversations/${id}`, patch), 200);
    const photo_url = "https://example.com/p.png";
    await put({ description: "Kept", photo_url, settings: { disappearing_ttl_seconds: 60 } });
    const after = await put({ name: "After", settings: { only_admins_can_send: true } });
    expect(Conversation.parse(after)).toMatchObject({
      name: "After",
      description: "Kept",
      photo_url,
      settings: {
        only_admins_can_send: true,
        disappearing_messages_enabled: false,
        disappearing_ttl_seconds: 60,
      },
    });
    expect(await put({ description: null, photo_url: null })).toMatchObject({
      name: "After",
      description: null,
      photo_url: null,
    });
    expect(await body(api(bob, "GET", `/conversations/${id}`), 200)).toMatchObject({ name: "After" });
  });

  it("[GUIDE-3.3 R8] DELETE /conversations/:id leaves: 204, then the group is gone for who left", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    await body(api(bob, "DELETE", `/conversations/${id}`), 204);
    await refusal(api(bob, "GET", `/conversations/${id}`), "FORBIDDEN");
    expect(await item(bob, id)).toBeUndefined();
    expect(await item(ann, id)).toMatchObject({ participant_count: 1 });
  });

  it("[R8] leaving a direct conversation hides it until the next message, for the leaver only", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    await text(bob, id, "before");
    await body(api(ann, "DELETE", `/conversations/${id}`), 204);
    expect(await item(ann, id)).toBeUndefined();
    expect(await body(api(ann, "GET", "/conversations"), 200)).toMatchObject({ total: 0 });
    expect(await item(bob, id)).toBeDefined();
    await text(bob, id, "after");
    expect(await item(ann, id)).toMatchObject({ last_message: { content: "after" }, unread_count: 2 });
  });

  it("[R8 R21 HIDE-1] own devices hear that, once and without a number; nobody else does; a resume says it", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const before = await text(bob, id, "before");
    const [mine, theirs] = [await bothSockets(ann, id), await bothSockets(bob, id)];
    await body(api(ann, "DELETE", `/conversations/${id}`), 204);
    // Again, and by the other route: nothing more to tell.
    await body(api(ann, "DELETE", `/conversations/${id}/participants/${ann.user_id}`), 204);
    const away = await connectTo(ann, id, `?since=${before.seq}`);
    expect(await away.heard("conversation.sync")).toMatchObject({
      data: { is_hidden: true, seq: before.seq },
    });
    const next = await text(bob, id, "next");
    const hidden = { type: "conversation.hidden", conversation_id: id, data: { up_to_seq: before.seq } };
    for (const socket of [...mine, ...theirs]) {
      await socket.heard((event) => event.type === "message.new" && event.seq === next.seq);
    }
    expect(next.seq).toBe(before.seq + 1);
    for (const socket of mine) expect(socket.all("conversation.hidden")).toEqual([hidden]);
    for (const socket of theirs) expect(socket.all("conversation.hidden")).toEqual([]);
    const back = await connectTo(ann, id, `?since=${before.seq}`);
    expect(await back.heard("conversation.sync")).toMatchObject({ data: { is_hidden: false } });
  });

  it("[R8 R21 HIDE-2] list and /sync agree: from nothing, from a token, hidden, archived, changed meanwhile, and back", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const said = await text(bob, id, "before");
    type Page = { conversations: SyncItem[]; removed_conversation_ids: string[]; next_token: string };
    const sync = (since?: string) =>
      body<Page>(api(ann, "GET", `/sync${since ? `?since=${since}` : ""}`), 200);
    const listed = async () => ({
      list: (await item(ann, id)) !== undefined,
      sync: (await sync()).conversations.length,
    });
    const start = (await sync()).next_token;
    await body(api(ann, "PATCH", `/conversations/${id}/preferences`, { is_archived: true }), 200);
    expect(await listed()).toEqual({ list: true, sync: 1 });
    await body(api(ann, "DELETE", `/conversations/${id}`), 204);
    expect(await listed()).toEqual({ list: false, sync: 0 });
    const gone = await sync(start);
    expect(gone).toMatchObject({ conversations: [], removed_conversation_ids: [id] });
    // What is no message leaves it out of the list, and is no news.
    await body(api(bob, "POST", `/messages/${said.message_id}/reactions`, { emoji: "👍" }), 201);
    await body(api(ann, "PATCH", `/conversations/${id}/preferences`, { is_pinned: true }), 200);
    expect(await listed()).toEqual({ list: false, sync: 0 });
    const still = await sync(gone.next_token);
    expect(still).toMatchObject({ conversations: [], removed_conversation_ids: [] });
    await text(bob, id, "after");
    expect(await listed()).toEqual({ list: true, sync: 1 });
    // Who was told that it is gone may have forgotten what was said before.
    const back = (await sync(still.next_token)).conversations[0]?.changes;
    expect(back).toMatchObject({ limited: true, is_hidden: false });
    expect(back?.messages.map((message) => message.content)).toEqual(["before", "after"]);
    const token = (await sync(still.next_token)).next_token;
    await text(bob, id, "and more");
    const more = (await sync(token)).conversations[0]?.changes;
    expect(more).toMatchObject({ limited: false });
    expect(more?.messages.map((message) => message.content)).toEqual(["and more"]);
  });

  it("[GUIDE-3.4 R8] POST participants takes user_id or user_ids: 201, and 200 when all were in", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob]);
    const add = (some: object) => api(ann, "POST", `/conversations/${id}/participants`, some);
    const one = await body<Conversation>(add({ user_id: cid.user_id }), 201);
    expect(Conversation.parse(one)).toMatchObject({ participant_count: 3 });
    const two = await body<Conversation>(add({ user_ids: [cid.user_id, dee.user_id] }), 201);
    expect(two.participants.map((each) => each.user_id)).toEqual(
      [ann, bob, cid, dee].map((who) => who.user_id),
    );
    expect(await body(add({ user_id: dee.user_id }), 200)).toMatchObject({ participant_count: 4 });
    await refusal(add({ user_id: crypto.randomUUID() }), "NOT_FOUND");
    await refusal(add({ user_id: dee.user_id, user_ids: [cid.user_id] }), "VALIDATION_ERROR");
    await refusal(add({}), "VALIDATION_ERROR");
  });

  it("[GUIDE-3.5 R8] DELETE participants/:userId: 204, then they are no member; who is none is 404", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const path = `/conversations/${id}/participants/${bob.user_id}`;
    await body(api(ann, "DELETE", path), 204);
    await refusal(api(bob, "GET", `/conversations/${id}`), "FORBIDDEN");
    expect(await item(bob, id)).toBeUndefined();
    await refusal(api(ann, "DELETE", path), "NOT_FOUND");
    await body(api(cid, "DELETE", `/conversations/${id}/participants/${cid.user_id}`), 204);
    expect(await item(ann, id)).toMatchObject({ participant_count: 1 });
  });

  it("[GUIDE-3.1] GET /health answers without a token", async () => {
    const response = await request("/health");
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: "ok", version: expect.any(String), commit: null },
    ]);
  });
});
