import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { type Flush, project } from "../../src/directory/projection.ts";
import { mergeSegments } from "../../src/directory/search-index.ts";
import { newConversationId, parseMessageId } from "../../src/protocol/index.ts";
import { faults } from "./faults.ts";
import { api, conversationObject, direct, group, type Person, people, person, say } from "./kit.ts";

afterEach(() => {
  faults.d1Down = false;
});

/** Searches; the answer whole. */
async function ask(who: Person | undefined, q: string, filters: Record<string, string> = {}) {
  return await api(who, "GET", `/search/messages?${new URLSearchParams({ q, ...filters })}`);
}

/** Searches; the contents found, newest first. */
async function find(who: Person, q: string, filters: Record<string, string> = {}): Promise<string[]> {
  const { status, body } = await ask(who, q, filters);
  expect(status).toBe(200);
  expect(body.total).toBeGreaterThanOrEqual(body.results.length);
  return body.results.map((result: { content: string }) => result.content);
}

/** Two people in a group. */
async function pair(name?: string): Promise<{ ann: Person; bob: Person; id: string }> {
  const [ann, bob] = (await people("ann", "bob")) as [Person, Person];
  return { ann, bob, id: await group(ann, [bob], name) };
}

describe("search", () => {
  it("[SEARCH-1] answers with the guide's fields, and nothing else", async () => {
    const { ann, bob, id } = await pair("Rocket crew");
    const said = await say(bob, id, "hello world");
    const { status, body } = await ask(ann, "hello");
    expect(status).toBe(200);
    expect(body).toEqual({
      results: [
        {
          message_id: said.message_id,
          conversation_id: id,
          conversation_name: "Rocket crew",
          sender_username: bob.username,
          content: "hello world",
          created_at: said.created_at,
          highlight: "<mark>hello</mark> world",
        },
      ],
      total: 1,
      next_cursor: null,
    });
  });

  it("[SEARCH-2] a direct chat goes by the other person's name", async () => {
    const [ann, bob] = (await people("Ann Smith".replace(" ", "-"), "bob")) as [Person, Person];
    await say(ann, await direct(ann, bob), "good morning");
    expect((await ask(ann, "morning")).body.results[0].conversation_name).toBe("bob");
    expect((await ask(bob, "morning")).body.results[0].conversation_name).toBe("Ann-Smith");
  });

  it("[SEARCH-3] every word must be there, in any order; the last may be the beginning of one", async () => {
    const { ann, id } = await pair();
    for (const text of ["red green blue", "green grass", "greenish red"]) await say(ann, id, text);
    expect(await find(ann, "green red")).toEqual(["red green blue"]);
    expect(await find(ann, "red gree")).toEqual(["greenish red", "red green blue"]);
    expect(await find(ann, "gree red")).toEqual([]);
    expect(await find(ann, "g")).toHaveLength(3);
    expect(await find(ann, "rass")).toEqual([]);
  });

  it("[SEARCH-4] case and accents do not matter", async () => {
    const { ann, id } = await pair();
    await say(ann, id, "Crème Brûlée im Café Größe");
    for (const q of ["creme brulee", "CAFÉ", "cafe\u0301", "grösse", "GRÖSSE", "groß"]) {
      expect(await find(ann, q)).toHaveLength(1);
    }
    expect((await ask(ann, "cafe")).body.results[0].highlight).toBe(
      "Crème Brûlée im <mark>Café</mark> Größe",
    );
  });

  it.each([
    ["Chinese", "我们明天去北京天安门广场", ["天安门", "京", "北京天", "广场"], "北天"],
    ["Japanese", "昨日は東京タワーで食べました", ["東京", "タワー", "食べ", "京タ"], "京東"],
    ["Korean", "어제학교에서친구를만났습니다", ["학교", "친구", "만났습니다"], "교학"],
    ["Thai", "พรุ่งนี้ฉันจะไปดื่มน้ำที่ตลาด", ["น้ำ", "ตลาด", "ดื่มน้ำ"], "ตลาดน้ำ"],
  ])("[SEARCH-5] %s is found mid-sentence", async (_, sentence, found, notFound) => {
    const { ann, id } = await pair();
    await say(ann, id, sentence);
    for (const q of found) {
      const { body } = await ask(ann, q);
      expect(body.results[0]?.highlight).toBe(sentence.replace(q, `<mark>${q}</mark>`));
    }
    expect(await find(ann, notFound)).toEqual([]);
  });

  it.each([
    '"',
    '""',
    "*",
    "hello*",
    '"hello',
    "AND",
    "OR NOT",
    "hello AND world",
    "NEAR(hello world, 2)",
    "c++",
    "-hello",
    "^hello",
    "tokens:hello",
    "tokens : hello",
    "{tokens} : hello",
    "hello + world",
    "hello) OR (world",
    "(((((",
    "@hello",
    "'; DROP TABLE search_index; --",
    "%_%",
    "\\",
    "%00",
    "ﷺ ´ ½",
    Array.from({ length: 128 }, (_, i) => String.fromCharCode(97 + (i % 26))).join(" "),
    Array.from({ length: 128 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(" "),
    "字".repeat(256),
    "👍".repeat(256),
  ])("[SEARCH-6] no text is syntax: %s", async (q) => {
    const { ann, id } = await pair();
    await say(ann, id, "hello world");
    const { status, body } = await ask(ann, q);
    expect(status).toBe(200);
    expect(body.results).toHaveLength(body.total);
  });

  it("[SEARCH-7] operators are words, quotes and stars are nothing", async () => {
    const { ann, id } = await pair();
    await say(ann, id, "this and that");
    await say(ann, id, "that alone");
    expect(await find(ann, "that AND this")).toEqual(["this and that"]);
    expect(await find(ann, "that OR this")).toEqual([]);
    expect(await find(ann, '"that*" -al')).toEqual(["that alone"]);
    for (const q of ["***", "🎉 …", "--"])
      expect((await ask(ann, q)).body).toEqual({ results: [], total: 0, next_cursor: null });
  });

  it("[SEARCH-8] HTML in a message stays text in the highlight", async () => {
    const { ann, id } = await pair();
    await say(ann, id, `<script>alert("x&y")</script> <b>bold</b>`);
    const [result] = (await ask(ann, "script bold")).body.results;
    expect(result.highlight).toBe(
      "&lt;<mark>script</mark>&gt;alert(&quot;x&amp;y&quot;)&lt;/<mark>script</mark>&gt; &lt;b&gt;<mark>bold</mark>&lt;/b&gt;",
    );
    expect(result.content).toBe(`<script>alert("x&y")</script> <b>bold</b>`);
  });

  it("[SEARCH-9] a long message is shown around its first match", async () => {
    const { ann, id } = await pair();
    const content = `${"before ".repeat(100)}needle${" after".repeat(100)}`;
    await say(ann, id, content);
    const [result] = (await ask(ann, "needle")).body.results;
    expect(result.content).toBe(content);
    expect(result.highlight).toMatch(/^…(before )+<mark>needle<\/mark>( after)+…$/);
    expect(result.highlight.length).toBeLessThan(230);
  });

  it("[SEARCH-10] filters: conversation, sender, before, after", async () => {
    const { ann, bob, id } = await pair();
    const other = await group(ann, [bob], "Other");
    const first = await say(ann, id, "topic one");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await say(bob, id, "topic two");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await say(bob, other, "topic three");
    expect(await find(ann, "topic")).toEqual(["topic three", "topic two", "topic one"]);
    expect(await find(ann, "topic", { conversation_id: id })).toEqual(["topic two", "topic one"]);
    expect(await find(ann, "topic", { conversation_id: id.toUpperCase(), sender_id: bob.user_id })).toEqual([
      "topic two",
    ]);
    expect(await find(ann, "topic", { before: second.created_at })).toEqual(["topic one"]);
    expect(await find(ann, "topic", { after: second.created_at })).toEqual(["topic three"]);
    const inZone = new Date(Date.parse(first.created_at) + 7_200_000).toISOString().replace("Z", "+02:00");
    expect(await find(ann, "topic", { after: inZone, before: "2999-01-01T00:00:00Z" })).toHaveLength(2);
    expect(await find(ann, "topic", { sender_id: crypto.randomUUID() })).toEqual([]);
    expect(await find(ann, "topic", { conversation_id: newConversationId() })).toEqual([]);
  });

  it("[SEARCH-11] pages: every hit once, newest first, with the exact total on each", async () => {
    const { ann, bob, id } = await pair();
    const other = await group(ann, [bob]);
    const said: string[] = [];
    for (let n = 0; n < 23; n++) said.unshift((await say(bob, n % 3 ? id : other, `counting ${n}`)).content);
    const found: string[] = [];
    let filters: Record<string, string> = { limit: "5" };
    for (;;) {
      const { body } = await ask(ann, "count", filters);
      expect(body.total).toBe(23);
      found.push(...body.results.map((result: { content: string }) => result.content));
      if (body.next_cursor === null) break;
      filters = { limit: "5", cursor: body.next_cursor };
    }
    // Two conversations have two clocks: within one millisecond either may come first.
    expect([...found].sort()).toEqual([...said].sort());
    const there = found.filter((content) => Number(content.split(" ")[1]) % 3);
    expect(there).toEqual(said.filter((content) => Number(content.split(" ")[1]) % 3));
  });

  it("[SEARCH-12] malformed searches are 400", async () => {
    const ann = await person("ann");
    const bad: [string, Record<string, string>][] = [
      ["", {}],
      ["   ", {}],
      ["x".repeat(257), {}],
      ["a\0b", {}],
      ...["0", "101", "-1", "1e2", " 5", "x", ""].map((limit): [string, Record<string, string>] => [
        "x",
        { limit },
      ]),
      ...["x", "123", ""].map((id): [string, Record<string, string>] => ["x", { conversation_id: id }]),
      ["x", { sender_id: "not-a-uuid" }],
      ...["yesterday", "1700000000", "2025-13-01T00:00:00Z", "2025-01-01", "2025-01-01T00:00:00", ""].flatMap(
        (time): [string, Record<string, string>][] => [
          ["x", { before: time }],
          ["x", { after: time }],
        ],
      ),
      ...[
        "x",
        "",
        "1_2",
        `1_${crypto.randomUUID().replace(/-./, "-0")}`,
        `${"9".repeat(16)}_${newConversationId()}`,
      ].map((cursor): [string, Record<string, string>] => ["x", { cursor }]),
    ];
    for (const [q, filters] of bad) {
      const { status, body } = await ask(ann, q, filters);
      expect([q, filters, status, body.code]).toEqual([q, filters, 400, "VALIDATION_ERROR"]);
    }
    expect((await api(ann, "GET", "/search/messages")).status).toBe(400);
    expect((await ask(ann, "字".repeat(256))).status).toBe(200);
    expect((await ask(undefined, "x")).status).toBe(401);
  });

  it("[SEARCH-13] system messages are never found", async () => {
    const { ann, id } = await pair();
    await say(ann, id, "a group of stars");
    expect(await find(ann, "group")).toEqual(["a group of stars"]);
  });
});

describe("search and who may see", () => {
  it("[SEARCH-14] others' conversations are never found, whatever the filter", async () => {
    const { ann, id } = await pair();
    const eve = await person("eve");
    await say(ann, id, "secret plan");
    expect(await find(eve, "secret")).toEqual([]);
    expect(await find(eve, "secret", { conversation_id: id })).toEqual([]);
    expect(await find(eve, "secret", { sender_id: ann.user_id })).toEqual([]);
  });

  it("[SEARCH-15] who joins later finds what was said since; who is removed finds nothing; who returns, only since", async () => {
    const { ann, bob, id } = await pair();
    const eve = await person("eve");
    await say(ann, id, "news before");
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: eve.user_id });
    await say(ann, id, "news during");
    expect(await find(eve, "news")).toEqual(["news during"]);
    await api(ann, "DELETE", `/conversations/${id}/participants/${eve.user_id}`);
    await say(ann, id, "news after");
    expect(await find(eve, "news")).toEqual([]);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: eve.user_id });
    await say(ann, id, "news again");
    expect(await find(eve, "news")).toEqual(["news again"]);
    expect(await find(bob, "news")).toEqual(["news again", "news after", "news during", "news before"]);
  });

  it("[SEARCH-16] an edited message is found by its new text only", async () => {
    const { ann, bob, id } = await pair();
    const { message_id } = await say(ann, id, "the old wording");
    await api(ann, "PUT", `/messages/${message_id}`, { content: "the new wording" });
    expect(await find(bob, "old")).toEqual([]);
    expect(await find(bob, "new wording")).toEqual(["the new wording"]);
    await api(ann, "PUT", `/messages/${message_id}`, { content: "🎉" });
    expect(await find(bob, "wording")).toEqual([]);
    await api(ann, "PUT", `/messages/${message_id}`, { content: "words again" });
    expect(await find(bob, "again")).toEqual(["words again"]);
  });

  it("[SEARCH-17] a message deleted for everyone is found by nobody, and its words leave the index", async () => {
    const { ann, bob, id } = await pair();
    const { message_id } = await say(ann, id, "regrettable");
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    expect(await find(ann, "regrettable")).toEqual([]);
    expect(await find(bob, "regrettable")).toEqual([]);
    expect(await indexed(id, "regrettable")).toBe(0);
  });

  it("[SEARCH-18] a message deleted for me is found by the others", async () => {
    const { ann, bob, id } = await pair();
    const { message_id } = await say(ann, id, "a keepsake");
    await api(bob, "DELETE", `/messages/${message_id}`);
    expect(await find(bob, "keepsake")).toEqual([]);
    expect(await find(ann, "keepsake")).toEqual(["a keepsake"]);
  });

  it("[SEARCH-19] an expired message is not found, also before the alarm has deleted it", async () => {
    const { ann, id } = await pair();
    const { message_id } = await say(ann, id, "milk");
    const { seq } = parseMessageId(message_id) ?? { seq: 0 };
    const expire = (time: number) =>
      env.DB.prepare("UPDATE messages SET expires_at = ? WHERE conversation_id = ? AND seq = ?")
        .bind(time, id, seq)
        .run();
    await expire(Date.now() + 60_000);
    expect(await find(ann, "milk")).toEqual(["milk"]);
    await expire(Date.now() - 1);
    expect(await find(ann, "milk")).toEqual([]);
  });

  it("[SEARCH-20] without the directory the answer is 503, and the next one is right", async () => {
    const { ann, id } = await pair();
    await say(ann, id, "patience");
    faults.d1Down = true;
    const { status, body, headers } = await ask(ann, "patience");
    expect([status, body.code, headers.get("retry-after")]).toEqual([503, "SERVICE_UNAVAILABLE", "1"]);
    faults.d1Down = false;
    expect(await find(ann, "patience")).toEqual(["patience"]);
  });
});

