/** What one request reads, and what one user may grow, has an end. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import {
  type ConversationChanges,
  type ConversationSync,
  MAX_EDITS,
  MAX_EMOJI_PER_MESSAGE,
  MAX_PAGE_BYTES,
  MAX_REACTIONS_PER_MESSAGE,
  MAX_SYNC_ANNOTATIONS,
} from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { api, connectTo, conversationObject, direct, group, type Person, people, say } from "./kit.ts";

const COUNT = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)`;

/** Writes rows as a conversation would have them after years, and lets it read them. */
async function write(id: string, statement: string, ...values: (string | number)[]): Promise<void> {
  const stub = conversationObject(id);
  await runInDurableObject(stub, (_, state) => {
    state.storage.sql.exec(`${COUNT} ${statement}`, ...values);
  });
  await evictDurableObject(stub);
}

/** What a client is sent that comes back with everything up to `since`. */
async function resumed(who: Person, id: string, since: number): Promise<ConversationChanges> {
  const socket = await connectTo(who, id, `?since=${since}`);
  const isLast = (event: { type: string }) => event.type === "conversation.sync";
  const { data } = (await socket.heard(isLast)) as z.infer<typeof ConversationSync>;
  socket.close();
  return data;
}

const react = (who: Person, message: { message_id: string }, emoji: string) =>
  api(who, "POST", `/messages/${message.message_id}/reactions`, { emoji });

