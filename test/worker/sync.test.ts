import { env } from "cloudflare:workers";
import type { Message, SyncItem } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { api, connectTo, conversationObject, direct, group, type Person, people, say } from "./kit.ts";

interface Page {
  conversations: SyncItem[];
  removed_conversation_ids: string[];
  next_token: string;
  has_more: boolean;
  limited: boolean;
}

async function sync(who: Person, since?: string, limit = 20): Promise<Page> {
  const query = new URLSearchParams({ limit: String(limit), ...(since === undefined ? {} : { since }) });
  const { status, body } = await api(who, "GET", `/sync?${query}`);
  expect(status).toBe(200);
  return body;
}

const texts = (item: SyncItem | undefined) => item?.changes.messages.map((message) => message.content);
const of = (pages: Page[], id: string) =>
  pages.flatMap((page) => page.conversations).filter((item) => item.conversation.conversation_id === id);

/** Three groups of Ann and Bob. */
async function three() {
  const [ann, bob] = await people("ann", "bob");
  const ids = [await group(ann, [bob]), await group(ann, [bob]), await group(ann, [bob])] as const;
  return { ann, bob, ids };
}

/** Writes a new epoch, as a new database has one. */
async function loseDirectory(): Promise<void> {
  await env.DB.prepare("UPDATE revision SET epoch = lower(hex(randomblob(8)))").run();
}

describe("GET /sync in pages", () => {
  it("[R21 SYNC-4] a conversation that was written to twice comes from where the client began, on whichever page", async () => {
    const { ann, bob, ids } = await three();
    const [a, b, c] = ids;
    const token = (await sync(ann)).next_token;
    await say(bob, c, "m1");
    await say(bob, a, "x");
    await say(bob, b, "y");
    await say(bob, c, "m2");
    const first = await sync(ann, token, 2);
    expect(first).toMatchObject({ has_more: true });
    const second = await sync(ann, first.next_token, 2);
    expect(second).toMatchObject({ has_more: false });
    const [item, ...more] = of([first, second], c);
    expect([texts(item), more, item?.changes.limited]).toEqual([["m1", "m2"], [], false]);
  });

  it("[R21 SYNC-5] on a first sync the pages are all alike: whole, never a bare delta, and nothing is removed", async () => {
    const { ann, bob, ids } = await three();
    const left = await group(ann, [bob]);
    await api(bob, "DELETE", `/conversations/${left}`);
    for (const id of ids) await say(ann, id, "before");
    const pages = [await sync(bob, undefined, 1)];
    for (let page = pages.at(-1); page?.has_more; page = pages.at(-1)) {
      pages.push(await sync(bob, page.next_token, 1));
    }
    for (const id of ids) {
      const items = of(pages, id);
      expect(items.map((item) => item.changes)).toMatchObject([{ limited: true }]);
      expect(texts(items[0])).toContain("before");
    }
    expect(pages.flatMap((page) => page.removed_conversation_ids)).toEqual([]);
  });

  it("[R21 SYNC-6] what is written to, joined and left between two pages is in the later ones", async () => {
    const { ann, bob, ids } = await three();
    const [a, b, c] = ids;
    const first = await sync(bob, undefined, 2);
    expect(first.conversations.map((item) => item.conversation.conversation_id)).toEqual([a, b]);
    await say(ann, a, "once more");
    await api(ann, "DELETE", `/conversations/${b}/participants/${bob.user_id}`);
    const fresh = await group(ann, [bob]);
    const pages = [first];
    for (let page = first; page.has_more; page = pages.at(-1) as Page) {
      pages.push(await sync(bob, page.next_token, 2));
    }
    expect(texts(of(pages, a).at(-1))).toContain("once more");
    expect(of(pages, c)).toHaveLength(1);
    expect(of(pages, fresh)).toHaveLength(1);
    expect(pages.flatMap((page) => page.removed_conversation_ids)).toEqual([b]);
    const after = await sync(bob, pages.at(-1)?.next_token);
    expect(after).toMatchObject({ conversations: [], removed_conversation_ids: [], has_more: false });
  });
});

