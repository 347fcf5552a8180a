/**
 * Names of domains in texts, bare and in links (name-text.ts says how a text is read). Look-alikes stay what they are: they lead to
 * another domain.
 */
import { kindsOf, MARK, RUN, WORD } from "./characters.ts";
import { readNameText } from "./name-text.ts";
import type { UnitText } from "./units.ts";

/** A text as names are looked for in it. */
export interface NameReading extends UnitText {
  kinds: Uint8Array;
  /** 1 where a name may begin, and where one may end: one place more than there are units. */
  boundaries: { starts: Uint8Array; ends: Uint8Array };
}

/** Characters of a label, and of a name (RFC 1035, section 2.3.4). */
const MAX_LABEL = 63;
const MAX_NAME = 253;
const [DOT, HYPHEN, UNDERSCORE] = [0x2e, 0x2d, 0x5f] as const;

const isInName = (unit: number, kind: number) =>
  (kind & (WORD | RUN)) !== 0 || unit === HYPHEN || unit === UNDERSCORE;

/**
 * Where names may begin: after anything that cannot be part of one, or after a dot, which makes it a subdomain. Where they
 * may end: before anything that cannot go on with it. Between a letter of a script without spaces and another letter, both.
 */
function nameBoundaries(units: Uint16Array, kinds: Uint8Array): NameReading["boundaries"] {
  const starts = new Uint8Array(units.length + 1);
  const ends = new Uint8Array(units.length + 1);
  for (let i = units.length; i >= 0; i--) {
    const [before, after] = [units[i - 1] ?? 0, units[i] ?? 0];
    const [kindBefore, kindAfter] = [kinds[i - 1] ?? 0, kinds[i] ?? 0];
    if ((kindAfter & MARK) !== 0) continue;
    const isBetweenScripts = ((kindBefore | kindAfter) & RUN) !== 0;
    const goesOn = isInName(before, kindBefore) && isInName(after, kindAfter) && !isBetweenScripts;
    if (!goesOn) starts[i] = 1;
    // A dot and a letter would make it another domain; a dot at the end does not.
    const [beyond, kindBeyond] = [units[i + 1] ?? 0, kinds[i + 1] ?? 0];
    const hasMoreLabels = after === DOT && isInName(beyond, kindBeyond) && (kindBeyond & RUN) === 0;
    if (!goesOn && !hasMoreLabels) ends[i] = 1;
  }
  return { starts, ends };
}

/** Reads a text as names are looked for in it. */
export function readNames(text: string): NameReading {
  const read = readNameText(text);
  const kinds = kindsOf(read.units);
  return { ...read, kinds, boundaries: nameBoundaries(read.units, kinds) };
}

/** What has a dot in it when a name is read: dots, bytes in percent signs, and compatibility forms (NFKC) with one. */
const DOTTED =
  /[.%\u2024-\u2026\u2488-\u249b\u3002\ufe12\ufe19\ufe30\ufe52\uff05\uff0e\uff61\u33c2\u33c7\u33d8\ufe6a\u{1f100}]/u;

/** Whether a text can name a domain at all. */
export function mayHaveNames(text: string): boolean {
  return DOTTED.test(text);
}

const LABEL = /^(?!-)[\p{L}\p{M}\p{N}_-]+(?<!-)$/u;

/** A name as it is looked for; undefined if it names no domain, with two labels at least. */
export function normalName(name: string): string | undefined {
  const { units } = readNames(name.trim());
  const read = String.fromCharCode(...units).replace(/\.$/, "");
  const labels = read.split(".");
  const isName = labels.every((label) => label.length <= MAX_LABEL && LABEL.test(label));
  return isName && labels.length > 1 && read.length <= MAX_NAME ? read : undefined;
}

/**
 * Where the name that a match is part of begins: with its subdomains.
 * @param from where to stop: what comes before is part of an earlier match.
 */
export function startOfName({ units, kinds }: NameReading, start: number, from: number): number {
  let begin = start;
  while (begin > from) {
    const unit = units[begin - 1] ?? 0;
    const [before, after] = [kinds[begin - 1] ?? 0, kinds[begin] ?? 0];
    const isBetweenScripts = units[begin] !== DOT && ((before | after) & RUN) !== 0;
    if (unit !== DOT && (!isInName(unit, before) || isBetweenScripts)) break;
    begin -= 1;
  }
  return begin;
}
