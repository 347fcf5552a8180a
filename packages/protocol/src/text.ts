/** Texts: their length, whether they show something, and whether they stay in their line. For servers and clients. */

/** Number of code points, which is how the contract counts characters. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The first `max` characters (code points) of a text. */
export function preview(text: string, max: number): string {
  if (text.length <= max) return text;
  return Array.from(text.slice(0, max * 2))
    .slice(0, max)
    .join("");
}

/**
 * Characters that show nothing on a screen: spaces, control and format characters, what fonts leave out by default (soft hyphens,
 * joiners, variation selectors, Hangul fillers), and the letters that are blank by design (Braille, music, Khitan).
 */
const BLANK = String.raw`\s\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\u{16fe4}\u{1d159}`;
/** Visible signs that Unicode calls format characters: they surround or precede Arabic and other digits. */
const DRAWN = String.raw`\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}`;
const VISIBLE = new RegExp(`[^${BLANK}]|[${DRAWN}]`, "u");

/** Whether a text has a visible character. */
export function hasVisible(text: string): boolean {
  return VISIBLE.test(text);
}

/** Control characters, tabs and line breaks among them, and Unicode's own line and paragraph breaks. */
const BREAKS = /[\p{Cc}\u2028\u2029]/u;
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;
/** Pop directional formatting: ends an embedding or override. */
const END_OF_EMBEDDING = "\u202c";
/** Pop directional isolate: ends an isolate, and all that was opened inside of it. */
const END_OF_ISOLATE = "\u2069";

/**
 * Whether every embedding, override and isolate of the text direction is closed, in the order of UAX #9. An open one
 * changes the direction of what an app writes after the text, and so does an end too many inside an app's own isolate.
 */
export function closesDirections(text: string): boolean {
  const open: ("embedding" | "isolate")[] = [];
  for (const [sign] of text.matchAll(DIRECTIONS)) {
    if (sign === END_OF_EMBEDDING) {
      if (open.pop() !== "embedding") return false;
    } else if (sign === END_OF_ISOLATE) {
      const opened = open.lastIndexOf("isolate");
      if (opened < 0) return false;
      open.length = opened;
    } else {
      open.push(sign >= "\u2066" ? "isolate" : "embedding");
    }
  }
  return open.length === 0;
}

/**
 * Why a text cannot be part of a line of other text, such as a name in a sentence.
 * @returns undefined if it can.
 */
export function lineProblem(text: string): string | undefined {
  if (BREAKS.test(text)) return "must not contain line breaks or control characters";
  if (!closesDirections(text)) return "must close every text direction that it opens";
  return undefined;
}
