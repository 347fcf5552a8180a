/**
 * What people who never lived have written to each other: the same words for whoever seeds and whoever searches,
 * without a file. Words are about as frequent as in a language: the second half as often as the first, and so on.
 */

/** Different words. */
export const VOCABULARY = 20_000;
const WORDS = 10;
const CONSONANTS = "bcdfghjklmnpqrstvwxz";
const VOWELS = "aeiou";
/** Before this, in milliseconds since 1970, nobody wrote anything. */
export const BEGINNING = Date.UTC(2026, 0, 1);

/** A number from 0 to 1 that looks random and always is the same for `n`. */
export function chance(n: number): number {
  let mixed = Math.imul((n + 0x9e3779b9) | 0, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4eb2f);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

/** The word of a rank; 0 is the most frequent one. Three syllables, so that beginnings are shared. */
export function word(rank: number): string {
  const syllables = CONSONANTS.length * VOWELS.length;
  let number = (rank * 7919) % syllables ** 3;
  let text = "";
  for (let i = 0; i < 3; i++) {
    const syllable = number % syllables;
    text += CONSONANTS.charAt(Math.floor(syllable / VOWELS.length)) + VOWELS.charAt(syllable % VOWELS.length);
    number = Math.floor(number / syllables);
  }
  return text;
}

/** The text of message number `n` of them all. */
export function textOf(n: number): string {
  return Array.from({ length: WORDS }, (_, i) =>
    word(Math.floor(VOCABULARY ** chance(n * WORDS + i)) - 1),
  ).join(" ");
}

/** The id of conversation number `n`: as the service makes them, but always the same. */
export function conversationIdOf(n: number): string {
  const first = (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
  return `${first}-be4c-8000-8000-000000000000`;
}

/** One conversation to write into the directory. */
export interface Seed {
  /** Its number; see {@link conversationIdOf}. */
  number: number;
  /** Its messages are numbers `firstMessage` and following of them all. */
  firstMessage: number;
  messages: number;
  /** Members who have read nothing; two or more of them wrote everything. */
  senders: string[];
  /** Members who have written and read nothing. */
  unread: string[];
  /** Members who have written nothing and read everything. */
  read: string[];
}
