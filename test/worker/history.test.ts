import { FetchedMessage, MessagePage, messageId } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { expectError } from "./checks.ts";
import { api, connectTo, direct, group, type Person, people, say } from "./kit.ts";

/** A page of history, checked against its schema: a field that nobody declared fails. */
async function page(who: Person, id: string, query = "") {
  const { status, body } = await api(who, "GET", `/conversations/${id}/messages${query}`);
  expect([query, status]).toEqual([query, 200]);
  return MessagePage.parse(body);
}

const seqs = (of: { messages: { seq: number }[] }) => of.messages.map((message) => message.seq);

/** A group whose history is the system's first message and `count` texts. */
async function filled(count: number) {
  const [ann, bob] = await people("ann", "bob");
  const id = await group(ann, [bob]);
  const all = seqs(await page(ann, id));
  const socket = await connectTo(bob, id);
  for (let i = 0; i < count; i++) {
    const data = { type: "text", content: `text ${i}` };
    socket.raw(JSON.stringify({ type: "message.send", conversation_id: id, data }));
  }
  await socket.heard(() => socket.all("message.new").length === count);
  socket.close();
  all.push(...socket.all("message.new").map((event) => event.seq));
  return { ann, bob, id, all };
}

/** What a page must hold. @param all every seq, oldest first. */
function expected(all: number[], bound: { before?: number; after?: number }, limit: number) {
  const { before = Number.POSITIVE_INFINITY, after = 0 } = bound;
  const range = all.filter((seq) => seq > after && seq < before);
  const part = bound.after === undefined ? range.slice(-limit) : range.slice(0, limit);
  return { seqs: part.toReversed(), has_more: range.length > limit };
}

