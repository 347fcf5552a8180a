import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { highlight } from "../../src/directory/search/highlight.ts";
import { indexedTokens, parseSearch, placesOf, tokens } from "../../src/domain/tokens.ts";
import { unicode } from "./arbitraries.ts";

const words = (text: string) => tokens(text).map(({ token }) => token);
const pieces = (text: string) => tokens(text).map(({ start, end }) => text.slice(start, end));
const mark = (content: string, q: string) => highlight(content, parseSearch(q));

/** Whether a text has all that is asked for, as the index finds it. */
function finds(text: string, q: string): boolean {
  const there = tokens(text);
  return parseSearch(q).every((phrase) => !placesOf(phrase, there).next().done);
}

/** Sentences without spaces, and a word in the middle of each. */
const MID_SENTENCE = [
  ["Chinese", "我们明天去北京天安门广场看升旗", "天安门", "京天"],
  ["Japanese", "昨日は東京タワーで食べました", "東京タワー", "食べ"],
  ["Korean", "어제학교에서친구를만났습니다", "학교", "친구를"],
  ["Thai", "พรุ่งนี้ฉันจะไปดื่มน้ำที่ตลาด", "น้ำ", "ตลาด"],
  ["Lao", "ມື້ອື່ນຂ້ອຍຈະໄປຕະຫຼາດ", "ຂ້ອຍ", "ຕະຫຼາດ"],
  ["Khmer", "ខ្ញុំនិយាយភាសាខ្មែរបាន", "ភាសា", "ខ្មែរ"],
  ["Burmese", "ကျွန်တော်မြန်မာစကားပြောတတ်တယ်", "မြန်မာ", "စကား"],
] as const;

