/**
 * Folding: what people leave out when they search, left out of texts and searches alike. The offsets of the original
 * are kept, for what is found is shown there.
 */

/** What is not drawn: joiners, soft hyphens, marks of direction, variation selectors, tags, fillers. */
const IGNORED = String.raw`\p{Default_Ignorable_Code_Point}`;
/** What composes with the letter before it: marks, the later jamo of a syllable, the halfwidth voicing of kana. */
const FOLLOWERS = String.raw`[\p{M}${IGNORED}\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f]`;
/**
 * Letters that stand for a sign behind a name, as ® does: trade and service marks, and a lone C or R in a circle. They
 * would fold to letters of that name.
 */
const SIGNS = String.raw`[\u2122\u2120\u{1f16a}-\u{1f16c}]|[ᵀˢ]ᴹ|(?<![Ⓐ-ⓩ])[ⒸⓒⓇⓡ](?![Ⓐ-ⓩ])`;
/** What folds on its own: plain letters (ASCII, kana, Han, Hangul), which keep their length; a letter and its followers. */
const PIECES = new RegExp(
  String.raw`([\0-\x7f\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3]+)(?!${FOLLOWERS})|((?:${SIGNS})${FOLLOWERS}*)|\P{M}${FOLLOWERS}*|${FOLLOWERS}+`,
  "gsu",
);
/** What people leave out: accents (not the vowels of other scripts), the points of Hebrew and Arabic, enclosing marks. */
const UNSEEN =
  /[\u0300-\u036f]|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]|[\u0610-\u061a\u0640\u064b-\u065f\u0670]|[\u20d0-\u20ff]/g;
const IGNORED_ALL = new RegExp(IGNORED, "gu");
/** Letters whose stroke or ligature Unicode does not take apart. */
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

/** Folds case, accents and compatibility forms. By way of upper case: ß and ẞ are ss, a final sigma is a sigma. */
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

/** Folded pieces of one letter and what follows it: most scripts are made of them, and of few different ones. */
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

/** A folded text, and for each of its units where the piece begins and ends that it came from. */
export interface Folded {
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
    // What folds to nothing belongs to what it follows.
    if (result === "" && ends.length > 0) ends[ends.length - 1] = index + piece.length;
    folded += result;
  }
  return { folded, starts, ends };
}
