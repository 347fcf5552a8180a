/**
 * Readings of a folded text, which is what words are looked for in. A digit may be a letter or itself, and a character may look like
 * two letters (1 is an i or an l, Н an н or a Latin H), so some texts have two or three readings. An entry of a filter has one:
 * its digits are digits.
 */
import { boundariesOf, isSpaceUnit, kindsOf, LETTER, SPACE, WORD } from "./characters.ts";
import { CAPITAL_LOOKS, LETTER_LOOKS, LOOKS, SECOND_LOOKS } from "./look-alikes.ts";
import type { UnitText } from "./units.ts";

/** One way to read a text. */
export interface Reading {
  units: Uint16Array;
  /** Where a match of whole words may begin or end: one place more than there are units. */
  boundaries: Uint8Array;
  /** For each unit: the unit of the folded text that it stands for. */
  origins: Int32Array;
}

const SPACE_UNIT = 0x20;
const [ZERO, NINE] = [0x30, 0x39];

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE;
}

/** Joins spaces, and finds boundaries. */
function readingOf(units: Uint16Array, kinds: Uint8Array): Reading {
  const read = new Uint16Array(units.length);
  const readKinds = new Uint8Array(units.length);
  const origins = new Int32Array(units.length);
  let length = 0;
  for (let i = 0; i < units.length; i++) {
    const kind = kinds[i] ?? 0;
    const isSpace = (kind & SPACE) !== 0;
    if (isSpace && length > 0 && ((readKinds[length - 1] ?? 0) & SPACE) !== 0) continue;
    read[length] = isSpace ? SPACE_UNIT : (units[i] ?? 0);
    readKinds[length] = kind;
    origins[length] = i;
    length += 1;
  }
  return {
    units: read.subarray(0, length),
    boundaries: boundariesOf(readKinds.subarray(0, length)),
    origins: origins.subarray(0, length),
  };
}

/** Reads look-alikes as letters. Digits and signs are letters only in words that have a real one: 455 stays a number. */
function lookingAlike(units: Uint16Array, kinds: Uint8Array, looks: Uint16Array): Reading {
  const read = units.slice();
  const readKinds = kinds.slice();
  for (let i = 0; i < units.length; ) {
    const { end, hasLetter } = wordAt(units, kinds, looks, i);
    for (; i < end; i++) {
      const unit = units[i] ?? 0;
      const look = looks[unit] ?? 0;
      if (look === 0 || (!hasLetter && isStandIn(unit, kinds[i] ?? 0))) continue;
      read[i] = look;
      readKinds[i] = WORD | LETTER;
    }
    i = Math.max(i, end);
  }
  return readingOf(read, readKinds);
}

/** Whether a unit is a digit or a sign that only stands for a letter. */
function isStandIn(unit: number, kind: number): boolean {
  return isDigit(unit) || (kind & WORD) === 0;
}

const [EXCLAMATION, BAR] = [0x21, 0x7c] as const;

/** Whether a character that no word is made of stands for a letter. At the end of a word, `!` and `|` only end it. */
function isSign(units: Uint16Array, kinds: Uint8Array, looks: Uint16Array, place: number): boolean {
  const unit = units[place] ?? 0;
  if ((looks[unit] ?? 0) === 0) return false;
  if (unit !== EXCLAMATION && unit !== BAR) return true;
  return ((kinds[place + 1] ?? 0) & WORD) !== 0;
}

/** A stretch of word characters and look-alikes, or one other unit. */
function wordAt(units: Uint16Array, kinds: Uint8Array, looks: Uint16Array, start: number) {
  let end = start;
  let hasLetter = false;
  for (; end < units.length; end++) {
    const kind = kinds[end] ?? 0;
    const isWord = (kind & WORD) !== 0;
    if (!isWord && !isSign(units, kinds, looks, end)) break;
    if (isWord && (kind & LETTER) !== 0) hasLetter = true;
  }
  return { end: Math.max(end, start + 1), hasLetter };
}

/**
 * Puts the look of capitals in the place of what they are folded to.
 * @returns undefined if nothing in the text has a second reading.
 */
function secondUnits(text: string, { units, starts }: UnitText): Uint16Array | undefined {
  let second: Uint16Array | undefined;
  for (let i = 0; i < units.length; i++) {
    const unit = units[i] ?? 0;
    const look = capitalLook(text, starts[i] ?? 0);
    if (look !== 0) {
      second ??= units.slice();
      second[i] = look;
    } else if (SECOND_LOOKS[unit] !== LOOKS[unit]) {
      second ??= units.slice();
    }
  }
  return second;
}

/** What a capital looks like, with or without accents; 0 if it is no such capital. */
function capitalLook(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit < 0x80) return 0;
  const look = CAPITAL_LOOKS[unit] ?? 0;
  return look !== 0 || !ACCENTED_CAPITAL.has(unit) ? look : (ACCENTED_CAPITAL.get(unit) ?? 0);
}

/** Accented capitals of Greek and Cyrillic, by the look of their letter. */
const ACCENTED_CAPITAL = new Map<number, number>();
for (const [from, to] of [
  [0x370, 0x52f],
  [0x1f00, 0x1fff],
] as const) {
  for (let unit = from; unit <= to; unit++) {
    const [letter = ""] = String.fromCharCode(unit).normalize("NFD");
    const look = CAPITAL_LOOKS[letter.charCodeAt(0)] ?? 0;
    if (look !== 0) ACCENTED_CAPITAL.set(unit, look);
  }
}

/** The units of an entry's only reading, as text: that of {@link readings} with digits as digits. Thousands are read at a time. */
export function readEntry({ units }: UnitText): string {
  let text = "";
  let isAfterSpace = false;
  for (const unit of units) {
    const isSpace = isSpaceUnit(unit);
    if (isSpace && isAfterSpace) continue;
    text += isSpace ? " " : String.fromCharCode(LETTER_LOOKS[unit] || unit);
    isAfterSpace = isSpace;
  }
  return text;
}

/** The readings of a text: one for most. */
export function readings(text: string, folded: UnitText): Reading[] {
  const { units } = folded;
  const kinds = kindsOf(units);
  const all = [lookingAlike(units, kinds, LETTER_LOOKS)];
  if (units.some(isDigit)) all.push(lookingAlike(units, kinds, LOOKS));
  const second = secondUnits(text, folded);
  if (second) all.push(lookingAlike(second, kindsOf(second), SECOND_LOOKS));
  return all;
}
