/**
 * Folding: removes differences that people ignore in searches, from texts and searches alike. Keeps the offsets of the
 * original text, for highlights.
 */

/** Invisible characters: joiners, soft hyphens, direction marks, variation selectors, tags, fillers. */
const IGNORED = String.raw`\p{Default_Ignorable_Code_Point}`;
/** Characters that compose with the letter before: marks, later jamo of a syllable, the halfwidth voicing of kana. */
const FOLLOWERS = String.raw`[\p{M}${IGNORED}\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f]`;
/**
 * Letters that are signs after a name, like ®: trade and service marks, and a circled C or R. They would fold to
 * letters of the name.
 */
const SIGNS = String.raw`[\u2122\u2120\u{1f16a}-\u{1f16c}]|[ᵀˢ]ᴹ|(?<![Ⓐ-ⓩ])[ⒸⓒⓇⓡ](?![Ⓐ-ⓩ])`;
/**
 * Units that fold independently: plain letters (ASCII, kana, Han, Hangul), which keep their length, and a letter with
 * its followers.
 */
const PIECES = new RegExp(
  String.raw`([\0-\x7f\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3]+)(?!${FOLLOWERS})|((?:${SIGNS})${FOLLOWERS}*)|\P{M}${FOLLOWERS}*|${FOLLOWERS}+`,
  "gsu",
);
/** Marks that are ignored: accents (but not vowels of other scripts), Hebrew and Arabic points, enclosing marks. */
const UNSEEN =
  /[\u0300-\u036f]|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]|[\u0610-\u061a\u0640\u064b-\u065f\u0670]|[\u20d0-\u20ff]/g;
const IGNORED_ALL = new RegExp(IGNORED, "gu");
/** One character that composes with the letter before it, or that is ignored. */
export const FOLLOWER = new RegExp(`^${FOLLOWERS}$`, "u");
/** One character that is ignored wherever it stands. */
export const VANISHING = new RegExp(`^(?:${IGNORED}|${UNSEEN.source})$`, "u");
/** Letters with a stroke or ligature that Unicode does not decompose. */
const STROKES: Record<string, string> = {
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ŧ: "t",
  þ: "th",
};

/**
 * Folds case, accents and compatibility forms. Goes through upper case, so that ß and ẞ become ss and a final sigma
 * becomes a sigma.
 */
function foldPiece(piece: string): string {
  return piece
    .replace(IGNORED_ALL, "")
    .normalize("NFKD")
    .replace(UNSEEN, "")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/[æœøłđðħŧþ]/g, (letter) => STROKES[letter] ?? letter)
    .normalize("NFC");
}

/** Cache of folded units. Most texts consist of few different ones. */
const known = new Map<string, string>();
const MAX_KNOWN = 4_000;
const MAX_KNOWN_LENGTH = 4;

function foldKnown(piece: string): string {
  const folded = known.get(piece) ?? foldPiece(piece);
  if (piece.length > MAX_KNOWN_LENGTH) return folded;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(piece, folded);
  return folded;
}

/** A folded text. For each code unit: where its source starts and ends in the original. */
interface Folded {
  folded: string;
  starts: number[];
  ends: number[];
}

/** Folds a text. */
export function fold(text: string): Folded {
  let folded = "";
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: piece, 1: plain, 2: sign, index } of text.matchAll(PIECES)) {
    const result = plain === undefined ? (sign === undefined ? foldKnown(piece) : " ") : plain.toLowerCase();
    for (let i = 0; i < result.length; i++) {
      starts.push(plain === undefined ? index : index + i);
      ends.push(plain === undefined ? index + piece.length : index + i + 1);
    }
    // A unit that folds to nothing belongs to the unit before it, which may have become several characters.
    if (result === "") extendLast(starts, ends, index + piece.length);
    folded += result;
  }
  return { folded, starts, ends };
}

/** Lets the last piece end later. */
function extendLast(starts: readonly number[], ends: number[], end: number): void {
  for (let i = ends.length - 1; i >= 0 && starts[i] === starts.at(-1); i--) ends[i] = end;
}
