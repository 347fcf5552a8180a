/**
 * `npm run bench:filters`: what it costs to hold a message of 4,096 characters against 10,000 words and 10,000 domains, whatever
 * is in it (rule 29). Ends with 1 if a text takes longer than a millisecond, or the time does not grow with the length alone.
 */
import { pathToFileURL } from "node:url";
import { readArguments } from "../scripts/arguments.ts";
import { compileFilters, type FilterSet } from "../src/domain/filter/filter-set.ts";
import { judge } from "../src/domain/filter/verdict.ts";
import { alignedTable } from "./markdown.ts";

const USAGE = `
Usage: npm run bench:filters -- [flags]

Measures how long filters take for texts of 4,096 characters, ordinary and hostile ones.

  --rounds <number>  times that each text is measured (200)
`;

/** Characters of the longest message. */
const LENGTH = 4096;
const ENTRIES = 10_000;
/** Milliseconds that a text may take. */
const BUDGET_MS = 1;
/** What twice the text may take at most, as a multiple: twice, and noise. */
const MAX_GROWTH = 3;

const words = Array.from({ length: ENTRIES }, (_, i) => `w${(i * 7919).toString(36)}x`);
/** Words that share their beginnings and ends, as an attacker would have them who knew all of them. */
const nested = Array.from({ length: 100 }, (_, i) => "a".repeat(i + 1));

/** Pieces that texts are made of, by what they try. */
export const PIECES: Record<string, string> = {
  English: "the quick brown fox jumps over the lazy dog, ",
  Russian: "съешь ещё этих мягких французских булок, ",
  Chinese: "我能吞下玻璃而不伤身体，",
  "Arabic with points": "نَصٌّ عَرَبِيٌّ ",
  Thai: "เป็นมนุษย์สุดประเสริฐ ",
  Korean: "키스의 고유조건은 ",
  emoji: "👩‍👩‍👧👍🏽 ",
  "digits for letters": "d1g1t5 4nd w0rd5 ",
  links: "see https://www.example.com/a?b=c.d, ",
  "names of domains": "a.b.c.d.e-f.g.",
  "encoded names": "xn--bcher-kva.",
  "percent signs": "%41%2e%e4%bd%a0",
  "percent signs that are no text": "%ff",
  "marks without end": "\u0336",
  "letters with many marks": "z\u0337\u0322\u0330a\u0336\u0321",
  "invisible characters": "\u200b\u00ad",
  "mathematical letters": "𝔥𝔢𝔩𝔩𝔬 ",
  "almost a word": `${"a".repeat(99)}b`,
  "words upon words": "a",
};

function filtersOf(action: "mask" | "flag"): FilterSet {
  const common = { action, match: "anywhere" } as const;
  const set = compileFilters([
    { ...common, name: "words", type: "words", entries: [...words, ...nested] },
    { ...common, name: "whole", type: "words", match: "whole_word", entries: nested },
    { ...common, name: "names", type: "domains", entries: words.map((word) => `${word}.com`) },
  ]);
  if (!set) throw new Error("no filters");
  return set;
}

/** A text of so many characters. */
export function textOf(piece: string, length: number): string {
  const characters = Array.from(piece.repeat(Math.ceil(length / Array.from(piece).length)));
  return characters.slice(0, length).join("");
}

/** The median of what one text takes, in milliseconds. */
function timeOf(set: FilterSet, text: string, rounds: number): number {
  const one = () => judge(set, [{ field: "content", text }]);
  for (let i = 0; i < rounds / 2; i++) one();
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    one();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
}

function run(rounds: number): boolean {
  const begun = performance.now();
  const set = filtersOf("flag");
  console.log(
    `${ENTRIES} words and as many domains are ready after ${Math.round(performance.now() - begun)} ms.\n`,
  );
  let isGood = true;
  const rows = Object.entries(PIECES).map(([name, piece]) => {
    const time = timeOf(set, textOf(piece, LENGTH), rounds);
    const growth = timeOf(set, textOf(piece, LENGTH * 2), rounds) / time;
    const isOver = time > BUDGET_MS || growth > MAX_GROWTH;
    if (isOver) isGood = false;
    return [name, `${Math.round(time * 1000)}`, growth.toFixed(1), isOver ? "over" : ""];
  });
  console.log(alignedTable([["text", "us", "twice the text takes", ""], ...rows], [0, 3]));
  return isGood;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { rounds = "200" } = readArguments({ usage: USAGE, options: { rounds: { type: "string" } } }).values;
  process.exitCode = run(Number(rounds)) ? 0 : 1;
}