describe("what hangs on one message", () => {
  it("[R16 BOUND-1] a message is edited a hundred times; its versions come in pages, each once", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const original = { content: "version 1", client_message_id: "first" };
    const sent = await say(ann, id, original.content, original);
    const path = `/messages/${sent.message_id}`;
    const edit = (version: number) => api(ann, "PUT", path, { content: `version ${version}` });
    for (let version = 2; version <= MAX_EDITS + 1; version++) expect((await edit(version)).status).toBe(200);
    const refused = await edit(MAX_EDITS + 2);
    expect([refused.status, refused.body.code, refused.body.details]).toEqual([
      409,
      "CONFLICT",
      { max_edits: MAX_EDITS },
    ]);
    // The same text again is no edit, and neither is the first send again.
    expect((await edit(MAX_EDITS + 1)).status).toBe(200);
    expect((await say(ann, id, original.content, original)).content).toBe(`version ${MAX_EDITS + 1}`);
    const page = async (query: string) => (await api(bob, "GET", `${path}/edits${query}`)).body;
    const newest = await page("");
    expect(newest.edits).toHaveLength(100);
    expect(newest).toMatchObject({ has_more: true, message_id: sent.message_id });
    expect(newest.edits.at(-1)).toMatchObject({
      version: MAX_EDITS + 1,
      content: `version ${MAX_EDITS + 1}`,
    });
    const seen: number[] = [];
    for (let before = "", more = true; more; ) {
      const { edits, has_more } = await page(`?limit=30${before}`);
      for (const one of edits) expect(one.content).toBe(`version ${one.version}`);
      seen.unshift(...edits.map((one: { version: number }) => one.version));
      before = `&before=${edits[0].version}`;
      more = has_more;
    }
    expect(seen).toEqual(Array.from({ length: MAX_EDITS + 1 }, (_, index) => index + 1));
    expect(await page("?before=1")).toMatchObject({ edits: [], has_more: false });
    for (const query of ["?limit=0", "?limit=101", "?before=0", "?before=x", "?before=-1"]) {
      expect((await api(bob, "GET", `${path}/edits${query}`)).status).toBe(400);
    }
  });

  it("[R16 BOUND-2] versions that are written between two pages are in none of the older ones", async () => {
    const [ann, bob] = await people("ann", "bob");
    const sent = await say(ann, await direct(ann, bob), "1");
    const path = `/messages/${sent.message_id}`;
    for (const content of ["2", "3", "4"]) await api(ann, "PUT", path, { content });
    const first = (await api(bob, "GET", `${path}/edits?limit=2`)).body;
    await api(ann, "PUT", path, { content: "5" });
    const before = first.edits[0].version;
    const second = (await api(bob, "GET", `${path}/edits?limit=2&before=${before}`)).body;
    const contents = [...second.edits, ...first.edits].map((one: { content: string }) => one.content);
    expect([contents, second.has_more]).toEqual([["1", "2", "3", "4"], false]);
  });

  it("[R18 BOUND-3] a message carries so many different emoji; those that are there can still be joined", async () => {
    const [ann, bob, cat, dan] = await people("ann", "bob", "cat", "dan");
    const sent = await say(ann, await group(ann, [bob, cat, dan]), "hello");
    const emoji = Array.from({ length: MAX_EMOJI_PER_MESSAGE + 1 }, (_, i) =>
      String.fromCodePoint(0x1f600 + i),
    );
    for (const [index, one] of emoji.slice(0, -1).entries()) {
      const who = [ann, bob, cat][Math.floor(index / 20)] as Person;
      expect((await react(who, sent, one)).status).toBe(201);
    }
    const [first = "", last = ""] = [emoji[0], emoji.at(-1)];
    const refused = await react(dan, sent, last);
    expect([refused.status, refused.body.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect((await react(dan, sent, first)).status).toBe(201);
    // Again is no new one, and who takes the only one back makes room.
    expect((await react(cat, sent, emoji[45] ?? "")).status).toBe(200);
    await api(cat, "DELETE", `/messages/${sent.message_id}/reactions/${encodeURIComponent(emoji[45] ?? "")}`);
    expect((await react(dan, sent, last)).status).toBe(201);
  });

  it("[R18 BOUND-4] a message carries so many reactions, whatever they are", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const sent = await say(ann, id, "hello");
    const insert = `INSERT INTO reactions (seq, user_id, emoji, reaction_id, created_at)
      SELECT ?, 'user ' || i, '👍', 'reaction ' || i, 1 FROM n`;
    await write(id, insert, MAX_REACTIONS_PER_MESSAGE - 1, sent.seq);
    expect((await react(ann, sent, "👍")).status).toBe(201);
    const refused = await react(bob, sent, "👍");
    expect([refused.status, refused.body.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect((await react(ann, sent, "👍")).status).toBe(200);
    await api(ann, "DELETE", `/messages/${sent.message_id}/reactions/${encodeURIComponent("👍")}`);
    expect((await react(bob, sent, "👍")).status).toBe(201);
  });
});

describe("what a resume tells beside messages", () => {
  const MANY = MAX_SYNC_ANNOTATIONS + 100;

  it("[R21 BOUND-5] of messages that one hid, the newest; more than that since one was here is limited", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { seq } = await say(ann, id, "hello");
    const insert = `INSERT INTO hidden (user_id, seq, at_seq, rev) SELECT ?, i + 1000, ?, i FROM n`;
    await write(id, insert, MANY, bob.user_id, seq);
    const back = await resumed(bob, id, seq);
    expect(back.limited).toBe(true);
    expect(back.hidden_message_ids).toHaveLength(MAX_SYNC_ANNOTATIONS);
    expect(Number.parseInt(back.hidden_message_ids.at(-1)?.slice(24) ?? "", 16)).toBe(1000 + MANY);
    const { body } = await api(bob, "GET", "/sync");
    expect(body.conversations[0].changes.hidden_message_ids).toHaveLength(MAX_SYNC_ANNOTATIONS);
    const later = await say(ann, id, "later");
    expect(await resumed(bob, id, later.seq)).toMatchObject({ limited: false, hidden_message_ids: [] });
    expect(await resumed(ann, id, seq)).toMatchObject({ limited: false, hidden_message_ids: [] });
  });

  it("[R21 BOUND-6] of members who came and went: more than that is limited, and begins with those who are in", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const { seq } = await say(ann, id, "hello");
    const insert = `INSERT INTO members (user_id, username, display_name, profile_version, role, joined_seq, left_seq,
        changed_seq, at_seq, last_read_seq, read_no, read_sent_no, unread_deleted, unread_mentions, rev)
      SELECT 'former ' || i, 'former', 'Former', 0, 'member', 1, ?, ?, 1, 1, 0, 0, 0, 0, 100 + i FROM n`;
    await write(id, insert, MANY, seq + 1, seq + 1);
    const back = await resumed(bob, id, seq);
    expect(back).toMatchObject({ limited: true, removed_user_ids: [], former_members: [] });
    expect(back.members.map((member) => member.user_id).sort()).toEqual([ann.user_id, bob.user_id].sort());
    expect(await resumed(bob, id, 0)).toMatchObject({ removed_user_ids: [], former_members: [] });
    expect(await resumed(bob, id, back.seq)).toMatchObject({ limited: false, members: [] });
  });

  it("[R15 R21 BOUND-7] of replies to what one hid, which is deleted now: more than a resume takes is limited", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const quoted = await say(ann, id, "quoted");
    const insert = `INSERT INTO messages (seq, sender_id, type, content, created_at, reply_to_seq, no, sender_no, changed_seq)
      SELECT ? + i, ?, 'text', 're', 1, ?, ? + i, ? + i, ? + i FROM n`;
    const { seq } = quoted;
    await write(id, insert, MANY, seq, ann.user_id, seq, 1, 1, seq);
    const head = seq + MANY;
    await api(bob, "DELETE", `/messages/${quoted.message_id}`);
    await api(ann, "DELETE", `/messages/${quoted.message_id}?delete_for_everyone=true`);
    const back = await resumed(bob, id, head);
    expect(back).toMatchObject({ limited: true, seq: head + 1 });
    for (const message of back.messages)
      expect(message.reply_to).toMatchObject({ content: "", is_deleted: true });
    // Who sees the message itself is told of that alone.
    const other = await resumed(ann, id, head);
    expect(other).toMatchObject({ limited: false, messages: [{ seq, is_deleted: true }] });
  });
});