/** Rows of the index that hold a word of a conversation. */
async function indexed(conversationId: string, word: string): Promise<number> {
  const row = await env.DB.prepare("SELECT count(*) AS n FROM search_index WHERE search_index MATCH ?")
    .bind(`"${conversationId.slice(0, 8)}${word}"`)
    .first<{ n: number }>();
  return row?.n ?? 0;
}

/** A flush as a conversation of one member makes it. */
function flushOf(
  id: string,
  who: Person,
  texts: { seq: number; changed_seq: number; content: string; deleted_at?: number }[],
): Flush {
  const seq = Math.max(...texts.map((text) => text.changed_seq));
  return {
    conversation: {
      conversation_id: id,
      type: "group",
      name: "Projected",
      description: null,
      photo_url: null,
      created_by: who.user_id,
      created_at: 1,
      member_count: 1,
      seq,
      message_no: texts.length,
      last_message_seq: seq,
      last_activity_at: 1,
    },
    members: [
      {
        user_id: who.user_id,
        role: "owner",
        joined_seq: 1,
        left_seq: null,
        last_read_seq: 1,
        read_no: 0,
        read_sent_no: 0,
        unread_deleted: 0,
        unread_mentions: 0,
        hidden_seq: null,
      },
    ],
    messages: texts.map((text) => ({
      sender_id: who.user_id,
      type: "text",
      created_at: 1000 + text.seq,
      edited_at: null,
      deleted_at: null,
      expires_at: null,
      ...text,
    })),
    hidden: [],
    sent: [],
  };
}

