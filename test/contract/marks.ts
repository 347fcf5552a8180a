/** Guide section 1: reactions, read receipts, typing, search. */

import { type Reaction, ReadResult, type Receipts, SearchResults } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import {
  api,
  body,
  cast,
  connectTo,
  direct,
  fetched,
  group,
  history,
  refusal,
  TIME,
  text,
  UUID,
} from "./kit.ts";

describe("reactions, receipts, typing and search", () => {
  it("[GUIDE-1.10 R18] add a reaction: 201 with the guide's fields; again 200 with the first", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const message = await text(ann, await direct(ann, bob), "Hello!");
    const add = (status: number) =>
      body<Reaction>(api(bob, "POST", `/messages/${message.message_id}/reactions`, { emoji: "👍" }), status);
    const first = await add(201);
    expect(first).toEqual({
      reaction_id: UUID,
      message_id: message.message_id,
      emoji: "👍",
      user_id: bob.user_id,
      created_at: TIME,
    });
    expect(await add(200)).toEqual(first);
    const reactions = [{ emoji: "👍", user_id: bob.user_id, username: bob.username }];
    expect(await fetched(ann, message)).toMatchObject({ reactions });
  });

  it("[GUIDE-1.11 R18] remove a reaction: 204, one's own only, and 204 when there is none", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const message = await text(ann, await direct(ann, bob), "Hello!");
    const path = `/messages/${message.message_id}/reactions`;
    await body(api(bob, "POST", path, { emoji: "👍" }), 201);
    await body(api(ann, "DELETE", `${path}/${encodeURIComponent("👍")}`), 204);
    expect((await fetched(ann, message)).reactions).toHaveLength(1);
    for (const _ of [1, 2]) await body(api(bob, "DELETE", `${path}/${encodeURIComponent("👍")}`), 204);
    expect((await fetched(ann, message)).reactions).toEqual([]);
  });

  it("[GUIDE-1.12 R19] mark as read: 200 with marked_read and unread_count", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const sent = [];
    for (let i = 0; i < 5; i++) sent.push(await text(ann, id, `${i}`));
    const up_to_message_id = sent.at(-1)?.message_id;
    const result = await body<ReadResult>(
      api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id }),
      200,
    );
    expect(ReadResult.parse(result)).toMatchObject({ marked_read: 5, unread_count: 0 });
  });

  it("[GUIDE-1.13 R19] get receipts: the members other than the sender, with status and times", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const message = await text(ann, await group(ann, [bob, cid, dee]), "Hello!");
    await api(bob, "PUT", `/conversations/${message.conversation_id}/read`, {
      up_to_message_id: message.message_id,
    });
    await history(cid, message.conversation_id);
    const get = () => body<Receipts>(api(ann, "GET", `/messages/${message.message_id}/receipts`), 200);
    const receipt = (who: typeof bob, status: string, delivered_at: unknown, read_at: unknown) => ({
      user_id: who.user_id,
      username: who.username,
      status,
      delivered_at,
      read_at,
    });
    await expect.poll(get).toEqual({
      receipts: [
        receipt(bob, "read", TIME, TIME),
        receipt(cid, "delivered", TIME, null),
        receipt(dee, "sent", null, null),
      ],
    });
  });

  it("[GUIDE-1.14 GUIDE-1.15 R22] start and stop typing: 204, and the others hear each once", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const socket = await connectTo(bob, id);
    const states = () => socket.all("typing.indicator").map((event) => event.data.is_typing);
    for (const _ of [1, 2]) await body(api(ann, "POST", `/conversations/${id}/typing`), 204);
    await expect.poll(states).toEqual([true]);
    for (const _ of [1, 2]) await body(api(ann, "DELETE", `/conversations/${id}/typing`), 204);
    await expect.poll(states).toEqual([true, false]);
  });

  it("[GUIDE-1.16] search: the guide's fields, the match marked, and the total", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob], "Group Name");
    const message = await text(bob, id, "hello world");
    const found = await body<SearchResults>(api(ann, "GET", "/search/messages?q=hello&limit=20"), 200);
    expect(SearchResults.parse(found)).toMatchObject({
      results: [
        {
          message_id: message.message_id,
          conversation_id: id,
          conversation_name: "Group Name",
          sender_username: bob.username,
          content: "hello world",
          created_at: TIME,
          highlight: "<mark>hello</mark> world",
        },
      ],
      total: 1,
    });
    await refusal(api(ann, "GET", "/search/messages?q=hello&limit=0"), "VALIDATION_ERROR");
  });
});
