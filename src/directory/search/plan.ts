/**
 * Plans which part of a search goes to the index, so that no search is much more expensive than others. The rest is
 * checked on the results.
 *
 * The index finds a message by a token in one step. For a phrase it walks through every position of each token in the
 * message. A token that is in a phrase twice is walked twice, and in a message of one repeated letter each token has
 * thousands of positions.
 */
import { type Phrase, parseSearch, placesOf, type Token } from "../../domain/tokens.ts";

/** Tokens of one search, at most. */
export const MAX_ASKED_TOKENS = 16;
/** Tokens of one phrase, at most. */
export const MAX_ASKED_PHRASE = 8;
/** Tokens of a phrase with a repeated token, at most. */
const MAX_REPEATING = 4;
/** Prefixes, at most: the index reads the positions of every word with that prefix. */
export const MAX_ASKED_PREFIXES = 2;
/** Phrases of a search that are highlighted, at most. */
const MAX_MARKED = 16;

export interface SearchPlan {
  /** All phrases of the search. */
  phrases: Phrase[];
  /** The phrases for the index. */
  asked: Phrase[];
  /** Whether the index checks everything. Otherwise its results must be checked. */
  isExact: boolean;
  /** The phrases to highlight. */
  marked: Phrase[];
}

function isCheap({ tokens }: Phrase): boolean {
  const most = new Set(tokens).size === tokens.length ? MAX_ASKED_PHRASE : MAX_REPEATING;
  return tokens.length <= most;
}

/** A phrase for the index: whole, or its start and end, or some of its tokens. */
function asAsked(phrase: Phrase): Phrase[] {
  if (isCheap(phrase)) return [phrase];
  const covers = MAX_ASKED_PHRASE;
  const { tokens, prefix } = phrase;
  const beginning = { tokens: tokens.slice(0, covers), prefix: false, covers };
  const end = { tokens: tokens.slice(-covers), prefix, covers };
  return isCheap(beginning) && isCheap(end) ? [beginning, end] : spread(phrase);
}

/** Single tokens of a long phrase, at equal distances from its start to its end. */
function spread({ tokens, prefix }: Phrase): Phrase[] {
  const whole = prefix ? tokens.slice(0, -1) : tokens;
  const count = Math.min(MAX_ASKED_PHRASE, whole.length);
  const places = Array.from({ length: count }, (_, i) => Math.round((i * (whole.length - 1)) / (count - 1)));
  return places.map((place) => ({ tokens: whole.slice(place, place + 1), prefix: false, covers: 1 }));
}

const lengthOf = ({ tokens }: Phrase) => tokens.reduce((length, token) => length + token.length, 0);

/** Removes duplicates and keeps the last one, like {@link parseSearch}. */
function unique(phrases: readonly Phrase[]): Phrase[] {
  return [...new Map(phrases.map((one) => [JSON.stringify([one.tokens, one.prefix]), one])).values()];
}

/** As many phrases as the index takes. The longest first, because few messages have them. */
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

/** Plans a search. @returns no phrases if there is no letter or digit in it. */
export function planSearch(q: string): SearchPlan {
  const phrases = parseSearch(q);
  const all = unique(phrases.flatMap(asAsked));
  const asked = affordable(all);
  const isExact = phrases.every(isCheap) && asked.length === all.length;
  return { phrases, asked, isExact, marked: phrases.slice(0, MAX_MARKED) };
}

/** Whether a text has all phrases. */
export function hasAll(text: readonly Token[], phrases: readonly Phrase[]): boolean {
  const there = new Set(text.map(({ token }) => token));
  return phrases.every((phrase) => {
    const [token = ""] = phrase.tokens;
    if (phrase.tokens.length === 1 && !phrase.prefix) return there.has(token);
    return !placesOf(phrase, text).next().done;
  });
}