describe("bytes of a page", () => {
  /** Characters of each message: a page would be 4 MB. */
  const LONG = 40_000;
  const text = `replace(hex(zeroblob(${LONG / 2})), '00', 'xx')`;

  /** A conversation with a hundred messages, written before messages had a length. */
  async function longTalk(ann: Person, bob: Person) {
    const id = await group(ann, [bob]);
    const { seq } = await say(ann, id, "first");
    const insert = `INSERT INTO messages (seq, sender_id, type, content, created_at, no, sender_no, changed_seq)
      SELECT ? + i, ?, 'text', ${text}, 1, ? + i, ? + i, ? + i FROM n`;
    await write(id, insert, 100, seq, ann.user_id, 1, 1, seq);
    return { id, seq, last: seq + 100 };
  }

  const idOf = (id: string, seq: number) => id.slice(0, 24) + seq.toString(16).padStart(12, "0");
  const seqsOf = (page: { messages: { seq: number }[] }) => page.messages.map((message) => message.seq);

  async function get(who: Person, path: string) {
    const { status, body } = await api(who, "GET", path);
    expect(status).toBe(200);
    expect(JSON.stringify(body).length).toBeLessThanOrEqual(MAX_PAGE_BYTES + 10_000);
    return body;
  }

  it("[R25 BYTES-1] history: pages end where they would become too large, and leave nothing out, in every direction", async () => {
    const [ann, bob] = await people("ann", "bob");
    const { id, seq, last } = await longTalk(ann, bob);
    const path = `/conversations/${id}/messages?limit=100`;
    const all = Array.from({ length: 100 }, (_, index) => seq + 1 + index);
    const down: number[] = [];
    for (let query = "", more = true; more; ) {
      const page = await get(bob, path + query);
      down.push(...seqsOf(page));
      query = `&before_id=${page.messages.at(-1).message_id}`;
      more = page.has_more;
    }
    expect(down.filter((one) => one > seq)).toEqual(all.toReversed());
    const up: number[] = [];
    for (let query = `&after_id=${idOf(id, seq)}`, more = true; more; ) {
      const page = await get(bob, path + query);
      up.push(...seqsOf(page).reverse());
      query = `&after_id=${page.messages[0].message_id}`;
      more = page.has_more;
    }
    expect(up).toEqual(all);
    const around = await get(bob, `${path}&around_id=${idOf(id, seq + 50)}`);
    expect(around).toMatchObject({ has_more: true, has_newer: true });
    const seqs = seqsOf(around);
    expect(Math.abs(seqs.indexOf(seq + 50) - seqs.length / 2)).toBeLessThanOrEqual(1);
    expect(await get(bob, `${path}&around_id=${idOf(id, last)}`)).toMatchObject({ has_newer: false });
  });

  it("[R25 PIN-12] pins: the same holds of their list, whatever its order", async () => {
    const [ann, bob] = await people("ann", "bob");
    const { id, seq } = await longTalk(ann, bob);
    await write(id, "INSERT INTO pins SELECT ? + i, ? - i, 1, ? FROM n", 100, seq, seq + 1_000, ann.user_id);
    const listed: number[] = [];
    for (let cursor = "", pages = 1; ; pages += 1) {
      const page = await get(bob, `/conversations/${id}/pins?limit=100&cursor=${cursor}`);
      listed.push(...seqsOf(page));
      cursor = page.next_cursor;
      if (cursor !== null) continue;
      expect(pages).toBeGreaterThan(1);
      break;
    }
    expect(listed).toEqual(Array.from({ length: 100 }, (_, index) => seq + 1 + index));
  });

  it("[R21 BYTES-2] a resume that would be too large is limited, and says that there is more; the rest comes by history", async () => {
    const [ann, bob] = await people("ann", "bob");
    const { id, seq, last } = await longTalk(ann, bob);
    const back = await resumed(bob, id, seq);
    expect(back).toMatchObject({ limited: true, has_more: true, seq: last });
    expect(JSON.stringify(back.messages).length).toBeLessThanOrEqual(MAX_PAGE_BYTES);
    expect(back.messages.at(-1)?.seq).toBe(last);
    const few = await resumed(bob, id, last - 40);
    expect(few).toMatchObject({ limited: false, has_more: false });
    expect(few.messages).toHaveLength(40);
    const [cat] = await people("cat");
    await say(cat, await direct(cat, ann), "all there is");
    const { body } = await api(cat, "GET", "/sync");
    expect(body.conversations).toMatchObject([{ changes: { limited: true, has_more: false } }]);
  });

  it("[R21 BYTES-3] /sync: a page ends where it would become too large, and the next goes on there", async () => {
    const [ann, bob] = await people("ann", "bob");
    const talks = [await longTalk(ann, bob), await longTalk(ann, bob), await longTalk(ann, bob)];
    for (const { id } of talks) await say(ann, id, "so that it is projected");
    const seen: string[] = [];
    let pages = 0;
    for (let token = "", more = true; more; pages++) {
      const page = await get(bob, `/sync?limit=100${token && `&since=${token}`}`);
      for (const { conversation, changes } of page.conversations) {
        seen.push(conversation.conversation_id);
        expect(changes).toMatchObject({ limited: true, has_more: true });
        expect(changes.messages.length).toBeGreaterThan(0);
      }
      token = page.next_token;
      more = page.has_more;
    }
    expect(pages).toBeGreaterThan(1);
    expect(new Set(seen)).toEqual(new Set(talks.map(({ id }) => id)));
  });

  it("[R19 R21 BYTES-9] /sync: what did not fit into a page is not delivered before the next one brings it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const talks = [await longTalk(ann, bob), await longTalk(ann, bob), await longTalk(ann, bob)];
    const newest = new Map<string, string>();
    for (const { id } of talks) newest.set(id, (await say(ann, id, "the newest")).message_id);
    const delivered = async () => {
      const ids: string[] = [];
      for (const [id, message_id] of newest) {
        const { receipts } = await get(ann, `/messages/${message_id}/receipts`);
        if (receipts[0].status === "delivered") ids.push(id);
      }
      return ids.sort();
    };
    const told: string[] = [];
    for (let token = "", more = true; more; ) {
      const page = await get(bob, `/sync?limit=100${token && `&since=${token}`}`);
      for (const { conversation } of page.conversations) told.push(conversation.conversation_id);
      await expect.poll(delivered).toEqual([...told].sort());
      token = page.next_token;
      more = page.has_more;
    }
    expect(told.length).toBe(talks.length);
  });

  it("[R16 BYTES-4] versions: pages end where they would become too large, and leave nothing out", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const sent = await say(ann, id, "as it is");
    const insert = `INSERT INTO edits (seq, version, content, written_at) SELECT ?, i - 1, ${text}, 1 FROM n`;
    await write(id, insert, MAX_EDITS, sent.seq);
    const seen: number[] = [];
    for (let before = "", more = true; more; ) {
      const { edits, has_more } = await get(bob, `/messages/${sent.message_id}/edits?limit=100${before}`);
      seen.unshift(...edits.map((one: { version: number }) => one.version));
      before = `&before=${edits[0].version}`;
      more = has_more;
    }
    expect(seen).toEqual(Array.from({ length: MAX_EDITS + 1 }, (_, index) => index + 1));
  });
});
