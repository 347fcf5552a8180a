/** Usernames: the format, how claims become one, and alternatives for a taken name (rule 28). */
import { hasVisible } from "@rocket-chat-api/protocol";
import { tokens } from "./tokens.ts";

const MAX_LENGTH = 32;
const MIN_LENGTH = 3;
const FORM = /^[a-z0-9_.-]{3,32}$/;

/** Names that look official, or that mentions use (`@all`). */
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

/** Whether a name is reserved. */
export function isReserved(username: string): boolean {
  return RESERVED.has(username);
}

/**
 * A valid username in lower case, or undefined. Lower-casing comes first: it turns the Kelvin sign into a plain `k`.
 */
function asUsername(text: unknown): string | undefined {
  const lower = typeof text === "string" ? text.toLowerCase() : "";
  return FORM.test(lower) ? lower : undefined;
}

/** Makes a username from any text: its words in ASCII letters and digits, joined by underscores. */
function foldUsername(text: unknown): string | undefined {
  if (typeof text !== "string" || !hasVisible(text)) return undefined;
  const exact = asUsername(text.trim());
  if (exact !== undefined) return exact;
  // A claim can be very long. The rest cannot matter.
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

/** The claims that a username may come from, best first. */
export interface UsernameSources {
  /** The claim that holds usernames. */
  username?: unknown;
  /** Whether to fold that claim too, because the operator chose it. */
  fold?: boolean;
  preferred_username?: unknown;
  nickname?: unknown;
  email?: unknown;
  name?: unknown;
}

/** The username of a person, before duplicates are considered. */
export function usernameFrom(sources: UsernameSources, userId: string): string {
  const { username, fold, preferred_username, nickname, email, name } = sources;
  const others = [fold ? username : undefined, preferred_username, nickname, localPart(email), name];
  const wished = asUsername(username) ?? others.map(foldUsername).find((text) => text !== undefined);
  if (wished === undefined) return `user_${endOf(userId, 8)}`;
  return isReserved(wished) ? withEnd(wished, userId, 4) : wished;
}

/**
 * A username and its alternatives if it is taken: the name plus the end of the user's id, longer each time. The end,
 * because the start of an id may be a time that many ids share.
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
