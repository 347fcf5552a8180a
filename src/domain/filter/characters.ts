/** What kind of character each code unit of a folded text is, as the tokenizer of search sees it (domain/tokens.ts). */
import { IN_WORDS, UNSPACED } from "../tokens.ts";

/** A letter or digit of a script that puts spaces between words, or a mark on one. */
export const WORD = 1;
/** A letter of a script without spaces. */
export const RUN = 2;
/** A mark: it belongs to the character before it. */
export const MARK = 4;
/** A letter, as opposed to a digit. */
export const LETTER = 8;
export const SPACE = 16;
const KNOWN = 128;

const WORD_CHARACTER = new RegExp(`^[[${IN_WORDS}]--[${UNSPACED}]]$`, "v");
const RUN_CHARACTER = new RegExp(`^[[${IN_WORDS}]&&[${UNSPACED}]]$`, "v");

/** Kinds by code unit, filled when they are first needed. */
const kinds = new Uint8Array(0x10000);

function kindOf(character: string): number {
  return (
    (WORD_CHARACTER.test(character) ? WORD : 0) |
    (RUN_CHARACTER.test(character) ? RUN : 0) |
    (/^\p{M}$/u.test(character) ? MARK : 0) |
    (/^\p{L}$/u.test(character) ? LETTER : 0) |
    (/^\s$/u.test(character) ? SPACE : 0)
  );
}

function kindOfUnit(unit: number): number {
  const known = kinds[unit] ?? 0;
  if (known !== 0) return known & ~KNOWN;
  const kind = kindOf(String.fromCharCode(unit));
  kinds[unit] = kind | KNOWN;
  return kind;
}

/** Whether a unit is a space. */
export function isSpaceUnit(unit: number): boolean {
  return (kindOfUnit(unit) & SPACE) !== 0;
}

/** The kind of each unit. The second unit of a pair is a mark: no word begins or ends before it. */
export function kindsOf(units: Uint16Array): Uint8Array {
  const all = new Uint8Array(units.length);
  for (let i = 0; i < units.length; i++) {
    const unit = units[i] ?? 0;
    const next = units[i + 1] ?? 0;
    if (unit < 0xd800 || unit > 0xdbff || next < 0xdc00 || next > 0xdfff) {
      all[i] = kindOfUnit(unit);
      continue;
    }
    const kind = kindOfPair(unit, next);
    all[i] = kind;
    i += 1;
    all[i] = kind | MARK;
  }
  return all;
}

const pairs = new Map<number, number>();
const MAX_PAIRS = 4_000;

function kindOfPair(high: number, low: number): number {
  const key = high * 0x10000 + low;
  const known = pairs.get(key);
  if (known !== undefined) return known;
  const kind = kindOf(String.fromCharCode(high, low));
  if (pairs.size >= MAX_PAIRS) pairs.clear();
  pairs.set(key, kind);
  return kind;
}

/**
 * Where a word may begin or end: 1 at each place between two units where the tokenizer cuts, or between any two letters of a
 * script without spaces; 0 inside of words, and before marks. One place more than there are units.
 */
export function boundariesOf(kinds: Uint8Array): Uint8Array {
  const places = new Uint8Array(kinds.length + 1);
  places[0] = 1;
  for (let i = 1; i <= kinds.length; i++) {
    const before = kinds[i - 1] ?? 0;
    const after = kinds[i] ?? 0;
    const isInside = (before & WORD) !== 0 && (after & WORD) !== 0;
    if (!isInside && (after & MARK) === 0) places[i] = 1;
  }
  return places;
}