describe("history", () => {
  it("[HIST] the guide's fields, newest first", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const sent = await say(ann, id, "Hello!");
    await say(bob, id, "Hi!");
    const { messages, has_more } = await page(bob, id);
    expect(has_more).toBe(false);
    expect(messages.map((message) => message.content)).toEqual(["Hi!", "Hello!"]);
    expect(messages[1]).toMatchObject({
      message_id: sent.message_id,
      sender: { user_id: ann.user_id, username: ann.username, display_name: "ann", profile_photo_url: null },
      type: "text",
      content: "Hello!",
      created_at: sent.created_at,
      is_edited: false,
      reply_to: null,
      attachments: [],
      reactions: [],
      is_pinned: false,
      pinned_at: null,
      pinned_by: null,
      receipt_status: expect.stringMatching(/^(sent|delivered|read)$/),
    });
    const one = await api(bob, "GET", `/messages/${sent.message_id}`);
    expect(FetchedMessage.parse(one.body)).toMatchObject({ message_id: sent.message_id, content: "Hello!" });
  });

  it("[HIST] an empty conversation has an empty page", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    expect(await page(bob, id)).toMatchObject({ messages: [], has_more: false, has_newer: false });
  });

  it("[HIST] 50 a page unless asked otherwise, at most 100", async () => {
    const { ann, id, all } = await filled(104);
    expect(seqs(await page(ann, id))).toEqual(expected(all, {}, 50).seqs);
    expect(await page(ann, id, "?limit=100")).toMatchObject({ has_more: true, has_newer: false });
    expect(seqs(await page(ann, id, "?limit=100"))).toHaveLength(100);
    expectError(await api(ann, "GET", `/conversations/${id}/messages?limit=101`), "VALIDATION_ERROR");
  });

  it("[HIST] before_id and after_id are exclusive, wherever they point", async () => {
    const { ann, id, all } = await filled(9);
    const last = all.at(-1) ?? 0;
    for (let seq = 1; seq <= last + 2; seq++) {
      for (const limit of [1, 3, 10, 11]) {
        const older = await page(ann, id, `?before_id=${messageId(id, seq)}&limit=${limit}`);
        const wanted = expected(all, { before: seq }, limit);
        expect([seq, limit, seqs(older), older.has_more]).toEqual([seq, limit, wanted.seqs, wanted.has_more]);
        expect(older.has_newer).toBe(all.some((one) => one >= seq));
        const newer = await page(ann, id, `?after_id=${messageId(id, seq)}&limit=${limit}`);
        const after = expected(all, { after: seq }, limit);
        expect([seq, limit, seqs(newer), newer.has_more]).toEqual([seq, limit, after.seqs, after.has_more]);
      }
    }
  });

  it("[HIST] walking back by before_id, or forward by after_id, sees everything once", async () => {
    const { bob, id, all } = await filled(12);
    const back: number[] = [];
    for (let query = "?limit=5"; query; ) {
      const { messages, has_more } = await page(bob, id, query);
      back.push(...messages.map((message) => message.seq));
      query = has_more ? `?limit=5&before_id=${messages.at(-1)?.message_id}` : "";
    }
    expect(back).toEqual(all.toReversed());
    const forth: number[] = [all[0] ?? 0];
    for (let query = `?limit=5&after_id=${messageId(id, all[0] ?? 0)}`; query; ) {
      const { messages, has_more } = await page(bob, id, query);
      forth.push(...messages.map((message) => message.seq).reverse());
      query = has_more ? `?limit=5&after_id=${messages[0]?.message_id}` : "";
    }
    expect(forth).toEqual(all);
  });

  it("[HIST] around_id centres", async () => {
    const { ann, id, all } = await filled(20);
    for (const centre of all) {
      for (const limit of [1, 2, 5, 8]) {
        const around = await page(ann, id, `?around_id=${messageId(id, centre)}&limit=${limit}`);
        const shown = seqs(around);
        expect(shown).toContain(centre);
        expect(shown.length).toBeLessThanOrEqual(limit);
        // A stretch without holes, newest first.
        const newest = shown[0] ?? 0;
        const oldest = shown.at(-1) ?? 0;
        expect(shown).toEqual(all.filter((seq) => seq >= oldest && seq <= newest).reverse());
        expect(around.has_more).toBe(all.some((seq) => seq < oldest));
        expect(around.has_newer).toBe(all.some((seq) => seq > newest));
        if (!around.has_more || !around.has_newer) continue;
        const older = shown.filter((seq) => seq < centre).length;
        const newer = shown.filter((seq) => seq > centre).length;
        expect([centre, limit, shown.length, Math.abs(older - newer) <= 1]).toEqual([
          centre,
          limit,
          limit,
          true,
        ]);
      }
    }
  });

  it("[HIST] a bound from another conversation names nothing here", async () => {
    const { ann, bob, id } = await filled(1);
    const other = await say(ann, await direct(ann, bob), "elsewhere");
    for (const bound of ["before_id", "after_id", "around_id"]) {
      for (const elsewhere of [other.message_id, crypto.randomUUID(), id]) {
        const path = `/conversations/${id}/messages?${bound}=${elsewhere}`;
        expectError(await api(ann, "GET", path), "NOT_FOUND");
      }
    }
  });
});

describe("around_id near an end", () => {
  it("[HIST] a side with too few messages leaves its place to the other", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const sent: { message_id: string }[] = [];
    for (let i = 0; i < 8; i++) sent.push(await say(ann, id, `${i}`));
    const around = async (index: number) => {
      const { body } = await api(
        ann,
        "GET",
        `/conversations/${id}/messages?limit=5&around_id=${sent[index]?.message_id}`,
      );
      const contents = body.messages.map((message: { content: string }) => message.content).join("");
      return { contents, has_more: body.has_more, has_newer: body.has_newer };
    };
    expect(await around(7)).toEqual({ contents: "76543", has_more: true, has_newer: false });
    expect(await around(0)).toEqual({ contents: "43210", has_more: false, has_newer: true });
    expect(await around(4)).toEqual({ contents: "65432", has_more: true, has_newer: true });
  });
});
