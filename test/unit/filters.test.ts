import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildAutomaton, search } from "../../src/domain/filter/automaton.ts";
import { mayHaveNames, normalName, readNames } from "../../src/domain/filter/domain-names.ts";
import { compileFilters, type FilterRule, findIn } from "../../src/domain/filter/filter-set.ts";
import { foldUnits } from "../../src/domain/filter/folding.ts";
import { mask } from "../../src/domain/filter/mask.ts";
import { withMaskedName } from "../../src/domain/filter/names.ts";
import { judge } from "../../src/domain/filter/verdict.ts";
import { fold } from "../../src/domain/fold.ts";
import { tokens } from "../../src/domain/tokens.ts";
import { cleanText } from "./arbitraries.ts";

function rule(entries: string[], more: Partial<FilterRule> = {}): FilterRule {
  return { name: "f", type: "words", match: "whole_word", action: "mask", entries, ...more };
}

/** What a text becomes behind one filter that masks. */
function masked(text: string, entries: string[], more: Partial<FilterRule> = {}): string {
  const verdict = judge(compileFilters([rule(entries, more)]), [{ field: "content", text }]);
  return verdict && !verdict.refusal ? (verdict.texts[0] ?? "") : text;
}

describe("words", () => {
  it.each([
    ["case", "DaMn", "****"],
    ["accents", "dámñ", "****"],
    ["width", "ｄａｍｎ", "****"],
    ["invisible characters", "d\u200ba\u00adm\u2060n!", "****!"],
    ["mathematical letters", "𝔡𝕒𝓂𝐧", "****"],
    ["circles and squares", "ⓓⒶⓜⓝ 🅳🅰🅼🅽", "**** ****"],
    ["Cyrillic", "dаmn", "****"],
    ["Greek capitals", "DAΜΝ", "****"],
    ["digits and signs", "d4mn d@mn", "**** ****"],
    ["combining marks without end", `d${"\u0336".repeat(40)}amn`, "****"],
    ["the same in the middle of others", "damned goddamn", "damned goddamn"],
    ["signs around it", "(damn), _damn_", "(****), _****_"],
    ["emoji beside it", "👩‍👩‍👧damn👍🏽", "👩‍👩‍👧****👍🏽"],
    ["signs of direction, which stay in pairs", "\u202edamn\u202c x", "\u202e****\u202c x"],
  ])("[FILTER-20] %s", (_, text, expected) => {
    expect(masked(text, ["damn"])).toBe(expected);
  });

  it.each([
    ["sh1t sh!t", ["shit"], "**** ****"],
    ["he11o he1lo", ["hello"], "***** *****"],
    ["oh shit! $hit", ["shit"], "oh ****! ****"],
    ["a55 455 @ss", ["ass"], "*** 455 ***"],
    ["a c4 is no ca", ["c4"], "a ** is no ca"],
    ["boobs b00bs", ["b00bs"], "boobs *****"],
    ["455 4550", ["455"], "*** 4550"],
    ["holy\n \tcow, holycow", ["holy cow"], "****\n \t***, holycow"],
    ["c++ c+ c", ["c++"], "*** c+ c"],
    ["straße STRASSE", ["strasse"], "****** *******"],
    ["ﬁne", ["fine"], "***"],
    ["Дурак дурак cyka", ["дурак", "сука"], "***** ***** ****"],
    ["我是笨蛋嗎", ["笨蛋"], "我是**嗎"],
    ["바보야", ["바보"], "**야"],
    ["คนโง่มาก", ["โง่"], "คน**มาก"],
    ["a 🖕🏽 b 🖕", ["🖕"], "a * b *"],
  ])("[FILTER-21] %j with %j is %j", (text, entries, expected) => {
    expect(masked(text, entries)).toBe(expected);
  });

  it("[FILTER-22] anywhere also finds words inside of others; overlapping places become one", () => {
    expect(masked("unfuckable", ["fuck"], { match: "anywhere" })).toBe("un****able");
    expect(masked("abcabcd", ["abca", "cabcd"], { match: "anywhere" })).toBe("*******");
    expect(masked("abababa", ["aba"], { match: "anywhere" })).toBe("*******");
  });

  it("[FILTER-23] of several filters each decides by itself", () => {
    const set = compileFilters([
      rule(["one", "two"], { name: "a", action: "flag" }),
      rule(["two"], { name: "b", action: "mask", match: "anywhere" }),
      rule(["three"], { name: "c", action: "reject" }),
      rule(["evil.example"], { name: "d", type: "domains", action: "reject" }),
    ]);
    const of = (text: string) => judge(set, [{ field: "content", text }]);
    expect(of("nothing")).toBeUndefined();
    expect(of("twofold")).toMatchObject({ texts: ["***fold"], notes: [{ details: { filter: "b" } }] });
    expect(of("one two")).toMatchObject({
      texts: ["one ***"],
      notes: [
        { action: "filter.mask", details: { filter: "b", original: "one two" } },
        { action: "filter.flag", details: { filter: "a" } },
      ],
    });
    expect(of("two three")).toMatchObject({ refusal: { details: { filter: "c", field: "content" } } });
    expect(of("three at evil.example")).toMatchObject({ refusal: { details: { filter: "c" } } });
    expect(of("at evil.example")).toMatchObject({ refusal: { details: { filter: "d" } } });
    expect(withMaskedName(set, { display_name: "Three Two at evil.example" })).toMatchObject({
      display_name: "***** *** at ************",
    });
  });

  it("[FILTER-24] a text is folded as search folds it", () => {
    const piece = fc.oneof(
      cleanText({ maxLength: 6 }),
      fc.constantFrom(
        "ß",
        "ẞ",
        "Σς",
        "ﬃ",
        "e\u0301",
        "e\u200b\u0301",
        "ｶﾞ",
        "가",
        "한",
        "™",
        "®x",
        "ⒸⓄ",
        "Ⓒ",
        "ᵀᴹ",
        "\u0e40\u0e07\u0e48",
        "\u0644\u064e",
        "İ",
        "ǅ",
        "🅰",
        "x\ufe0f",
        "\u0001\u1a55\u20f1",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        // White letters on black are letters for filters alone.
        const text = pieces.join("").replace(/[\u{1f150}-\u{1f189}]/gu, "");
        const { folded, starts, ends } = fold(text);
        const units = foldUnits(text);
        expect(String.fromCharCode(...units.units)).toBe(folded);
        expect([...units.starts]).toEqual(starts);
        expect([...units.ends]).toEqual(ends);
      }),
      { numRuns: 500 },
    );
  });
});

