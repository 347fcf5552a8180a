/**
 * What of a search the index is asked, so that no search costs much more than another, whatever it asks and whatever
 * was written. The rest is checked on the page that the index finds.
 *
 * The index finds a message by a token in one step, but a phrase by walking through every place of each of its tokens
 * in the message. A token that stands in a phrase twice is walked twice, and in a message of one letter alone each
 * token stands thousands of times.
 */
import { type Phrase, parseSearch, placesOf, type Token } from "./text.ts";

/** Tokens of one search, at most. */
export const MAX_ASKED_TOKENS = 16;
/** Tokens of one phrase, at most. */
export const MAX_ASKED_PHRASE = 8;
/** Tokens of a phrase in which one comes again, at most. */
const MAX_REPEATING = 4;
/** Beginnings of words, at most: the index reads the places of every word that begins so. */
export const MAX_ASKED_PREFIXES = 2;
/** Phrases of a search that are marked where they are found. */
const MAX_MARKED = 16;

export interface SearchPlan {
  /** All of it. */
  phrases: Phrase[];
  /** What the index is asked. */
  asked: Phrase[];
  /** Whether this is all: then what the index finds is what is looked for. */
  isExact: boolean;
  /** What is marked in what is found. */
  marked: Phrase[];
}

function isCheap({ tokens }: Phrase): boolean {
  const most = new Set(tokens).size === tokens.length ? MAX_ASKED_PHRASE : MAX_REPEATING;
  return tokens.length <= most;
}

/** A phrase as the index is asked for it: whole, or its beginning and its end, or some of its tokens. */
function asAsked(phrase: Phrase): Phrase[] {
  if (isCheap(phrase)) return [phrase];
  const covers = MAX_ASKED_PHRASE;
  const { tokens, prefix } = phrase;
  const beginning = { tokens: tokens.slice(0, covers), prefix: false, covers };
  const end = { tokens: tokens.slice(-covers), prefix, covers };
  return isCheap(beginning) && isCheap(end) ? [beginning, end] : spread(phrase);
}

/** Tokens of a long phrase, from its beginning to its end at equal distances, each for itself. */
function spread({ tokens, prefix }: Phrase): Phrase[] {
  const whole = prefix ? tokens.slice(0, -1) : tokens;
  const count = Math.min(MAX_ASKED_PHRASE, whole.length);
  const places = Array.from({ length: count }, (_, i) => Math.round((i * (whole.length - 1)) / (count - 1)));
  return places.map((place) => ({ tokens: whole.slice(place, place + 1), prefix: false, covers: 1 }));
}

const lengthOf = ({ tokens }: Phrase) => tokens.reduce((length, token) => length + token.length, 0);

/** Each phrase once: the last one like it, as in {@link parseSearch}. */
function unique(phrases: readonly Phrase[]): Phrase[] {
  return [...new Map(phrases.map((one) => [JSON.stringify([one.tokens, one.prefix]), one])).values()];
}

/** As many as the index is asked, the longest first: few messages have them. */
function affordable(phrases: readonly Phrase[]): Phrase[] {
  let tokens = 0;
  let prefixes = 0;
  return phrases
    .toSorted((one, other) => lengthOf(other) - lengthOf(one))
    .filter((phrase) => {
      const fits =
        tokens + phrase.tokens.length <= MAX_ASKED_TOKENS &&
        prefixes + Number(phrase.prefix) <= MAX_ASKED_PREFIXES;
      if (!fits) return false;
      tokens += phrase.tokens.length;
      prefixes += Number(phrase.prefix);
      return true;
    });
}

/** Plans a search. @returns no phrases if there is neither a letter nor a digit in it. */
export function planSearch(q: string): SearchPlan {
  const phrases = parseSearch(q);
  const all = unique(phrases.flatMap(asAsked));
  const asked = affordable(all);
  const isExact = phrases.every(isCheap) && asked.length === all.length;
  return { phrases, asked, isExact, marked: phrases.slice(0, MAX_MARKED) };
}

/** Whether a text has all that is looked for. */
export function hasAll(text: readonly Token[], phrases: readonly Phrase[]): boolean {
  const there = new Set(text.map(({ token }) => token));
  return phrases.every((phrase) => {
    const [token = ""] = phrase.tokens;
    if (phrase.tokens.length === 1 && !phrase.prefix) return there.has(token);
    return !placesOf(phrase, text).next().done;
  });
}
