import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { highlight } from "../../src/directory/search/highlight.ts";
import {
  hasAll,
  MAX_ASKED_PHRASE,
  MAX_ASKED_PREFIXES,
  MAX_ASKED_TOKENS,
  planSearch,
} from "../../src/directory/search/plan.ts";
import { type Phrase, parseSearch, placesOf, type Token, tokens } from "../../src/domain/tokens.ts";
import { unicode } from "./arbitraries.ts";

/** Searches that would cost much: long runs, parts of words, many words, many beginnings. */
const COSTLY = {
  "one letter": "中".repeat(256),
  "two letters in turn": "中文".repeat(128),
  "a part that comes again": "a-".repeat(128),
  "parts that differ": Array.from({ length: 60 }, (_, i) => `p${i}`).join("."),
  "a run that differs": Array.from({ length: 256 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(""),
  "many words": Array.from({ length: 60 }, (_, i) => `w${i}`).join(" "),
  "many letters": Array.from({ length: 128 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(" "),
  "nested runs": Array.from({ length: 20 }, (_, i) => "中".repeat(i + 2)).join(" "),
  "an address": `https://example.com/${"a/b/".repeat(50)}`,
};

/** A text of few letters, in which much comes again. */
const few = (...units: string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 60 });
const letters = few("中", "文", "a", "b", " ", "-");

/** Whether a phrase stands at a place of a text: as the index has it, token by token. */
function standsAt({ tokens: wanted, prefix }: Phrase, text: readonly Token[], place: number): boolean {
  return wanted.every((token, i) => {
    const there = text[place + i]?.token;
    return prefix && i === wanted.length - 1 ? there?.startsWith(token) : there === token;
  });
}

/** A list that counts how often it is read. */
function counting<T>(list: readonly T[]): { list: readonly T[]; reads: () => number } {
  let reads = 0;
  const proxy = new Proxy(list, {
    get(target, property) {
      if (typeof property === "string" && /^\d+$/.test(property)) reads += 1;
      return Reflect.get(target, property);
    },
  });
  return { list: proxy, reads: () => reads };
}

function expectAffordable(q: string): void {
  const { asked, phrases } = planSearch(q);
  const all = asked.flatMap((phrase) => phrase.tokens);
  expect(all.length).toBeLessThanOrEqual(MAX_ASKED_TOKENS);
  expect(asked.filter((phrase) => phrase.prefix).length).toBeLessThanOrEqual(MAX_ASKED_PREFIXES);
  for (const phrase of asked) {
    expect(phrase.tokens.length).toBeLessThanOrEqual(MAX_ASKED_PHRASE);
    const again = phrase.tokens.length - new Set(phrase.tokens).size;
    expect(again).toBeLessThan(4);
  }
  expect(asked.length > 0).toBe(phrases.length > 0);
}

describe("what the index is asked", () => {
  it.each(Object.entries(COSTLY))("[R24 SEARCH-30] is little, whatever is looked for: %s", (_, q) => {
    expectAffordable(q);
    expect(planSearch(q).isExact).toBe(false);
  });

  it("[R24 SEARCH-30] is little for any search", () => {
    fc.assert(fc.property(unicode({ maxLength: 256 }), expectAffordable), { numRuns: 30 });
    fc.assert(fc.property(letters, expectAffordable), { numRuns: 200 });
  });

  it("[R24 SEARCH-31] is all of an ordinary search, in the words that it has", () => {
    const asked = (q: string) =>
      planSearch(q)
        .asked.map((phrase) => phrase.tokens.join(" "))
        .sort();
    for (const q of [
      "hello",
      "hello wor",
      "jane@example.com",
      "don't know",
      "北京天安门广场",
      "哈哈哈",
      "ha-ha-ha",
    ])
      expect([q, planSearch(q).isExact]).toEqual([q, true]);
    expect(asked("北京天安门")).toEqual(["北京 京天 天安 安门"]);
    expect(asked(String.fromCharCode(...Array.from({ length: 20 }, (_, i) => 0x4e00 + i)))).toEqual([
      "一丁 丁丂 丂七 七丄 丄丅 丅丆 丆万 万丈",
      "下丌 丌不 不与 与丏 丏丐 丐丑 丑丒 丒专",
    ]);
    expect(asked("the quick brown fox")).toEqual(["brown", "fox", "quick", "the"]);
    expect(asked("中".repeat(256))).toEqual(["中中"]);
    expect(asked("a-".repeat(128))).toEqual(["a"]);
    expect(asked("中文".repeat(128))).toEqual(["中文", "文中"]);
    expect(planSearch("*** 🎉").asked).toEqual([]);
  });

  it("[R24 SEARCH-32] is found in every text that has all that is looked for", () => {
    fc.assert(
      fc.property(letters, letters, letters, (before, q, after) => {
        const plan = planSearch(q);
        const text = tokens(`${before} ${q}${after}`);
        const whole = parseSearch(q);
        if (hasAll(text, whole)) expect(hasAll(text, plan.asked)).toBe(true);
        if (plan.isExact) expect(hasAll(text, plan.asked)).toBe(hasAll(text, whole));
      }),
      { numRuns: 1000 },
    );
    for (const q of Object.values(COSTLY)) expect(hasAll(tokens(`x ${q}!`), planSearch(q).asked)).toBe(true);
  });
});

describe("the places of a phrase", () => {
  it("[R24 SEARCH-33] are those at which its tokens stand in a row", () => {
    const phrase = fc.record({
      tokens: fc.array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 6 }),
      prefix: fc.boolean(),
      covers: fc.constant(1),
    });
    const words = fc.array(fc.constantFrom("a", "b", "ab", "abc"), { maxLength: 40 });
    fc.assert(
      fc.property(phrase, words, (wanted, text) => {
        const there = text.map((token) => ({ token, start: 0, end: 0 }));
        const expected = there.flatMap((_, place) => (standsAt(wanted, there, place) ? [place] : []));
        expect([...placesOf(wanted, there)]).toEqual(expected);
      }),
      { numRuns: 1500 },
    );
  });

  it("[R24 SEARCH-33] are found in one pass, however much of the phrase comes again", () => {
    const texts = ["中".repeat(4096), "a-".repeat(2048), "中文".repeat(2048), `b ${"a-".repeat(2040)}`];
    for (const text of texts) {
      for (const q of [...Object.values(COSTLY), `${"a-".repeat(120)}b`, `b-${"a-".repeat(120)}`]) {
        for (const phrase of parseSearch(q).slice(0, 5)) {
          const { list, reads } = counting(tokens(text));
          for (const _ of placesOf(phrase, list));
          expect(reads()).toBeLessThanOrEqual(2 * list.length + 1);
        }
      }
    }
  });

  it("[R24 SEARCH-34] a highlight reads a text a few times for each phrase, and marks what it shows alone", () => {
    const content = "中".repeat(4096);
    const { marked } = planSearch(COSTLY["nested runs"]);
    expect(marked.length).toBeLessThanOrEqual(16);
    const far = `${"a ".repeat(1000)}${content}`.slice(0, 4096);
    for (const [text, shown] of [
      [content, /^<mark>中{200}<\/mark>…$/],
      [far, /^…(a ){30}<mark>中{140}<\/mark>…$/],
    ] as const) {
      const counted = marked.map(({ tokens: wanted }) => counting(wanted));
      const phrases = marked.map((phrase, i) => ({ ...phrase, tokens: counted[i]?.list as string[] }));
      expect(highlight(text, phrases)).toMatch(shown);
      for (const { reads } of counted) expect(reads()).toBeLessThan(6 * 4096);
    }
  });
});
