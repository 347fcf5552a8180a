/**
 * Names of domains in texts, bare and in links. A text is read as IDNA reads a name: lower case, compatibility forms, any of its four
 * dots, `xn--` labels as what they stand for, and percent signs as browsers decode them in a host. Look-alikes stay what they are:
 * they lead to another domain.
 */
import { FOLLOWER } from "../fold.ts";
import { kindsOf, MARK, RUN, WORD } from "./characters.ts";
import { decodePunycode } from "./punycode.ts";

/** A text as names are looked for in it. */
export interface NameReading {
  units: Uint16Array;
  kinds: Uint8Array;
  /** For each unit: where its source starts and ends in the original. */
  starts: number[];
  ends: number[];
  /** 1 where a name may begin, and where one may end: one place more than there are units. */
  boundaries: { starts: Uint8Array; ends: Uint8Array };
}

/** Characters of a label, and of a name (RFC 1035, section 2.3.4). */
const MAX_LABEL = 63;
const MAX_NAME = 253;
const [DOT, HYPHEN, UNDERSCORE] = [0x2e, 0x2d, 0x5f] as const;
const PREFIX = "xn--";
const DOTS = /[\u3002\uff0e\uff61]/g;
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
const HEX_PAIR = /^[0-9a-f]{2}$/i;

/** Text under way, with the places that it comes from. */
interface Draft {
  text: string[];
  starts: number[];
  ends: number[];
}

function add({ text, starts, ends }: Draft, piece: string, start: number, end: number): void {
  for (let i = 0; i < piece.length; i++) {
    text.push(piece.charAt(i));
    starts.push(start);
    ends.push(end);
  }
}

const mapped = new Map<string, string>();
const MAX_MAPPED = 4_000;

/** What IDNA makes of a character with its marks. */
function mapPiece(piece: string): string {
  const known = mapped.get(piece);
  if (known !== undefined) return known;
  const plain = piece.replace(IGNORED, "").normalize("NFKC").toLowerCase().normalize("NFKC");
  const result = plain.replace(DOTS, ".");
  if (mapped.size >= MAX_MAPPED) mapped.clear();
  if (piece.length <= MAX_LABEL) mapped.set(piece, result);
  return result;
}

function characterAt(text: string, i: number): string {
  return String.fromCodePoint(text.codePointAt(i) ?? 0);
}

/** Where a character ends, with the marks and ignored characters after it. */
function endOfPiece(text: string, start: number): number {
  let end = start + characterAt(text, start).length;
  while (end < text.length && text.charCodeAt(end) >= 0x80) {
    const next = characterAt(text, end);
    if (!FOLLOWER.test(next)) break;
    end += next.length;
  }
  return end;
}

function addText(draft: Draft, text: string, place?: { start: number; end: number }): void {
  for (let i = 0; i < text.length; ) {
    const end = endOfPiece(text, i);
    const piece = text.slice(i, end);
    const isPlain = end === i + 1 && text.charCodeAt(i) < 0x80;
    add(draft, isPlain ? piece.toLowerCase() : mapPiece(piece), place?.start ?? i, place?.end ?? end);
    i = end;
  }
}

/** Where bytes that are written with percent signs end. */
function endOfBytes(text: string, start: number): number {
  let end = start;
  while (text.charAt(end) === "%" && HEX_PAIR.test(text.slice(end + 1, end + 3))) end += 3;
  return end;
}

function decodeBytes(written: string): string | undefined {
  try {
    return decodeURIComponent(written);
  } catch {
    return undefined;
  }
}

/** Reads a text without its `xn--` labels. */
function draftOf(text: string): Draft {
  const draft: Draft = { text: [], starts: [], ends: [] };
  for (let i = 0; i < text.length; ) {
    const end = endOfBytes(text, i);
    const decoded = end > i ? decodeBytes(text.slice(i, end)) : undefined;
    if (decoded !== undefined) {
      addText(draft, decoded, { start: i, end });
      i = end;
      continue;
    }
    const next = text.indexOf("%", Math.max(i + 1, end));
    const rest = next < 0 ? text.length : next;
    const whole = endOfPiece(text, rest - 1);
    const part: Draft = { text: [], starts: [], ends: [] };
    addText(part, text.slice(i, Math.max(rest, whole)));
    for (const [k, unit] of part.text.entries())
      add(draft, unit, i + (part.starts[k] ?? 0), i + (part.ends[k] ?? 0));
    i = Math.max(rest, whole);
  }
  return draft;
}

function isAsciiLabel(unit: string): boolean {
  return (unit >= "a" && unit <= "z") || (unit >= "0" && unit <= "9") || unit === "-";
}

/** Decodes the labels that begin with `xn--`. */
function decodeLabels(draft: Draft): Draft {
  const { text, starts, ends } = draft;
  if (!text.join("").includes(PREFIX)) return draft;
  const out: Draft = { text: [], starts: [], ends: [] };
  for (let i = 0; i < text.length; ) {
    let end = i;
    while (end < text.length && isAsciiLabel(text[end] ?? "")) end += 1;
    const label = text.slice(i, end).join("");
    const isEncoded = label.startsWith(PREFIX) && label.length <= MAX_LABEL;
    const decoded = isEncoded ? decodePunycode(label.slice(PREFIX.length)) : undefined;
    if (decoded !== undefined) {
      add(out, mapPiece(decoded), starts[i] ?? 0, ends[end - 1] ?? 0);
      i = end;
      continue;
    }
    end = Math.max(end, i + 1);
    for (; i < end; i++) add(out, text[i] ?? "", starts[i] ?? 0, ends[i] ?? 0);
  }
  return out;
}

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
  const { text: read, starts, ends } = decodeLabels(draftOf(text));
  const units = Uint16Array.from(read, (unit) => unit.charCodeAt(0));
  const kinds = kindsOf(units);
  return { units, kinds, starts, ends, boundaries: nameBoundaries(units, kinds) };
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