describe("the search index", () => {
  it("[SEARCH-21] a flush may be applied twice, and an older one late", async () => {
    const ann = await person("ann");
    const id = newConversationId();
    const db = openDirectory(env.DB);
    const first = flushOf(id, ann, [
      { seq: 2, changed_seq: 2, content: "alpha" },
      { seq: 3, changed_seq: 3, content: "gamma" },
    ]);
    const edited = flushOf(id, ann, [{ seq: 2, changed_seq: 4, content: "beta" }]);
    const deleted = flushOf(id, ann, [{ seq: 2, changed_seq: 5, content: "", deleted_at: 5 }]);
    for (const flush of [first, first, edited, first, edited]) await project(db, flush);
    expect([await indexed(id, "alpha"), await indexed(id, "beta"), await indexed(id, "gamma")]).toEqual([
      0, 1, 1,
    ]);
    expect(await find(ann, "beta")).toEqual(["beta"]);
    for (const flush of [deleted, deleted, edited, first]) await project(db, flush);
    expect([await indexed(id, "alpha"), await indexed(id, "beta"), await indexed(id, "gamma")]).toEqual([
      0, 0, 1,
    ]);
    expect(await find(ann, "gamma")).toEqual(["gamma"]);
  });

  it("[SEARCH-22] it can be thrown away and is written again from zero", async () => {
    const { ann, id } = await pair();
    for (let n = 0; n < 12; n++) await say(ann, id, `phoenix ${n}`);
    const before = (await ask(ann, "phoenix")).body;
    expect(before.total).toBe(12);
    await conversationObject(id).rebuildProjection();
    expect((await ask(ann, "phoenix")).body).toEqual(before);
    await env.DB.prepare("INSERT INTO search_index (search_index) VALUES ('delete-all')").run();
    expect(await find(ann, "phoenix")).toEqual([]);
    await conversationObject(id).rebuildProjection();
    expect((await ask(ann, "phoenix")).body).toEqual(before);
  });

  it("[SEARCH-23] a flush of the longest messages is taken, and two conversations whose ids begin alike stay apart", async () => {
    const [ann, bob] = (await people("ann", "bob")) as [Person, Person];
    const [id, twin] = ["0123abcd-77de-8a01-b3c4-000000000000", "0123abcd-77de-8a01-b3c5-000000000000"];
    const db = openDirectory(env.DB);
    const texts = Array.from({ length: 100 }, (_, n) => ({
      seq: n + 2,
      changed_seq: n + 2,
      content: `${"天地玄黄".repeat(1023)}宇宙${n}`,
    }));
    await project(db, flushOf(id, ann, texts));
    await project(db, flushOf(twin, bob, [{ seq: 2, changed_seq: 2, content: "宇宙7" }]));
    expect((await ask(ann, "黄宇宙")).body.total).toBe(100);
    expect((await ask(ann, "宇宙 7", { limit: "100" })).body.total).toBe(11);
    expect(await find(bob, "宇宙7")).toEqual(["宇宙7"]);
  });

  it("[SEARCH-24] merging its segments changes no answer", async () => {
    const { ann, id } = await pair();
    for (let n = 0; n < 8; n++) await say(ann, id, `segment ${n}`);
    const before = (await ask(ann, "segment")).body;
    const segments = () =>
      env.DB.prepare("SELECT count(DISTINCT segid) AS n FROM search_index_idx").first<{ n: number }>();
    expect((await segments())?.n).toBeGreaterThan(1);
    expect(await mergeSegments(openDirectory(env.DB))).toBe(true);
    expect((await segments())?.n).toBe(1);
    expect(before.total).toBe(8);
    expect((await ask(ann, "segment")).body).toEqual(before);
  });
});
