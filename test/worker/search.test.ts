import { newConversationId } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { api, direct, group, type Person, people, person, say } from "./kit.ts";
import { ask, find, pair } from "./search-kit.ts";

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
      total_is_exact: true,
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

  it("[SEARCH-28] signs behind a name and what is not drawn do not matter, in the text or in the search", async () => {
    const { ann, id } = await pair();
    await say(ann, id, "Acme™ launch");
    await say(ann, id, "住所は葛\u{e0100}城市です");
    await say(ann, id, "plain 葛城市 and Acme® Launch");
    const both = ["plain 葛城市 and Acme® Launch", "Acme™ launch"];
    for (const q of ["acme launch", "Acme™ launch", "ACME℠ Launch", "acme\u00ad laun"])
      expect([q, await find(ann, q)]).toEqual([q, both]);
    for (const q of ["葛城市", "葛\u{e0100}城市", "葛\u{e0101}城", "葛城\ufe0f市"])
      expect([q, await find(ann, q)]).toEqual([q, [both[0], "住所は葛\u{e0100}城市です"]]);
    const [newest, older] = (await ask(ann, "葛城市")).body.results;
    expect(newest.highlight).toBe("plain <mark>葛城市</mark> and Acme® Launch");
    expect(older.highlight).toBe("住所は<mark>葛\u{e0100}城市</mark>です");
    expect((await ask(ann, "acme")).body.results[1].highlight).toBe("<mark>Acme</mark>™ launch");
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
      expect((await ask(ann, q)).body).toEqual({
        results: [],
        total: 0,
        total_is_exact: true,
        next_cursor: null,
      });
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
      ...["0", "101", "-1", "1e2", " 5", "x"].map((limit): [string, Record<string, string>] => [
        "x",
        { limit },
      ]),
      ...["x", "123"].map((id): [string, Record<string, string>] => ["x", { conversation_id: id }]),
      ["x", { sender_id: "not-a-uuid" }],
      ...["yesterday", "1700000000", "2025-13-01T00:00:00Z", "2025-01-01", "2025-01-01T00:00:00"].flatMap(
        (time): [string, Record<string, string>][] => [
          ["x", { before: time }],
          ["x", { after: time }],
        ],
      ),
      ...[
        "x",
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
