/** What people see and learn where several rules of safety meet. */
import { env } from "cloudflare:workers";
import type { SyncItem } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { synced } from "../../packages/client/src/apply-sync.ts";
import type { ConversationState } from "../../packages/client/src/state.ts";
import { block, unblock } from "./blocks-kit.ts";
import { faults } from "./faults.ts";
import { api, direct, group, type Person, people, say } from "./kit.ts";
import { decide, itemOf, moderator, reportIt } from "./moderation-kit.ts";
import { Follower } from "./state-kit.ts";
import { quiet, usageOf } from "./usage.ts";

/** What the directory has of a conversation and a member. */
const ROWS = `SELECT c.message_no, m.read_no, m.request FROM conversations AS c JOIN members AS m USING (conversation_id)
  WHERE c.conversation_id = ?1 AND m.user_id = ?2`;

afterEach(() => {
  faults.settings = {};
});

const read = async (who: Person, id: string) => (await api(who, "GET", `/messages/${id}`)).body;

const textsOf = ({ messages }: ConversationState) => messages.map(({ content }) => content);

function heardBy(follower: Follower): string[] {
  follower.catchUp();
  return textsOf(follower.state);
}

describe("a block and receipts", () => {
  it("[BLOCK-30] who fetches with /sync has received what the blocked said too: nobody learns from a receipt that they are blocked", async () => {
    const [ann, xen, bob] = await people("ann", "xen", "bob");
    const id = await group(bob, [ann, xen]);
    await block(id, ann, xen);
    const plain = await say(bob, id, "plain");
    const last = await say(xen, id, "canary");
    const { body: page } = await api(ann, "GET", "/sync");
    const token = page.next_token;
    expect(JSON.stringify(page)).not.toContain("canary");
    const statusOf = async (message_id: string) => {
      const { body } = await api(xen, "GET", `/messages/${message_id}/receipts`);
      const own = body.receipts.find((one: { user_id: string }) => one.user_id === ann.user_id);
      return own?.status;
    };
    await expect.poll(() => statusOf(last.message_id)).toBe("delivered");
    // Also where all that comes with it is an earlier message that has changed, and their own.
    await say(ann, id, "mine");
    const later = await say(xen, id, "canary");
    await api(bob, "PUT", `/messages/${plain.message_id}`, { content: "edited" });
    expect(await statusOf(later.message_id)).toBe("sent");
    expect(JSON.stringify((await api(ann, "GET", `/sync?since=${token}`)).body)).not.toContain("canary");
    await expect.poll(() => statusOf(later.message_id)).toBe("delivered");
  });
});

describe("a block and what clients have", () => {
  it("[BLOCK-31] /sync with a token from before the group, or before one came back to it, replaces what was heard live", async () => {
    const [ann, xen, bob] = await people("ann", "xen", "bob");
    await group(bob, [ann]);
    const tokenOf = async () => (await api(ann, "GET", "/sync")).body.next_token;
    const before = await tokenOf();
    const id = await group(bob, [ann, xen]);
    const changes = async (token?: string) => {
      const { body } = await api(ann, "GET", token === undefined ? "/sync" : `/sync?since=${token}`);
      return body.conversations.find((one: SyncItem) => one.conversation.conversation_id === id).changes;
    };
    const heard = await Follower.start(ann, id, "user");
    const replaced = async (token: string) => {
      await say(xen, id, "canary");
      await expect.poll(() => heardBy(heard)).toContain("canary");
      const away = heard.state;
      await block(id, ann, xen);
      const page = await changes(token);
      expect(page).toMatchObject({ limited: true, reset: true });
      // What a client has that was away when the block began is as new as the page.
      expect(textsOf(synced(away, page).state)).not.toContain("canary");
      // Who begins with nothing has nothing to replace.
      expect((await changes()).reset).toBeUndefined();
      await unblock(id, ann, xen);
    };
    await replaced(before);
    const between = await tokenOf();
    await api(bob, "DELETE", `/conversations/${id}/participants/${ann.user_id}`);
    await api(bob, "POST", `/conversations/${id}/participants`, { user_id: ann.user_id });
    await heard.sync(0);
    await replaced(between);
    await heard.stop();
  });
});

