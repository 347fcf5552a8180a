/**
 * Finds users by the start of their username or of any word of their display name. Names are folded like messages.
 * Signs between words count if both the name and the search have them, so `100%` does not match `1000`.
 */
import { foldText, tokens } from "../domain/tokens.ts";

/** Code points of an indexed text. */
const MAX_TEXT_LENGTH = 40;
/** Indexed texts of one user, at most. A name can have a hundred words of one letter. */
const MAX_TEXTS = 16;
/** Words of a search that are used. */
const MAX_WORDS = 8;

const NO_NAME = /[^\p{L}\p{M}\p{N}\s',.-]/u;

/** Variants of the same sign that keyboards and typographers write differently. */
function unify(text: string): string {
  return text.replace(/[\u2018\u2019\u02bc\u00b4`]/g, "'").replace(/[\u2010-\u2015\u2212]/g, "-");
}

function cut(text: string): string {
  return Array.from(text).slice(0, MAX_TEXT_LENGTH).join("");
}

/** The part of a name that a search must match the start of. */
function foldName(text: string): string {
  return unify(foldText(text)).replace(/\s+/g, " ").trim();
}

/** The words of a folded name. */
function wordsOnly(folded: string): string {
  return folded.replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();
}

/** A text, and its rest from the start of each word. In scripts without spaces: from each letter. */
function fromEachWord(text: string): string[] {
  return [text, ...tokens(text).map(({ start }) => text.slice(start))];
}

/** All texts of a user that a search may match the start of. */
export function textsOf(person: { username: string; display_name: string }): string[] {
  const name = foldName(person.display_name);
  const texts = [person.username, ...fromEachWord(name), ...fromEachWord(wordsOnly(name))];
  const unique = new Set(texts.map(cut).filter((text) => text !== ""));
  return [...unique].slice(0, MAX_TEXTS);
}

/** The words of a display name, folded, with a space between. */
export function nameWords(displayName: string): string {
  return wordsOnly(foldName(displayName));
}

/** A parsed search: the start of a text, and its words (longest first), which may be in any order. */
interface PeopleQuery {
  prefix: string;
  words: string[];
}

export function parsePeopleQuery(q: string): PeopleQuery {
  const prefix = foldName(q);
  // A sign that is not part of a word is matched as it is.
  const words = NO_NAME.test(prefix) ? [] : wordsOnly(prefix).split(" ").slice(0, MAX_WORDS);
  return { prefix: cut(prefix), words: words.sort((a, b) => b.length - a.length) };
}
