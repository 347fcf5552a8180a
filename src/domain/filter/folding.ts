/**
 * Folds texts as domain/fold.ts does, in a time that does not depend on what is in them: a table knows what each code unit becomes,
 * and only characters that compose with the next go the long way.
 */
import { FOLLOWER, fold, VANISHING } from "../fold.ts";
import { negativeLetter } from "./look-alikes.ts";
import { Units, type UnitText } from "./units.ts";

/** What becomes of a code unit that stands alone. Any other value is the unit that it becomes. */
const UNKNOWN = 0;
/** It becomes several units, or none that is in the table. */
const LONG = 1;
/** It is ignored. */
const VANISHES = 2;
/** It composes with the unit before, or depends on its neighbours. */
const COMPOSES = 3;

const table = new Uint16Array(0x10000);
/** Letters that are signs after a name, and those around them, depend on their neighbours (domain/fold.ts). */
const NEIGHBOURLY = /^[\u24b6-\u24e9\u1d40\u02e2\u1d39]$/u;

function classify(unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return LONG;
  const character = String.fromCharCode(unit);
  if (VANISHING.test(character)) return VANISHES;
  if (FOLLOWER.test(character) || NEIGHBOURLY.test(character)) return COMPOSES;
  const { folded } = fold(character);
  return folded.length === 1 && folded.charCodeAt(0) > COMPOSES ? folded.charCodeAt(0) : LONG;
}

function effectOf(unit: number): number {
  const known = table[unit] ?? UNKNOWN;
  if (known !== UNKNOWN) return known;
  const effect = classify(unit);
  table[unit] = effect;
  return effect;
}

/** Folded characters that are not in the table. */
const known = new Map<string, string>();
const MAX_KNOWN = 4_000;

function foldOne(character: string): string {
  const before = known.get(character);
  if (before !== undefined) return before;
  const folded = negativeLetter(character.codePointAt(0) ?? 0) ?? fold(character).folded;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(character, folded);
  return folded;
}

/** Folded characters that compose. */
const composed = new Map<string, ReturnType<typeof fold>>();
const MAX_COMPOSED_LENGTH = 8;

function foldTogether(characters: string): ReturnType<typeof fold> {
  if (characters.length > MAX_COMPOSED_LENGTH) return fold(characters);
  const before = composed.get(characters);
  if (before !== undefined) return before;
  const folded = fold(characters);
  if (composed.size >= MAX_KNOWN) composed.clear();
  composed.set(characters, folded);
  return folded;
}

/** Whether a character that ends here composes with what follows, however much in between is ignored. */
function isComposed(text: string, end: number): boolean {
  for (let i = end; i < text.length; i++) {
    const effect = effectOf(text.charCodeAt(i));
    if (effect === LONG) return FOLLOWER.test(characterAt(text, i));
    if (effect !== VANISHES) return effect === COMPOSES && FOLLOWER.test(text.charAt(i));
  }
  return false;
}

function characterAt(text: string, i: number): string {
  return String.fromCodePoint(text.codePointAt(i) ?? 0);
}

/** Where characters end that must be folded together: they compose, or depend on their neighbours. */
function endOfComposed(text: string, start: number): number {
  let end = start + characterAt(text, start).length;
  while (end < text.length) {
    const effect = effectOf(text.charCodeAt(end));
    const character = characterAt(text, end);
    const isPart = effect === VANISHES || effect === COMPOSES || FOLLOWER.test(character);
    if (!isPart) return end;
    end += character.length;
  }
  return end;
}

/** Folds a text. Its result is that of `fold`, with white letters on black as letters. */
export function foldUnits(text: string): UnitText {
  const out = new Units(text.length + 1);
  for (let i = 0; i < text.length; ) {
    const effect = effectOf(text.charCodeAt(i));
    if (effect === VANISHES) {
      i += 1;
      out.extend(i);
      continue;
    }
    if (effect > COMPOSES && !isComposed(text, i + 1)) {
      out.push(effect, i, i + 1);
      i += 1;
      continue;
    }
    i = foldLong(text, i, effect, out);
  }
  return out.done();
}

/** Folds what the table does not know. @returns where it ends. */
function foldLong(text: string, start: number, effect: number, out: Units): number {
  const character = characterAt(text, start);
  const end = start + character.length;
  if (effect === LONG && VANISHING.test(character)) {
    out.extend(end);
    return end;
  }
  if (effect === LONG && !isComposed(text, end)) {
    const folded = foldOne(character);
    for (let i = 0; i < folded.length; i++) out.push(folded.charCodeAt(i), start, end);
    if (folded === "") out.extend(end);
    return end;
  }
  const together = endOfComposed(text, start);
  const { folded, starts, ends } = foldTogether(text.slice(start, together));
  if (folded === "") out.extend(together);
  for (let i = 0; i < folded.length; i++) {
    out.push(folded.charCodeAt(i), start + (starts[i] ?? 0), start + (ends[i] ?? 0));
  }
  return together;
}
