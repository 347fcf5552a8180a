/** Usernames: their form, what a token's claims make of one, and what stands in for one that is taken (rule 28). */
import { hasVisible } from "@rocket-chat-api/protocol";
import { tokens } from "../directory/search/text.ts";

const MAX_LENGTH = 32;
const MIN_LENGTH = 3;
const FORM = /^[a-z0-9_.-]{3,32}$/;

/** Names that would be taken for the system's own, or that a mention reads otherwise (`@all`). */
const RESERVED: ReadonlySet<string> = new Set([
  "admin",
  "administrator",
  "all",
  "everyone",
  "here",
  "moderator",
  "owner",
  "root",
  "server",
  "support",
  "system",
  "unknown",
]);

/** Whether nobody may have this name. */
export function isReserved(username: string): boolean {
  return RESERVED.has(username);
}

/** A text that is a username but for its case. Lower-casing comes first: it makes a plain `k` of the Kelvin sign. */
export function asUsername(text: unknown): string | undefined {
  const lower = typeof text === "string" ? text.toLowerCase() : "";
  return FORM.test(lower) ? lower : undefined;
}

/** A username made of any text: its words in plain letters and digits, with underscores between. */
function foldUsername(text: unknown): string | undefined {
  if (typeof text !== "string" || !hasVisible(text)) return undefined;
  const exact = asUsername(text.trim());
  if (exact !== undefined) return exact;
  // A claim may be as long as a token; no more than this can matter.
  const words = tokens(text.slice(0, 4 * MAX_LENGTH)).flatMap(
    ({ token }) => token.replace(/[^a-z0-9]/g, "") || [],
  );
  const folded = words.join("_").slice(0, MAX_LENGTH).replace(/_$/, "");
  return folded.length < MIN_LENGTH ? undefined : folded;
}

function localPart(email: unknown): string | undefined {
  return typeof email === "string" && email.includes("@")
    ? email.slice(0, email.lastIndexOf("@"))
    : undefined;
}

/** What a username may come from, best first. */
export interface UsernameSources {
  /** The claim that holds usernames. */
  username?: unknown;
  /** Whether that claim may be folded too: the operator has named it, so there is no better one. */
  fold?: boolean;
  preferred_username?: unknown;
  nickname?: unknown;
  email?: unknown;
  name?: unknown;
}

/** The username that a person would have if nobody else had it. */
export function usernameFrom(sources: UsernameSources, userId: string): string {
  const { username, fold, preferred_username, nickname, email, name } = sources;
  const others = [fold ? username : undefined, preferred_username, nickname, localPart(email), name];
  const wished = asUsername(username) ?? others.map(foldUsername).find((text) => text !== undefined);
  if (wished === undefined) return `user_${endOf(userId, 8)}`;
  return isReserved(wished) ? withEnd(wished, userId, 4) : wished;
}

/**
 * A username, and what stands in for it where others have it: the name with the end of the user's id, of which more
 * and more is used. The end, since the beginning of an id may be a time that many share.
 */
export function usernameChoices(username: string, userId: string): string[] {
  return [username, ...[4, 8, 12].map((length) => withEnd(username, userId, length))];
}

function withEnd(username: string, userId: string, length: number): string {
  return `${username.slice(0, MAX_LENGTH - 1 - length)}_${endOf(userId, length)}`;
}

function endOf(userId: string, length: number): string {
  return userId.replaceAll("-", "").slice(-length);
}
