/**
 * The text side of search: one tokenizer for what is indexed, what is asked and what is highlighted, so that the
 * three cannot disagree.
 *
 * Words of letters and digits are tokens as they are, folded. Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese
 * do not put spaces where words end (Korean puts them around phrases), and a segmenter cuts the same words
 * differently in a sentence, alone, and in the next version of its dictionary; an index would have to be rebuilt with
 * each runtime. So these runs are overlapping pairs of letters instead: a run that is asked for is a phrase of pairs,
 * and is found wherever it stands. One letter alone is asked for as the beginning of a pair; the last letter of a run
 * therefore is a token by itself.
 */

/** A token, at the offsets that its first letter (or its word) has in the original text. */
export interface Token {
  token: string;
  start: number;
  end: number;
}

/** Tokens that must stand in a row. */
export interface Phrase {
  tokens: string[];
  /** Whether the last token may go on. */
  prefix: boolean;
  /** How many tokens of a text it stands on: a pair also stands on the token after it. */
  covers: number;
}

/** A word, or a run of a script without spaces as its letters. */
interface Stretch {
  isRun: boolean;
  parts: Token[];
}

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
  String.raw`(?<plain>[\0-\x7f\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3]+)(?!${FOLLOWERS})|(?<sign>${SIGNS})${FOLLOWERS}*|\P{M}${FOLLOWERS}*|${FOLLOWERS}+`,
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
const UNSPACED = String.raw`\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`;
const IN_WORDS = String.raw`\p{L}\p{M}\p{N}`;
const STRETCHES = new RegExp(`(?<run>[[${IN_WORDS}]&&[${UNSPACED}]]+)|[[${IN_WORDS}]--[${UNSPACED}]]+`, "gv");
const LETTERS = /\P{M}\p{M}*|\p{M}+/gu;

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

/** Folded text, and for each of its units where the piece begins and ends that it came from. */
function fold(text: string): { folded: string; starts: number[]; ends: number[] } {
  let folded = "";
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: piece, index, groups } of text.matchAll(PIECES)) {
    const isPlain = groups?.plain !== undefined;
    const result = isPlain ? piece.toLowerCase() : groups?.sign !== undefined ? " " : foldPiece(piece);
    for (let i = 0; i < result.length; i++) {
      starts.push(isPlain ? index + i : index);
      ends.push(isPlain ? index + i + 1 : index + piece.length);
    }
    // What folds to nothing belongs to what it follows.
    if (result === "" && ends.length > 0) ends[ends.length - 1] = index + piece.length;
    folded += result;
  }
  return { folded, starts, ends };
}

/** A text folded as messages are for search, with the signs between its words. */
export function foldText(text: string): string {
  return fold(text).folded;
}

function stretches(text: string): Stretch[] {
  const { folded, starts, ends } = fold(text);
  const at = (token: string, index: number): Token => ({
    token,
    start: starts[index] ?? 0,
    end: ends[index + token.length - 1] ?? text.length,
  });
  return Array.from(folded.matchAll(STRETCHES), ({ 0: stretch, index, groups }) => {
    const isRun = groups?.run !== undefined;
    if (!isRun) return { isRun, parts: [at(stretch, index)] };
    const parts = Array.from(stretch.matchAll(LETTERS), (letter) => at(letter[0], index + letter.index));
    return { isRun, parts };
  });
}

/** Each letter of a run with the next. */
function pairs(letters: Token[]): Token[] {
  return letters.map((letter, i) => ({ ...letter, token: letter.token + (letters[i + 1]?.token ?? "") }));
}

/** The tokens of a text, in order. */
export function tokens(text: string): Token[] {
  return stretches(text).flatMap(({ isRun, parts }) => (isRun ? pairs(parts) : parts));
}

function runPhrase(letters: Token[]): Phrase {
  const all = pairs(letters).map((pair) => pair.token);
  const isAlone = letters.length === 1;
  return { tokens: isAlone ? all : all.slice(0, -1), prefix: isAlone, covers: letters.length };
}

/** What is written without a space is asked for as one phrase (`don't`, `3.14`, an address), except across runs. */
function phrasesOf(word: string): Phrase[] {
  const phrases: Phrase[] = [];
  let open: Phrase | undefined;
  for (const { isRun, parts } of stretches(word)) {
    if (isRun) {
      phrases.push(runPhrase(parts));
      open = undefined;
      continue;
    }
    if (!open) {
      open = { tokens: [], prefix: false, covers: 0 };
      phrases.push(open);
    }
    open.tokens.push(...parts.map((part) => part.token));
    open.covers = open.tokens.length;
  }
  return phrases;
}

/**
 * What a search asks for: all of these phrases, of which the last may be the beginning of something.
 * @returns nothing if there is neither a letter nor a digit in it.
 */
export function parseSearch(q: string): Phrase[] {
  const phrases = q.split(/\s+/).flatMap(phrasesOf);
  const last = phrases.at(-1);
  if (last) last.prefix = true;
  const unique = new Map(phrases.map((phrase) => [JSON.stringify([phrase.tokens, phrase.prefix]), phrase]));
  return [...unique.values()];
}

/** Whether a phrase stands at a place of a text. */
export function standsAt(phrase: Phrase, text: readonly Token[], place: number): boolean {
  const last = phrase.tokens.length - 1;
  return phrase.tokens.every((token, i) => {
    const there = text[place + i]?.token;
    return i === last && phrase.prefix ? there?.startsWith(token) : there === token;
  });
}