/** Finds patterns as slowly as one can. */
function naive(
  patterns: readonly string[],
  text: string,
  isBoundary: (place: number) => boolean,
  anywhere: boolean,
) {
  const hidden = new Set<number>();
  for (const pattern of patterns) {
    for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) {
      const end = at + pattern.length;
      if (!anywhere && !(isBoundary(at) && isBoundary(end))) continue;
      for (let i = at; i < end; i++) hidden.add(i);
    }
  }
  return hidden;
}

describe("the automaton", () => {
  const letter = fc.constantFrom("a", "b", "c", " ");
  const word = fc.string({ unit: letter, minLength: 1, maxLength: 5 });

  it.each([true, false])("[FILTER-25] finds what a naive search finds (anywhere: %s)", (anywhere) => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 12 }),
        fc.string({ unit: letter, maxLength: 60 }),
        (words, text) => {
          const patterns = words.sort();
          const isBoundary = (i: number) =>
            i === 0 || i === text.length || text[i] === " " || text[i - 1] === " ";
          const boundaries = Uint8Array.from({ length: text.length + 1 }, (_, i) => (isBoundary(i) ? 1 : 0));
          const automaton = buildAutomaton({ patterns, filters: new Int32Array(patterns.length).fill(1) });
          const units = Uint16Array.from(text, (unit) => unit.charCodeAt(0));
          const found = search(
            automaton,
            units,
            { starts: boundaries, ends: boundaries },
            { anywhere: anywhere ? 1 : 0, placed: 1 },
          );
          const hidden = new Set<number>();
          for (let i = 0; i < found.places.length; i += 2) {
            for (let k = found.places[i] ?? 0; k < (found.places[i + 1] ?? 0); k++) hidden.add(k);
          }
          expect(hidden).toEqual(naive(patterns, text, isBoundary, anywhere));
          expect(found.filters).toBe(hidden.size > 0 ? 1 : 0);
        },
      ),
      { numRuns: 800 },
    );
  });

  it("[FILTER-26] finds every filter that a naive search finds, whatever they mask", () => {
    const filter = fc.record({
      words: fc.uniqueArray(word, { minLength: 1, maxLength: 6 }),
      anywhere: fc.boolean(),
      masks: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(filter, { minLength: 1, maxLength: 5 }),
        fc.string({ unit: letter, maxLength: 40 }),
        (filters, text) => {
          const bits = (has: (one: (typeof filters)[number]) => boolean) =>
            filters.reduce((sum, one, i) => (has(one) ? sum | (1 << i) : sum), 0);
          const patterns = [...new Set(filters.flatMap(({ words }) => words))].sort();
          const isBoundary = (i: number) =>
            i === 0 || i === text.length || text[i] === " " || text[i - 1] === " ";
          const boundaries = Uint8Array.from({ length: text.length + 1 }, (_, i) => (isBoundary(i) ? 1 : 0));
          const found = search(
            buildAutomaton({
              patterns,
              filters: Int32Array.from(patterns, (pattern) => bits(({ words }) => words.includes(pattern))),
            }),
            Uint16Array.from(text, (unit) => unit.charCodeAt(0)),
            { starts: boundaries, ends: boundaries },
            { anywhere: bits(({ anywhere }) => anywhere), placed: bits(({ masks }) => masks) },
          );
          const expected = bits(({ words, anywhere }) => naive(words, text, isBoundary, anywhere).size > 0);
          expect(found.filters).toBe(expected);
          const hidden = new Set<number>();
          for (let i = 0; i < found.places.length; i += 2) {
            for (let k = found.places[i] ?? 0; k < (found.places[i + 1] ?? 0); k++) hidden.add(k);
          }
          const masking = filters.filter(({ masks }) => masks);
          const wanted = new Set(
            masking.flatMap((one) => [...naive(one.words, text, isBoundary, one.anywhere)]),
          );
          expect([...hidden].sort()).toEqual([...wanted].sort());
        },
      ),
      { numRuns: 800 },
    );
  });

  it.each([
    [
      "one letter, and all words of it",
      "a".repeat(4096),
      Array.from({ length: 100 }, (_, i) => "a".repeat(i + 1)),
    ],
    [
      "almost a word, again and again",
      `${"a".repeat(99)}b`.repeat(41),
      ["a".repeat(100), `${"a".repeat(98)}c`],
    ],
    [
      "boundaries everywhere",
      "- ".repeat(2048),
      Array.from({ length: 50 }, (_, i) => "- ".repeat(i + 1).trim()),
    ],
    [
      "words that end alike and begin inside of others",
      "xa ".repeat(1365),
      Array.from({ length: 33 }, (_, i) => `${"a x".repeat(1)}${"a xa ".repeat(i)}a`.slice(0, 100)),
    ],
  ])("[FILTER-27] takes steps in proportion to the text: %s", (_, text, entries) => {
    for (const match of ["anywhere", "whole_word"] as const) {
      const set = compileFilters([
        rule(entries, { match }),
        rule(entries, { name: "g", match: "anywhere", action: "flag" }),
      ]);
      const words = set?.words;
      if (!words) throw new Error("no words");
      const steps = (repeated: string) => {
        const units = Uint16Array.from(repeated, (unit) => unit.charCodeAt(0));
        const boundaries = new Uint8Array(units.length + 1).fill(1);
        return search(words.automaton, units, { starts: boundaries, ends: boundaries }, words).steps;
      };
      expect(steps(text + text) / steps(text)).toBeLessThan(2.1);
    }
  });
});

