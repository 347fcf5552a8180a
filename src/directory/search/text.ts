/**
 * The text side of search: one tokenizer for what is indexed, what is asked and what is highlighted, so that the
 * three cannot disagree.
 *
 * Words of letters and digits are tokens as they are, folded. Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese
 * do not put spaces where words end (Korean puts them around phrases), and a segmenter cuts the same words
 * differently in a sentence, alone, and in the next version of its dictionary; an index would have to be rebuilt with
 * each runtime. So these runs are overlapping pairs of letters instead: a run that is asked for is a phrase of pairs,
 * and is found wherever it stands. One letter alone is asked for as the beginning of a pair; the last letter of a run
 * therefore is a token by itself.
 */

import { fold } from "./fold.ts";

/** A token, at the offsets that its first letter (or its word) has in the original text. */
export interface Token {
  token: string;
  start: number;
  end: number;
}

/** Tokens that must stand in a row. */
export interface Phrase {
  tokens: string[];
  /** Whether the last token may go on. */
  prefix: boolean;
  /** How many tokens of a text it stands on: a pair also stands on the token after it. */
  covers: number;
}

/** A word, or a run of a script without spaces as its letters. */
interface Stretch {
  isRun: boolean;
  parts: Token[];
}

const UNSPACED = String.raw`\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`;
const IN_WORDS = String.raw`\p{L}\p{M}\p{N}`;
const STRETCHES = new RegExp(`([[${IN_WORDS}]&&[${UNSPACED}]]+)|[[${IN_WORDS}]--[${UNSPACED}]]+`, "gv");
const MARK = /\p{M}/u;
/** Two letters of a run. */
const PAIR = new RegExp(`^(?:[[${IN_WORDS}]&&[${UNSPACED}]]){2}$`, "v");
/** Scripts without spaces whose letters have marks. */
const MARKED = /[\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{M}]/u;
const LETTERS = /\P{M}\p{M}*|\p{M}+/gu;

/** The letters of a run. Most scripts have no marks, and then each character is one. */
function lettersOf(run: string): Iterable<string> {
  return MARK.test(run) ? (run.match(LETTERS) ?? []) : run;
}

/** A text folded as messages are for search, with the signs between its words. */
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

/** Each letter of a run with the next. */
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

function runPhrase(letters: Token[]): Phrase {
  const all = pairs(letters).map((pair) => pair.token);
  const isAlone = letters.length === 1;
  return { tokens: isAlone ? all : all.slice(0, -1), prefix: isAlone, covers: letters.length };
}

/** What is written without a space is asked for as one phrase (`don't`, `3.14`, an address), except across runs. */
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

/** Whether the last token may be the beginning of another: a pair only goes on with marks, which few scripts have. */
function mayGoOn({ tokens }: Phrase): boolean {
  const token = tokens.at(-1) ?? "";
  return !PAIR.test(token) || MARKED.test(token);
}

/**
 * What a search asks for: all of these phrases, of which the last may be the beginning of something.
 * @returns nothing if there is neither a letter nor a digit in it.
 */
export function parseSearch(q: string): Phrase[] {
  const phrases = q.split(/\s+/).flatMap(phrasesOf);
  const last = phrases.at(-1);
  if (last) last.prefix ||= mayGoOn(last);
  const unique = new Map(phrases.map((phrase) => [JSON.stringify([phrase.tokens, phrase.prefix]), phrase]));
  return [...unique.values()];
}

/** How far to go back in a phrase when its next token is not there: the longest beginning that is also an end. */
function fallbacks(tokens: readonly string[]): number[] {
  const back = [0];
  for (let i = 1, length = 0; i < tokens.length; i++) {
    while (length > 0 && tokens[i] !== tokens[length]) length = back[length - 1] ?? 0;
    if (tokens[i] === tokens[length]) length++;
    back.push(length);
  }
  return back;
}

/** The places at which a phrase stands in a text, in time linear in both (Knuth, Morris and Pratt). */
export function* placesOf(phrase: Phrase, text: readonly Token[]): Generator<number> {
  // What may go on is compared by its beginning, which the fallbacks know nothing of.
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