describe("tokens", () => {
  it.each([
    ["Hello, World!", ["hello", "world"]],
    ["Café CRÈME brûlée", ["cafe", "creme", "brulee"]],
    ["cafe\u0301", ["cafe"]],
    ["Łódź Ærø Straße", ["lodz", "aero", "strasse"]],
    ["ΟΔΟΣ οδός", ["οδοσ", "οδοσ"]],
    ["İstanbul ISPARTA ısparta", ["istanbul", "isparta", "isparta"]],
    ["Ёлка ёлка", ["елка", "елка"]],
    ["מִלָּה كِتَاب", ["מלה", "كتاب"]],
    ["हिन्दी भाषा", ["हिन्दी", "भाषा"]],
    ["ｆｕｌｌ ﬁne ①", ["full", "fine", "1"]],
    ["so\u00adft zero\u200bwidth", ["soft", "zerowidth"]],
    ["x² + 3.14 = c++", ["x2", "3", "14", "c"]],
    ["🎉 … -- 👍🏽", []],
  ])("[SEARCH-TEXT-1] folds case and accents, and keeps letters and digits: %s", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it.each([
    ["Acme™ launch", ["acme", "launch"]],
    ["Acme™️Launch", ["acme", "launch"]],
    ["Acme℠ Acme® Acme© Acme℗", ["acme", "acme", "acme", "acme"]],
    ["Acmeᵀᴹ Acmeˢᴹ Acme🅪 Acme🅫 Acme🅬", ["acme", "acme", "acme", "acme", "acme"]],
    ["Acmeⓡ Ⓒ2024", ["acme", "2024"]],
    ["ⓗⓔⓛⓛⓞ ⒸⓄⓁⓄⓇ", ["hello", "color"]],
    ["mc² H₂O 1ˢᵗ 5㎏ №7", ["mc2", "h2o", "1st", "5kg", "no7"]],
  ])("[SEARCH-TEXT-15] signs behind a name are no letters of it: %s", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it.each([
    ["葛\u{e0100}城市", "葛城市"],
    ["辻\u{e0101}さん", "辻さん"],
    ["ab\u200ec \u202bde\u202c", "abc de"],
    ["te\u{e0041}\u{e007f}xt", "text"],
    ["a\u115fb\u3164c\uffa0d", "abcd"],
    ["ᠠ\u180bᠰ", "ᠠᠰ"],
    ["e\u200d\u0301te\u034f\u0301", "ete"],
    ["ក\u17b4ខ", "កខ"],
    ["한\u2060국\ufe0f어", "한국어"],
  ])("[SEARCH-TEXT-16] what is not drawn is not there: %j", (text, plain) => {
    expect(words(text)).toEqual(words(plain));
    expect(finds(text, plain)).toBe(true);
    expect(finds(plain, text)).toBe(true);
    expect(mark(plain, text)).toBe(`<mark>${plain.replaceAll(" ", "</mark> <mark>")}</mark>`);
  });

  it("[SEARCH-TEXT-16] any text has the tokens that it has with marks of no width between its letters", () => {
    const marks = ["\u200b", "\u00ad", "\u200e", "\ufe0f", "\u{e0100}", "\u{e0061}", "\u2060", "\u180c"];
    const letter = fc.constantFrom(..."abÉß1² .,北京がน้한Яج™ⓒⓓ🎉ﬁ".split(/(?:)/u));
    fc.assert(
      fc.property(fc.array(fc.tuple(letter, fc.constantFrom("", ...marks)), { maxLength: 20 }), (pairs) => {
        const plain = pairs.map(([one]) => one).join("");
        // Circles next to each other are told apart from lone ones by what stands beside them.
        if (/[ⓒⓓ]{2}/u.test(plain)) return;
        expect(words(pairs.flat().join(""))).toEqual(words(plain));
      }),
      { numRuns: 600 },
    );
  });

  it("[SEARCH-TEXT-2] offsets are those of the original, although folding changes lengths", () => {
    expect(pieces("a\u0301 Straße ﬁ 👍 ½x İ")).toEqual(["a\u0301", "Straße", "ﬁ", "½", "½x", "İ"]);
    expect(pieces("ｶﾞ가\u11a8")).toEqual(["ｶﾞ", "가\u11a8"]);
  });

  it("[SEARCH-TEXT-17] the index has the tokens of a text, of an ASCII one without folding it", () => {
    const ascii = fc.string({ unit: fc.nat(0x7f).map((code) => String.fromCharCode(code)) });
    const mixed = fc.string({ unit: fc.constantFrom(..."aB1_-' .\u0301é北京K™") });
    for (const text of [ascii, mixed, fc.string({ unit: "grapheme" })]) {
      fc.assert(
        fc.property(text, (one) => {
          expect(indexedTokens(one)).toEqual(tokens(one).map(({ token }) => token));
        }),
        { numRuns: 500 },
      );
    }
  });

  it("[SEARCH-TEXT-3] one text in different normal forms gives the same tokens", () => {
    for (const text of ["Ångström", "がぎぐ", "한국어", "น้ำ", "ဗမာ", "क़लम"]) {
      for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) {
        expect(words(text.normalize(form))).toEqual(words(text));
      }
    }
    expect(words("ｶﾞｷﾞ")).toEqual(words("ガギ"));
  });

  it("[SEARCH-TEXT-4] runs without spaces are overlapping pairs, and each letter begins one", () => {
    expect(words("T恤 北京天")).toEqual(["t", "恤", "北京", "京天", "天"]);
    expect(pieces("北京")).toEqual(["北", "京"]);
    expect(words("น้าที่")).toEqual(["น้า", "าที่", "ที่"]);
  });

  it("[SEARCH-TEXT-5] any text: offsets rise within it, tokens are letters, marks and digits, and folded already", () => {
    fc.assert(
      fc.property(unicode({ maxLength: 60 }), (text) => {
        let before = 0;
        for (const { token, start, end } of tokens(text)) {
          expect(token).toMatch(/^[\p{L}\p{M}\p{N}]+$/u);
          expect(words(token)[0]).toBe(token);
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          before = start;
        }
      }),
      { numRuns: 600 },
    );
  });
});

describe("searches", () => {
  it("[SEARCH-TEXT-6] words are each a phrase of their own, the last is a prefix, and twice is once", () => {
    expect(parseSearch("Hello wor")).toEqual([
      { tokens: ["hello"], prefix: false, covers: 1 },
      { tokens: ["wor"], prefix: true, covers: 1 },
    ]);
    expect(parseSearch("a a a b")).toHaveLength(2);
    expect(finds("hello world", "hello wor")).toBe(true);
    expect(finds("hello world", "wor hello")).toBe(false);
  });

  it("[SEARCH-TEXT-7] what is written without a space stands in a row", () => {
    expect(finds("I don't know", "don't")).toBe(true);
    expect(finds("Don, tell him", "don't know")).toBe(false);
    expect(finds("write to jane@example.com", "jane@example.com")).toBe(true);
    expect(finds("example.com of jane", "jane@example.com")).toBe(false);
    expect(finds("第1章 北京abc", "北京abc")).toBe(true);
  });

  it("[SEARCH-TEXT-8] nothing but signs asks for nothing", () => {
    for (const q of ["", "   ", '"', "***", "++ -- ()", "🎉", "\u0301"]) expect(parseSearch(q)).toEqual([]);
  });

  it.each(MID_SENTENCE)("[SEARCH-TEXT-9] %s is found mid-sentence", (_, sentence, ...parts) => {
    for (const part of parts) {
      expect(sentence).toContain(part);
      expect(finds(sentence, part)).toBe(true);
      expect(mark(sentence, part)).toBe(sentence.replace(part, `<mark>${part}</mark>`));
    }
    expect(finds(sentence, parts[0].slice(-2) + parts[0].slice(0, 2))).toBe(false);
  });

  it("[SEARCH-TEXT-10] every part of a run is found in it, wherever a segmenter would cut", () => {
    const segmenter = new Intl.Segmenter("und", { granularity: "word" });
    for (const [, sentence] of MID_SENTENCE) {
      for (const { segment } of segmenter.segment(sentence)) expect(finds(sentence, segment)).toBe(true);
      const letters = sentence.normalize("NFKC").match(/\P{M}\p{M}*/gu) ?? [];
      for (let from = 0; from < letters.length; from++) {
        for (let to = from + 1; to <= letters.length; to++) {
          expect(finds(sentence, letters.slice(from, to).join(""))).toBe(true);
        }
      }
    }
  });
});

describe("highlights", () => {
  it("[SEARCH-TEXT-11] the content is escaped, and only our marks are HTML", () => {
    expect(mark(`<img src=x onerror="alert('1')"> & Café`, "cafe img")).toBe(
      "&lt;<mark>img</mark> src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; <mark>Café</mark>",
    );
    expect(mark("<mark>hello</mark>", "hello")).toBe("&lt;mark&gt;<mark>hello</mark>&lt;/mark&gt;");
  });

  it("[SEARCH-TEXT-12] whole words are marked where the search is whole or the beginning", () => {
    expect(mark("hello world", "hello")).toBe("<mark>hello</mark> world");
    expect(mark("Hello there, hell", "hell")).toBe("<mark>Hello</mark> there, <mark>hell</mark>");
    expect(mark("othello", "hello")).toBe("othello");
    expect(mark("cafe\u0301s!", "café")).toBe("<mark>cafe\u0301s</mark>!");
    expect(mark("I don’t", "don't")).toBe("I <mark>don’t</mark>");
    expect(mark("天天天", "天天")).toBe("<mark>天天天</mark>");
    expect(mark("我爱北京", "京")).toBe("我爱北<mark>京</mark>");
  });

  it("[SEARCH-TEXT-13] a long content is cut around the first match, between words", () => {
    const long = `${"before ".repeat(100)}needle ${"after ".repeat(100)}`;
    const html = mark(long, "needle");
    expect(html).toMatch(/^…(before )+<mark>needle<\/mark>( after)+…$/);
    expect(html.length).toBeGreaterThan(150);
    expect(html.length).toBeLessThan(230);
    expect(mark(`needle ${"after ".repeat(100)}`, "needle")).toMatch(/^<mark>needle<\/mark>( after)+…$/);
    expect(mark(`${"before ".repeat(100)}needle`, "needle")).toMatch(/^…(before )+<mark>needle<\/mark>$/);
    expect(mark("x".repeat(4096), "x")).toBe(`<mark>${"x".repeat(200)}</mark>…`);
    expect(mark(`${"😀".repeat(300)}a${"😀".repeat(300)}`, "a")).toBe("…<mark>a</mark>…");
    expect(mark(`a${"😀".repeat(300)}`, "a")).toBe("<mark>a</mark>…");
  });

  it("[SEARCH-TEXT-14] any text: without marks and entities it is the content, or a part of it", () => {
    const plainText = (html: string) =>
      html
        .replace(/<\/?mark>/g, "")
        .replace(/&lt;/g, "<")
        .replace(/&gt;/g, ">")
        .replace(/&quot;/g, '"')
        .replace(/&#39;/g, "'")
        .replace(/&amp;/g, "&");
    const text = fc.string({
      unit: fc.constantFrom(..."ab <>&'\"é\u0301北京น้ำß👍½".split(/(?:)/u)),
      maxLength: 400,
    });
    fc.assert(
      fc.property(text, text, (content, q) => {
        const shown = plainText(highlight(content, parseSearch(q)));
        if (content.length <= 200) expect(shown).toBe(content);
        else expect(content).toContain(shown.replace(/^…/, "").replace(/…$/, ""));
        expect(shown.isWellFormed()).toBe(true);
      }),
      { numRuns: 600 },
    );
  });
});