describe("names of domains", () => {
  it.each([
    ["see evil.com.", "see ********."],
    ["https://a.b.EVIL.com:443/x", "https://************:443/x"],
    ["me@evil.com", "me@********"],
    ["evil。com evil．com evil｡com", "******** ******** ********"],
    ["ｅｖｉｌ.com", "********"],
    ["e\u00advil.com", "********"],
    ["evil%2ecom %65vil.com", "********** **********"],
    ["evil.com.au notevil.com evil.company", "evil.com.au notevil.com evil.company"],
    ["evil-evil.com evil.com-x", "evil-evil.com evil.com-x"],
    [
      "bücher.example BÜCHER.example xn--bcher-kva.example XN--BCHER-KVA.example",
      "************** ************** ********************* *********************",
    ],
    ["аррӏе.com apple.com", "********* apple.com"],
    ["看evil.com吧", "看********吧"],
    ["evil.com,evil.com", "********,********"],
    ["a...evil.com", "************"],
  ])("[FILTER-28] %j is %j", (text, expected) => {
    const entries = ["evil.com", "bücher.example", "xn--80ak6aa92e.com"];
    expect(masked(text, entries, { type: "domains" })).toBe(expected);
  });

  it.each([
    ["EVIL.com.", "evil.com"],
    ["xn--bcher-kva.example", "bücher.example"],
    [" a.b ", "a.b"],
    ["no", undefined],
    ["a b.c", undefined],
    ["a..b", undefined],
    ["-a.b", undefined],
    ["http://a.b", undefined],
    ["a.b/c", undefined],
    [`${"x".repeat(64)}.com`, undefined],
  ])("[FILTER-29] the entry %j stands for %j", (entry, expected) => {
    expect(normalName(entry)).toBe(expected);
  });

  it("[FILTER-30] whatever is read as a dot makes a text one that may have names", () => {
    for (let point = 0; point <= 0xffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const text = `a${String.fromCodePoint(point)}b`;
      const read = String.fromCharCode(...readNames(text).units);
      if (read.includes(".") && !mayHaveNames(text)) expect(text).toBe("one that may have names");
    }
  });
});

