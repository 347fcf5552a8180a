/**
 * Letters that look like Latin ones. The pairs are those of Unicode's confusables (UTS #39, `confusables.txt`, version 13) whose other
 * side is one Latin letter, from the Latin, Greek, Cyrillic, Armenian, Coptic, Cherokee and Lisu scripts, and besides: small
 * capitals, к and κ. No two letters of one living alphabet become the same, so σ, գ and ү are left out.
 */

/** What looks like a letter in its folded form (lower case, without accents). */
const LOWER: Record<string, string> = {
  a: "ɑαаꓮᴀ",
  b: "ꓐʙ",
  c: "сᴄⲥꓚꮯ",
  d: "ԁꓒꓓᴅ",
  e: "еҽꓰꬲᴇ",
  f: "քꓝꞙꬵꜰ",
  g: "ƍցᶃɡꓖɢ",
  h: "һհꓧʜ",
  i: "ɩɪιіӏꙇꭵ",
  j: "ϳјꓙᴊ",
  k: "ꓗкκᴋ",
  l: "ǀꓡꓲʟ",
  m: "ꓟᴍ",
  n: "ոռꓠɴ",
  o: "οоօᴏᴑⲟꓳꬽ",
  p: "ρрⲣꓑᴘ",
  q: "ԛզ",
  r: "гᴦⲅꓣꭇꭈꮁʀ",
  s: "ƽѕꓢꜱꮪ",
  t: "ꓔᴛ",
  u: "ʋυսᴜꓴꞟꭎꭒ",
  v: "νѵᴠꓦꮩ",
  w: "ɯѡԝաᴡꓪꮃ",
  x: "хꓫ",
  y: "ɣʏγуᶌỿꓬꭚ",
  z: "ᴢꓜꮓ",
};

/** Capitals that look like a letter which their lower case does not look like. */
const UPPER: Record<string, string> = {
  a: "Ꭺ",
  b: "ƄΒВЬᏏᏴꞴ",
  c: "Ϲ",
  d: "ᎠᏧ",
  e: "ΕᎬ",
  f: "Ϝ",
  g: "ԌᏀᏳ",
  h: "ΗНᎻᏂⲎ",
  j: "ᎫꞲ",
  k: "ᏦⲔ",
  l: "ƖΙІӀᏞⲒⳐ",
  m: "ΜϺМᎷⲘ",
  n: "ΝⲚ",
  p: "Ꮲ",
  r: "ᎡᏒ",
  s: "ՏᏕ",
  t: "ΤТᎢⲦ",
  w: "Ꮤ",
  x: "ΧⲬꞳ",
  y: "ΥϒᎩᎽⲨ",
  z: "Ζ",
};

/** Digits that stand for letters in words. */
const DIGITS: Record<string, string> = { o: "0", i: "1", e: "3", a: "4", s: "5", b: "68", t: "7", g: "9" };
/** The second letter of a digit, and signs that stand for letters. */
const SECOND: Record<string, string> = { l: "1", g: "6", a: "@", s: "$", i: "!|", e: "€" };

/** White letters on black: circles from U+1F150, squares from U+1F170. Unicode does not decompose them. */
const NEGATIVE_ROWS = [0x1f150, 0x1f170] as const;
const LETTERS = 26;
const A = 97;

/** A table of letters by code unit; 0 where there is none. */
function tableOf(...rows: Record<string, string>[]): Uint16Array {
  const table = new Uint16Array(0x10000);
  for (const row of rows) {
    for (const [letter, signs] of Object.entries(row)) {
      for (const sign of signs) table[sign.charCodeAt(0)] = letter.charCodeAt(0);
    }
  }
  return table;
}

/** The Latin letter that a folded letter looks like; 0 if it looks like none. */
export const LETTER_LOOKS = tableOf(LOWER);
/** The same, with digits that stand for letters. */
export const LOOKS = tableOf(LOWER, DIGITS);
/** What it looks like in the second reading. */
export const SECOND_LOOKS = tableOf(LOWER, DIGITS, SECOND);
/** The same for capitals that are not folded yet. */
export const CAPITAL_LOOKS = tableOf(UPPER);

/** The Latin letter of a code point that is drawn as white on black; undefined if it is none. */
export function negativeLetter(codePoint: number): string | undefined {
  const row = NEGATIVE_ROWS.find((start) => codePoint >= start && codePoint < start + LETTERS);
  return row === undefined ? undefined : String.fromCharCode(A + codePoint - row);
}
