/**
 * Reads a text as IDNA reads a name: lower case, compatibility forms, any of its four dots, `xn--` labels as what they stand for, and
 * percent signs as browsers decode them in a host.
 */
import { FOLLOWER } from "../fold.ts";
import { decodePunycode } from "./punycode.ts";
import { Units, type UnitText } from "./units.ts";

/** Characters of a label (RFC 1035, section 2.3.4). */
const MAX_LABEL = 63;
const PREFIX = "xn--";
const PERCENT = 0x25;
const DOTS = /[\u3002\uff0e\uff61]/g;
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
const HEX_PAIR = /^[0-9a-f]{2}$/i;
/** Below it no character composes with the one before. */
const FIRST_FOLLOWER = 0x80;

/** What IDNA makes of a character with its marks, or of a label. */
function mapPiece(piece: string): string {
  const plain = piece.replace(IGNORED, "").normalize("NFKC").toLowerCase().normalize("NFKC");
  return plain.replace(DOTS, ".");
}

/** Mapped pieces that are not in the table. */
const known = new Map<string, string>();
const MAX_KNOWN = 4_000;
const MAX_KNOWN_LENGTH = 8;

function mapKnown(piece: string): string {
  if (piece.length > MAX_KNOWN_LENGTH) return mapPiece(piece);
  const before = known.get(piece);
  if (before !== undefined) return before;
  const mapped = mapPiece(piece);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(piece, mapped);
  return mapped;
}

const [UNKNOWN, LONG] = [0, 1] as const;
/** The unit that a unit becomes; {@link LONG} if it becomes none or several. Filled when it is first needed. */
const table = new Uint16Array(0x10000);
const [NO, YES] = [1, 2] as const;
/** Whether a unit composes with the one before. */
const follows = new Uint8Array(0x10000);

function mapUnit(unit: number): number {
  const before = table[unit] ?? UNKNOWN;
  if (before !== UNKNOWN) return before;
  const isHalf = unit >= 0xd800 && unit <= 0xdfff;
  const mapped = isHalf ? "" : mapPiece(String.fromCharCode(unit));
  const becomes = mapped.length === 1 ? mapped.charCodeAt(0) : LONG;
  table[unit] = becomes;
  return becomes;
}

function characterAt(text: string, i: number): string {
  return String.fromCodePoint(text.codePointAt(i) ?? 0);
}

/** Whether the character at a place composes with the one before it. */
function isFollower(text: string, i: number): boolean {
  const unit = text.charCodeAt(i);
  // Also where the text ends.
  if (!(unit >= FIRST_FOLLOWER)) return false;
  if (unit >= 0xd800 && unit <= 0xdfff) return FOLLOWER.test(characterAt(text, i));
  const before = follows[unit] ?? 0;
  if (before !== 0) return before === YES;
  const is = FOLLOWER.test(text.charAt(i));
  follows[unit] = is ? YES : NO;
  return is;
}

/** Where a character ends, with the marks and ignored characters after it. */
function endOfPiece(text: string, start: number): number {
  let end = start + characterAt(text, start).length;
  while (isFollower(text, end)) end += characterAt(text, end).length;
  return end;
}

/** Adds the character at a place, with its marks. @param place where it comes from, if it was decoded. @returns where it ends. */
function addPiece(out: Units, text: string, i: number, place?: { start: number; end: number }): number {
  const unit = mapUnit(text.charCodeAt(i));
  if (unit !== LONG && !isFollower(text, i + 1)) {
    out.push(unit, place?.start ?? i, place?.end ?? i + 1);
    return i + 1;
  }
  const end = endOfPiece(text, i);
  const mapped = mapKnown(text.slice(i, end));
  for (let k = 0; k < mapped.length; k++) {
    out.push(mapped.charCodeAt(k), place?.start ?? i, place?.end ?? end);
  }
  return end;
}

/** Where bytes that are written with percent signs end. */
function endOfBytes(text: string, start: number): number {
  let end = start;
  while (text.charCodeAt(end) === PERCENT && HEX_PAIR.test(text.slice(end + 1, end + 3))) end += 3;
  return end;
}

function decodeBytes(written: string): string | undefined {
  try {
    return decodeURIComponent(written);
  } catch {
    return undefined;
  }
}

/** Reads a text, without its `xn--` labels. */
function readPieces(text: string): UnitText {
  const out = new Units(text.length + 1);
  for (let i = 0; i < text.length; ) {
    const end = text.charCodeAt(i) === PERCENT ? endOfBytes(text, i) : i;
    const decoded = end > i ? decodeBytes(text.slice(i, end)) : undefined;
    if (decoded === undefined) {
      // Bytes that are no text are what they are, all of them: to try each rest would take long.
      const until = Math.max(end, i + 1);
      while (i < until) i = addPiece(out, text, i);
      continue;
    }
    const place = { start: i, end };
    for (let k = 0; k < decoded.length; ) k = addPiece(out, decoded, k, place);
    i = end;
  }
  return out.done();
}

function isAsciiLabel(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x2d;
}

/** Decodes the labels that begin with `xn--`. */
function decodeLabels(read: UnitText): UnitText {
  const { units, starts, ends } = read;
  const text = String.fromCharCode(...units);
  if (!text.includes(PREFIX)) return read;
  const out = new Units(units.length + 1);
  for (let i = 0; i < units.length; ) {
    let end = i;
    while (end < units.length && isAsciiLabel(units[end] ?? 0)) end += 1;
    const decoded = decodeLabel(text.slice(i, end));
    end = Math.max(end, i + 1);
    for (let k = 0; k < (decoded?.length ?? 0); k++) {
      out.push(decoded?.charCodeAt(k) ?? 0, starts[i] ?? 0, ends[end - 1] ?? 0);
    }
    if (decoded !== undefined) i = end;
    for (; i < end; i++) out.push(units[i] ?? 0, starts[i] ?? 0, ends[i] ?? 0);
  }
  return out.done();
}

/** What a label stands for; undefined if it is not encoded. */
function decodeLabel(label: string): string | undefined {
  if (!label.startsWith(PREFIX) || label.length > MAX_LABEL) return undefined;
  const decoded = decodePunycode(label.slice(PREFIX.length));
  return decoded === undefined ? undefined : mapPiece(decoded);
}

/** Reads a text as names are written in it. */
export function readNameText(text: string): UnitText {
  return decodeLabels(readPieces(text));
}