describe("masks", () => {
  it("[FILTER-31] what is not masked stays, character for character, and no character is cut", () => {
    const segments = (text: string) =>
      [...new Intl.Segmenter("und").segment(text)].map(({ segment }) => segment);
    fc.assert(
      fc.property(cleanText({ maxLength: 30 }), fc.nat(30), fc.nat(30), (text, from, length) => {
        const start = Math.min(from, text.length);
        const end = Math.min(start + length, text.length);
        const out = mask(text, [[start, end]]);
        expect(out.isWellFormed()).toBe(true);
        const all = segments(text);
        let place = 0;
        let expected = "";
        for (const segment of all) {
          const isHidden = place < end && place + segment.length > start;
          place += segment.length;
          if (!isHidden || /^[\s\u202a-\u202e\u2066-\u2069]+$/u.test(segment)) expected += segment;
          else if (mask(segment, [[0, segment.length]]) !== "") expected += "*";
        }
        expect(out).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("[FILTER-32] a word is found wherever it stands among words that are not it, and nothing else is touched", () => {
    const other = fc.constantFrom(
      "hello",
      "世界",
      "🙂",
      "3.14",
      "naïve",
      "Привет",
      "x_y",
      "\n",
      "—",
      "e\u0301",
    );
    const spelled = fc.constantFrom(
      "grumpf",
      "GRUMPF",
      "grúmpf",
      "gr\u00adumpf",
      "grumρf",
      "ｇｒｕｍｐｆ",
      "𝓰𝓻𝓾𝓶𝓹𝓯",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(other, spelled), { maxLength: 12 }), (parts) => {
        const isOne = (part: string) => /f|ｆ|𝓯|F/u.test(part);
        const expected = parts.map((part) => (isOne(part) ? "******" : part)).join(" ");
        expect(masked(parts.join(" "), ["grumpf"])).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("[FILTER-33] any text is judged without an error, and masking leaves nothing to find", () => {
    const set = compileFilters([
      rule(["a", "b c", "é", "漢"], { match: "anywhere" }),
      rule(["a.b", "ü.de"], { name: "g", type: "domains" }),
    ]);
    if (!set) throw new Error("no filters");
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            cleanText({ maxLength: 5 }),
            fc.constantFrom("a", ".", "b", "xn--", "%", "%61", "-", "\u0301", "。", " "),
          ),
          { maxLength: 30 },
        ),
        (pieces) => {
          const text = pieces.join("");
          const { spans } = findIn(set, text);
          const left = spans.length > 0 ? mask(text, spans) : text;
          expect(findIn(set, left).filters & 1).toBe(0);
          expect(tokens(left).length).toBeLessThanOrEqual(tokens(text).length + spans.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
