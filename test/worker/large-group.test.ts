import { runInDurableObject } from "cloudflare:test";
import { newConversationId } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../src/conversation/conversation.ts";
import { api, conversationObject, type Person, person, say } from "./kit.ts";
import { type Usage, usageOf } from "./usage.ts";

const id = () => crypto.randomUUID();

/** A group whose other members have never connected: nobody has read anything. */
async function groupOf(owner: Person, size: number): Promise<string> {
  const conversation_id = newConversationId();
  const caller = (user_id: string) => ({
    user_id,
    username: `u${user_id.slice(0, 8)}`,
    display_name: "Member",
    profile_photo_url: null,
    profile_version: 1,
  });
  await runInDurableObject(conversationObject(conversation_id), async (object: Conversation) => {
    const creator = { ...caller(owner.user_id), username: owner.username };
    const others = Array.from({ length: size - 1 }, () => caller(id()));
    await object.create({
      conversation_id,
      type: "group",
      name: "Large",
      description: null,
      creator,
      others,
    });
  });
  return conversation_id;
}

/** What the conversation's object reads and writes when a message is deleted for everyone. */
async function costOfDeletion(owner: Person, size: number): Promise<Usage> {
  const conversation = await groupOf(owner, size);
  const said = await say(owner, conversation, "to be deleted");
  return await usageOf(conversation, async () => {
    const answer = await api(owner, "DELETE", `/messages/${said.message_id}?delete_for_everyone=true`);
    expect(answer.status).toBe(204);
  });
}

describe("a large group", () => {
  it("[R17 COST-4] a deletion for everyone reads and writes a few rows for each member, and asks nothing of each", async () => {
    const owner = await person("large");
    const small = await costOfDeletion(owner, 20);
    const large = await costOfDeletion(owner, 80);
    const forEach = (key: "object_rows_read" | "object_rows_written") => (large[key] - small[key]) / 60;
    // The list's own row, the member's, and the places in `members_by_rev`; the row and its new place are written.
    expect(forEach("object_rows_read")).toBeLessThanOrEqual(5);
    expect(forEach("object_rows_written")).toBeLessThanOrEqual(2);
  });

  it("[R14 COST-4] a message to @all too, and an edit that no longer calls everybody", async () => {
    const owner = await person("large");
    const conversation = await groupOf(owner, 80);
    await say(owner, conversation, "warm");
    const metadata = { mentions: ["@all"] };
    let message_id = "";
    const sent = await usageOf(conversation, async () => {
      message_id = (await say(owner, conversation, "@all", { metadata })).message_id;
    });
    const edited = await usageOf(conversation, async () => {
      await api(owner, "PUT", `/messages/${message_id}`, { content: "nobody", metadata: {} });
    });
    for (const usage of [sent, edited]) {
      expect(usage.object_rows_read).toBeLessThanOrEqual(5 * 80 + 50);
      expect(usage.object_rows_written).toBeLessThanOrEqual(2 * 80 + 50);
    }
  });
});