describe("a request and /sync", () => {
  it("[REQ-92] a stranger is not told that a chat has changed when the one who was asked reads or declines; their own devices are", async () => {
    faults.settings = { MESSAGE_REQUESTS: "on" };
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { message_id } = await say(ann, id, "hello");
    const written = async () => (await env.DB.prepare(ROWS).bind(id, bob.user_id).first()) ?? {};
    await expect.poll(async () => (await written()).message_no).toBe(1);
    const tokenOf = async (who: Person) => (await api(who, "GET", "/sync")).body.next_token;
    const [hers, his] = [await tokenOf(ann), await tokenOf(bob)];
    const since = async (who: Person, token: string) => (await api(who, "GET", `/sync?since=${token}`)).body;
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    await expect.poll(async () => (await written()).read_no).toBe(1);
    const page = await since(bob, his);
    expect(page.conversations).toMatchObject([
      { conversation: { unread_count: 0 }, changes: { unread_count: 0 } },
    ]);
    // Nothing comes twice.
    expect((await since(bob, page.next_token)).conversations).toEqual([]);
    await api(bob, "POST", `/conversations/${id}/decline`, {});
    await expect.poll(async () => (await written()).request).toBe("declined");
    expect((await since(bob, page.next_token)).removed_conversation_ids).toEqual([id]);
    expect(await since(ann, hers)).toMatchObject({ conversations: [], removed_conversation_ids: [] });
    // What both see is a change for both.
    await api(bob, "POST", `/conversations/${id}/accept`);
    await expect.poll(async () => (await since(ann, hers)).conversations).toHaveLength(1);
    await expect.poll(async () => (await since(bob, his)).conversations).toHaveLength(1);
  });
});

describe("privacy and /sync", () => {
  it("[REQ-93] who shows nobody what they read changes nothing for others by reading; their own devices hear of it, also when they show it again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(bob, id, "hi");
    await api(bob, "PATCH", "/users/me/privacy", { read_receipts: false });
    const { message_id } = await say(ann, id, "hello");
    const written = async () => (await env.DB.prepare(ROWS).bind(id, bob.user_id).first()) ?? {};
    await expect.poll(async () => (await written()).message_no).toBe(2);
    // What the change of the settings writes, too: the conversation has nothing left to do.
    await usageOf(id, () => quiet(500));
    const tokenOf = async (who: Person) => (await api(who, "GET", "/sync")).body.next_token;
    const [hers, his] = [await tokenOf(ann), await tokenOf(bob)];
    const since = async (who: Person, token: string) =>
      (await api(who, "GET", `/sync?since=${token}`)).body.conversations;
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id });
    await expect.poll(async () => (await written()).read_no).toBe(2);
    expect(await since(ann, hers)).toEqual([]);
    expect(await since(bob, his)).toMatchObject([{ conversation: { unread_count: 0 } }]);
    await api(bob, "PATCH", "/users/me/privacy", { read_receipts: true });
    await expect.poll(async () => await since(bob, his)).toMatchObject([{ changes: { unread_count: 0 } }]);
  });
});

describe("what is withheld", () => {
  it("[REPORT-70] what is deleted with a ban of the room or of the app does not come back", async () => {
    faults.settings = { REPORTS_HIDE_AFTER: "2" };
    const backend = await moderator();
    for (const isOfApp of [false, true]) {
      const [ann, bob, eve] = await people("ann", "bob", "eve");
      const id = await group(bob, [ann, eve]);
      const { message_id } = await say(ann, id, "canary");
      await say(ann, id, "another");
      await reportIt(bob, { message_id });
      const report = await reportIt(eve, { message_id });
      await expect.poll(async () => (await itemOf(backend, report)).is_withheld).toBe(true);
      const ban = isOfApp
        ? await api(backend, "PUT", `/server/moderation/bans/${ann.user_id}`, {
            reason: "Spam",
            delete_messages: "all",
          })
        : await api(bob, "PUT", `/conversations/${id}/bans/${ann.user_id}`, { delete_messages: "all" });
      expect(ban.status).toBeLessThan(300);
      await expect
        .poll(async () => {
          const { body } = await api(bob, "GET", `/conversations/${id}/messages`);
          return JSON.stringify(body).includes("another");
        })
        .toBe(false);
      expect((await decide(backend, await itemOf(backend, report), { action: "dismiss" })).status).toBe(200);
      expect(await read(bob, message_id)).toMatchObject({ is_deleted: true, content: "" });
    }
  });
});