describe("tokens of another directory", () => {
  it("[R21 SYNC-7] a directory that was lost, a restored one, and a token of an older form: everything again, with a flag", async () => {
    const { ann, bob, ids } = await three();
    const one = await sync(ann, undefined, 1);
    const done = await sync(ann);
    expect([one.limited, done.limited]).toEqual([false, false]);
    const [epoch, ...revs] = done.next_token.split(".");
    const future = [epoch, ...revs.map((rev) => `${rev}000`)].join(".");
    await loseDirectory();
    for (const token of [done.next_token, one.next_token, future, "s1", "szz"]) {
      const page = await sync(ann, token);
      expect(page).toMatchObject({ limited: true, has_more: false, removed_conversation_ids: [] });
      expect(page.conversations.map((item) => item.conversation.conversation_id).sort()).toEqual(
        [...ids].sort(),
      );
      for (const { changes } of page.conversations) expect(changes.limited).toBe(true);
    }
    // The flag stands on the first page alone: it says where to forget.
    const pages = [await sync(ann, done.next_token, 2)];
    pages.push(await sync(ann, pages[0]?.next_token, 2));
    expect(pages.map((page) => [page.limited, page.has_more])).toEqual([
      [true, true],
      [false, false],
    ]);
    const next = pages[1]?.next_token;
    await say(bob, ids[0], "afterwards");
    const after = await sync(ann, next);
    expect(after).toMatchObject({ limited: false });
    expect(after.conversations.map(texts)).toEqual([["afterwards"]]);
  });

  it("[R21 SYNC-8] a token from ahead of the directory, which was restored from a backup", async () => {
    const { ann } = await three();
    const { next_token } = await sync(ann);
    const [epoch, ...revs] = next_token.split(".");
    for (const place of [0, 1, 2]) {
      const ahead = revs.map((rev, index) => (index === place ? `${rev}000` : rev));
      expect(await sync(ann, [epoch, ...ahead].join("."))).toMatchObject({ limited: true });
    }
  });

  it("[R21 SYNC-9] a conversation that is projected again is told again, to old tokens and to new ones", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(bob, id, "before");
    const { next_token } = await sync(ann);
    await conversationObject(id).rebuildProjection();
    const again = await sync(ann, next_token);
    expect(again).toMatchObject({ limited: false });
    expect(of([again], id)).toHaveLength(1);
    await say(bob, id, "after");
    const news = (await sync(ann, again.next_token)).conversations[0]?.changes.messages as Message[];
    expect(news.map((message) => message.content)).toContain("after");
  });
});

describe("marks, which not every flush writes", () => {
  it("[R21 SYNC-11] a client that is a hundred messages behind gets them, also where the last mark lies before its token", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    for (let i = 0; i < 8; i++) await say(bob, id, `known ${i}`);
    const { next_token } = await sync(ann);
    const marks = await env.DB.prepare("SELECT max(seq) AS seq FROM flushes WHERE conversation_id = ?")
      .bind(id)
      .first<{ seq: number }>();
    expect(marks?.seq).toBe(2);
    for (let i = 0; i < 100; i++) await say(bob, id, `new ${i}`);
    const [item] = of([await sync(ann, next_token)], id);
    expect(item?.changes.limited).toBe(false);
    expect(texts(item)?.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => `new ${i}`));
    expect(texts(item)?.slice(0, -100)).toEqual(Array.from({ length: 7 }, (_, i) => `known ${i + 1}`));
    for (let i = 0; i < 8; i++) await say(bob, id, `too many ${i}`);
    expect(of([await sync(ann, next_token)], id)[0]?.changes.limited).toBe(true);
  });
});

describe("what was fetched over /sync", () => {
  it("[R19 R21 SYNC-10] is delivered: from nothing, from a token, of several senders; one's own and other pages are not", async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const [id, other] = [await group(ann, [bob, cat]), await group(ann, [cat])];
    const socket = await connectTo(ann, id);
    const statusOf = async (message: Message) => {
      const { body } = await api(ann, "GET", `/messages/${message.message_id}/receipts`);
      return body.receipts.find((one: { user_id: string }) => one.user_id === cat.user_id)?.status;
    };
    const one = await say(ann, id, "one");
    const elsewhere = await say(ann, other, "elsewhere");
    await say(bob, id, "two");
    expect([await statusOf(one), await statusOf(elsewhere)]).toEqual(["sent", "sent"]);
    const page = await sync(cat, undefined, 1);
    expect(page.conversations.map((item) => item.conversation.conversation_id)).toEqual([other]);
    await expect.poll(() => statusOf(elsewhere)).toBe("delivered");
    expect(await statusOf(one)).toBe("sent");
    const { next_token } = await sync(cat, page.next_token, 1);
    await expect.poll(() => statusOf(one)).toBe("delivered");
    const heard = () =>
      socket
        .all("message.receipt")
        .filter(({ data }) => data.user_id === cat.user_id && data.status === "delivered");
    await expect.poll(() => heard().length).toBeGreaterThan(0);
    const three = await say(ann, id, "three");
    await say(cat, id, "my own");
    expect(await statusOf(three)).toBe("sent");
    await sync(cat, next_token);
    await expect.poll(() => statusOf(three)).toBe("delivered");
  });
});
