import { ConversationList } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { sendCommand } from "./checks.ts";
import { api, connectTo, direct, group, type Person, people, say } from "./kit.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** The caller's list, checked against its schema: a field that nobody declared fails. */
async function list(who: Person, query = "") {
  const { status, body } = await api(who, "GET", `/conversations${query}`);
  expect(status).toBe(200);
  return ConversationList.parse(body);
}

describe("the list", () => {
  it("[CONV-LIST] the guide's fields", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(bob, id, "Hello!");
    const answer = await list(ann);
    expect(answer).toMatchObject({ total: 1, page: 1, has_more: false });
    expect(answer.conversations).toMatchObject([
      {
        conversation_id: id,
        type: "direct",
        name: null,
        photo_url: null,
        last_message: {
          content: "Hello!",
          created_at: expect.stringMatching(TIME),
          sender_username: bob.username,
        },
        unread_count: 1,
        is_muted: false,
        is_pinned: false,
        other_user: { user_id: bob.user_id, username: bob.username },
      },
    ]);
    expect(answer.conversations[0]?.participants).toHaveLength(2);
    expect((await list(bob)).conversations[0]).toMatchObject({
      unread_count: 0,
      other_user: { user_id: ann.user_id },
    });
  });

  it("[CONV-LIST] a group has no other_user, and shows at most ten participants", async () => {
    const names = Array.from({ length: 11 }, (_, i) => `member-${i}-`);
    const [ann] = await people("ann");
    const id = await group(ann, await people(...names), "Crowd");
    const [item] = (await list(ann)).conversations;
    expect(item).toMatchObject({
      conversation_id: id,
      name: "Crowd",
      other_user: null,
      participant_count: 12,
    });
    expect(item?.participants).toHaveLength(10);
  });

  it("[CONV-LIST] newest activity first, in pages", async () => {
    const [ann, bob] = await people("ann", "bob");
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await group(ann, [bob], `Group ${i}`));
    // Activity is the clock's: two in one millisecond may come in either order.
    await new Promise((resolve) => setTimeout(resolve, 2));
    await say(bob, ids[1] ?? "", "newest");
    const all = (await list(ann)).conversations.map((one) => one.conversation_id);
    expect(all[0]).toBe(ids[1]);
    expect(new Set(all)).toEqual(new Set(ids));
    const pages = [];
    for (const page of [1, 2, 3]) pages.push(await list(ann, `?page=${page}&limit=2`));
    expect(pages.map(({ total, page, has_more }) => [total, page, has_more])).toEqual([
      [5, 1, true],
      [5, 2, true],
      [5, 3, false],
    ]);
    expect(pages.flatMap((page) => page.conversations.map((one) => one.conversation_id))).toEqual(all);
    expect(await list(ann, "?page=4&limit=2")).toMatchObject({
      conversations: [],
      total: 5,
      has_more: false,
    });
    expect((await list(ann, "?limit=100")).conversations).toHaveLength(5);
  });

  it("[CONV-LIST] the preview is cut between characters", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "😀".repeat(300));
    const [item] = (await list(bob)).conversations;
    expect(item?.last_message?.content).toMatch(/^(😀){100,299}$/u);
  });

  it("[CONV-UNREAD] counts the others' messages, never one's own, never the system's", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob, cid], "Unread");
    const unread = async () => {
      const lists = await Promise.all([ann, bob, cid].map((who) => list(who)));
      return lists.map((one) => one.conversations[0]?.unread_count);
    };
    expect(await unread()).toEqual([0, 0, 0]);
    await say(ann, id, "one");
    await say(bob, id, "two");
    await say(bob, id, "three");
    expect(await unread()).toEqual([2, 1, 3]);
    await say(bob, id, "three", { client_message_id: "again" });
    await say(bob, id, "three", { client_message_id: "again" });
    expect(await unread()).toEqual([3, 1, 4]);
    // Sent over a socket it is counted alike; the list follows within moments.
    const socket = await connectTo(cid, id);
    await socket.ask(sendCommand(id, "four"));
    await expect.poll(unread).toEqual([4, 2, 4]);
  });

  it("[CONV-LIST] shows one's own conversations only", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    await direct(ann, bob);
    expect(await list(eve)).toMatchObject({ conversations: [], total: 0, page: 1, has_more: false });
  });
});
