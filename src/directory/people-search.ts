/**
 * How people are found: by the beginning of their username, and of any word of their display name. Names are folded as
 * messages are; signs between the words count where both sides have them, so that `100%` is not `1000`.
 */
import { foldText, tokens } from "./search/text.ts";

/** Code points of a text that people are found by. */
const MAX_TEXT_LENGTH = 40;
/** Texts of one person, at most: a name may be a hundred one-letter words. */
const MAX_TEXTS = 16;
/** Words of a search that are looked at. */
const MAX_WORDS = 8;

const NO_NAME = /[^\p{L}\p{M}\p{N}\s',.-]/u;

/** Letters of one kind that keyboards and typographers write differently. */
function unify(text: string): string {
  return text.replace(/[\u2018\u2019\u02bc\u00b4`]/g, "'").replace(/[\u2010-\u2015\u2212]/g, "-");
}

function cut(text: string): string {
  return Array.from(text).slice(0, MAX_TEXT_LENGTH).join("");
}

/** What a search must be the beginning of a name's text as. */
export function foldName(text: string): string {
  return unify(foldText(text)).replace(/\s+/g, " ").trim();
}

/** A folded name as its words alone. */
function wordsOnly(folded: string): string {
  return folded.replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();
}

/** A text, and what is left of it from the beginning of each word on. Where no spaces are written, of each letter. */
function fromEachWord(text: string): string[] {
  return [text, ...tokens(text).map(({ start }) => text.slice(start))];
}

/** Everything that a search may be the beginning of to find this person. */
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

/** What a search asks for: the beginning of a text; and its words, the longest first, which may stand in any order. */
export interface PeopleQuery {
  prefix: string;
  words: string[];
}

export function parsePeopleQuery(q: string): PeopleQuery {
  const prefix = foldName(q);
  // A sign that is no part of names stands for itself, which words alone would not.
  const words = NO_NAME.test(prefix) ? [] : wordsOnly(prefix).split(" ").slice(0, MAX_WORDS);
  return { prefix: cut(prefix), words: words.sort((a, b) => b.length - a.length) };
}
