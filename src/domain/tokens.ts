/**
 * The tokenizer of search: one for indexing, searching and highlighting, so that they cannot disagree.
 *
 * Words of letters and digits become folded tokens. Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese do not put
 * spaces between words (Korean puts them around phrases). A segmenter cuts the same words differently in a sentence,
 * alone, and in the next version of its dictionary, so the index would have to be rebuilt with each runtime. Instead,
 * such a run becomes overlapping pairs of letters. A searched run is a phrase of pairs and is found anywhere. A single
 * letter is searched as the start of a pair, so the last letter of a run is a token by itself.
 */

import { fold } from "./fold.ts";

/** A token with its offsets in the original text (of its first letter, or of its word). */
export interface Token {
  token: string;
  start: number;
  end: number;
}

/** Consecutive tokens. */
export interface Phrase {
  tokens: string[];
  /** Whether the last token is a prefix. */
  prefix: boolean;
  /** How many tokens of a text it covers. A pair also covers the token after it. */
  covers: number;
}

/** A word, or the letters of a run in a script without spaces. */
interface Stretch {
  isRun: boolean;
  parts: Token[];
}

/** Scripts without spaces between words. */
export const UNSPACED = String.raw`\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`;
/** What words are made of. */
export const IN_WORDS = String.raw`\p{L}\p{M}\p{N}`;
const STRETCHES = new RegExp(`([[${IN_WORDS}]&&[${UNSPACED}]]+)|[[${IN_WORDS}]--[${UNSPACED}]]+`, "gv");
const MARK = /\p{M}/u;
/** Two letters of a run. */
const PAIR = new RegExp(`^(?:[[${IN_WORDS}]&&[${UNSPACED}]]){2}$`, "v");
/** Scripts without spaces whose letters have marks. */
const MARKED = /[\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{M}]/u;
const LETTERS = /\P{M}\p{M}*|\p{M}+/gu;

/** The letters of a run. In most scripts each character is one letter. */
function lettersOf(run: string): Iterable<string> {
  return MARK.test(run) ? (run.match(LETTERS) ?? []) : run;
}

/** Folds a text like messages are folded for search, with the signs between words. */
export function foldText(text: string): string {
  return fold(text).folded;
}

function stretches(text: string): Stretch[] {
  const { folded, starts, ends } = fold(text);
  const at = (token: string, index: number): Token => ({
    token,
    start: starts[index] ?? 0,
    end: ends[index + token.length - 1] ?? text.length,
  });
  return Array.from(folded.matchAll(STRETCHES), ({ 0: stretch, 1: run, index }) => {
    if (run === undefined) return { isRun: false, parts: [at(stretch, index)] };
    const parts: Token[] = [];
    let place = index;
    for (const letter of lettersOf(run)) {
      parts.push(at(letter, place));
      place += letter.length;
    }
    return { isRun: true, parts };
  });
}

/** Each letter of a run, joined with the next. */
function pairs(letters: Token[]): Token[] {
  return letters.map(({ token, start, end }, i) => ({
    token: token + (letters[i + 1]?.token ?? ""),
    start,
    end,
  }));
}

/** The tokens of a text, in order. */
export function tokens(text: string): Token[] {
  const all: Token[] = [];
  for (const { isRun, parts } of stretches(text)) {
    for (const token of isRun ? pairs(parts) : parts) all.push(token);
  }
  return all;
}

const ASCII = /^[\0-\x7f]*$/;

/** The tokens of a text without their places, as the index has them. Most texts are ASCII, and need no folding. */
export function indexedTokens(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return tokens(text).map(({ token }) => token);
}

function runPhrase(letters: Token[]): Phrase {
  const all = pairs(letters).map((pair) => pair.token);
  const isAlone = letters.length === 1;
  return { tokens: isAlone ? all : all.slice(0, -1), prefix: isAlone, covers: letters.length };
}

/** Text without spaces becomes one phrase (`don't`, `3.14`, an address), except across runs. */
function phrasesOf(word: string): Phrase[] {
  const phrases: Phrase[] = [];
  let open: Phrase | undefined;
  for (const { isRun, parts } of stretches(word)) {
    if (isRun) {
      phrases.push(runPhrase(parts));
      open = undefined;
      continue;
    }
    if (!open) {
      open = { tokens: [], prefix: false, covers: 0 };
      phrases.push(open);
    }
    open.tokens.push(...parts.map((part) => part.token));
    open.covers = open.tokens.length;
  }
  return phrases;
}

/** Whether the last token may be a prefix. A pair can only continue with marks, which few scripts have. */
function mayGoOn({ tokens }: Phrase): boolean {
  const token = tokens.at(-1) ?? "";
  return !PAIR.test(token) || MARKED.test(token);
}

/**
 * Parses a search into phrases that must all match. The last one may be a prefix.
 * @returns nothing if there is no letter or digit in it.
 */
export function parseSearch(q: string): Phrase[] {
  const phrases = q.split(/\s+/).flatMap(phrasesOf);
  const last = phrases.at(-1);
  if (last) last.prefix ||= mayGoOn(last);
  const unique = new Map(phrases.map((phrase) => [JSON.stringify([phrase.tokens, phrase.prefix]), phrase]));
  return [...unique.values()];
}

/** The failure table of the search algorithm: the longest start of a phrase that is also its end. */
function fallbacks(tokens: readonly string[]): number[] {
  const back = [0];
  for (let i = 1, length = 0; i < tokens.length; i++) {
    while (length > 0 && tokens[i] !== tokens[length]) length = back[length - 1] ?? 0;
    if (tokens[i] === tokens[length]) length++;
    back.push(length);
  }
  return back;
}

/** The positions of a phrase in a text, in linear time (Knuth, Morris and Pratt). */
export function* placesOf(phrase: Phrase, text: readonly Token[]): Generator<number> {
  // A prefix is compared separately, because the failure table only covers whole tokens.
  const whole = phrase.prefix ? phrase.tokens.slice(0, -1) : phrase.tokens;
  const beginning = phrase.prefix ? (phrase.tokens.at(-1) ?? "") : "";
  const back = fallbacks(whole);
  for (let place = 0, length = 0; place < text.length; place++) {
    if (whole.length > 0) {
      const token = text[place]?.token;
      while (length > 0 && token !== whole[length]) length = back[length - 1] ?? 0;
      if (token === whole[length]) length++;
      if (length < whole.length) continue;
      length = back[length - 1] ?? 0;
    }
    const next = phrase.prefix ? text[place + Math.min(whole.length, 1)]?.token : "";
    if (next?.startsWith(beginning)) yield place + 1 - Math.max(whole.length, 1);
  }
}
