/** Mentions in a text that is being written. Pure. */
import type { Member } from "@rocket-chat-api/client";

/** The word with `@` before the caret. */
export interface MentionQuery {
  /** What stands after the `@`, in lower case. */
  readonly query: string;
  /** Where the `@` is. */
  readonly start: number;
  /** Where the caret is. */
  readonly end: number;
}

/** A person who can be mentioned; `all` means every member. */
export interface Candidate {
  readonly username: string;
  readonly name: string;
  readonly member: Member | null;
}

/** People that are offered at a time. */
const MOST = 8;
/** The server takes no more names (rule 14). */
const MOST_NAMES = 100;
const BEFORE_CARET = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,40})$/u;
const NAMES = /(?<![\w.@-])@([\w.-]+)/g;

/** The mention that is being typed; null if none is. */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const match = BEFORE_CARET.exec(text.slice(0, caret));
  const query = match?.[1];
  if (query === undefined) return null;
  return { query: query.toLowerCase(), start: caret - query.length - 1, end: caret };
}

/** Who matches: by the beginning of the username, or of a word of the name. @param all whether `@all` counts. */
export function candidatesOf(
  { query }: MentionQuery,
  members: readonly Member[],
  viewerId: string,
  all: string | null,
): Candidate[] {
  const matches = (name: string) => name.toLowerCase().startsWith(query);
  const people = members
    .filter(({ user_id, username, display_name }) => {
      const words = display_name.split(/\s+/);
      return user_id !== viewerId && (matches(username) || matches(display_name) || words.some(matches));
    })
    .map((member) => ({ username: member.username, name: member.display_name, member }));
  const everybody = all !== null && matches("all") ? [{ username: "all", name: all, member: null }] : [];
  return [...people, ...everybody].slice(0, MOST);
}

/** A text with a chosen name in the place of what was typed, and where the caret is then. */
export function withMention(text: string, { start, end }: MentionQuery, { username }: Candidate) {
  const inserted = `@${username} `;
  return {
    text: text.slice(0, start) + inserted + text.slice(end).replace(/^ /, ""),
    caret: start + inserted.length,
  };
}

/** The names in a text that are members, for `metadata.mentions`. */
export function namesIn(text: string, members: readonly Member[]): string[] {
  const usernames = new Set(members.map(({ username }) => username.toLowerCase()));
  const found = [...text.matchAll(NAMES)].flatMap((match) => {
    const whole = (match[1] ?? "").toLowerCase();
    const name = [whole, whole.replace(/[.-]+$/, "")].find((one) => one === "all" || usernames.has(one));
    return name === undefined ? [] : [`@${name}`];
  });
  return [...new Set(found)].slice(0, MOST_NAMES);
}
