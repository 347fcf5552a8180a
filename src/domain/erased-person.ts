/** What is left of a person who was erased: an id, and a profile that names nobody (rule 28). */
import type { ErasedCounts, ErasedMessages, UserSummary } from "@rocket-chat-api/protocol";

/** How an erased person is called. */
export const ERASED_NAME = "Deleted user";

/** Digits of the username. With the prefix it has 32 characters, the most that are allowed. */
const DIGITS = 24;
/** Digits that are folded into the first ones: an id has 32. */
const FOLDED = 8;

/** The profile of an erased person. */
export function erasedProfile(user_id: string): UserSummary {
  const username = `deleted_${digitsOf(user_id)}`;
  return { user_id, username, display_name: ERASED_NAME, profile_photo_url: null };
}

/** Digits made of all of an id: those that do not fit are added to the first, since ids of an app may begin or end alike. */
function digitsOf(user_id: string): string {
  const digits = user_id.replaceAll("-", "");
  const first = Number.parseInt(digits.slice(0, FOLDED), 16);
  const rest = Number.parseInt(digits.slice(DIGITS), 16);
  const folded = ((first ^ rest) >>> 0).toString(16).padStart(FOLDED, "0");
  return folded + digits.slice(FOLDED, DIGITS);
}

/** What the job of an erasure is about, as the directory keeps it. */
export function erasureSubject(userId: string, messages: ErasedMessages): string {
  return `${userId} ${messages}`;
}

/** What is to be erased, as every conversation is asked. */
export interface ErasureOrder {
  user_id: string;
  messages: ErasedMessages;
  /** Of the profile that names nobody: newer than any other. */
  profile_version: number;
  /** How the person was called: username and display name. They are replaced where others have written them into a group's name. */
  names: readonly string[];
}

/** What a conversation has done after one turn of an erasure. */
export interface ErasedSome {
  /** Whether there is more to do. */
  more: boolean;
  /** What has been erased so far. */
  counts: ErasedCounts;
}

/** How an erasure is to end in a conversation. */
export interface SettleOrder {
  user_id: string;
  /** Whether it comes once more: then the storage is written anew that time. */
  comes_again?: boolean;
}

/** How an erasure has ended in a conversation. */
export interface SettledErasure {
  /** Whether the directory has everything. */
  is_settled: boolean;
  /** Whether the storage was written anew: not if it is too large, or the erasure comes once more. */
  is_rewritten: boolean;
}

/** Shorter names are left alone: they occur in too many other texts. In characters. */
const SHORTEST = 3;

/** A text without these names, where they stand as words of their own. */
export function withoutNames(text: string, names: readonly string[]): string {
  return names
    .filter((name) => name.length >= SHORTEST)
    .sort((a, b) => b.length - a.length)
    .reduce((left, name) => left.replaceAll(asWord(name), ERASED_NAME), text);
}

/** An address, or null if one of these names is in it. */
export function withoutNamed(url: string | null, names: readonly string[]): string | null {
  return url !== null && withoutNames(url, names) === url ? url : null;
}

/** A name with no letter or digit right before or after it. */
function asWord(name: string): RegExp {
  // A hyphen means something inside of brackets alone, and may not be escaped elsewhere.
  const literal = name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "gu");
}

/** A text as it stands inside of a JSON string. */
export function asInJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The name of a file that keeps only what kind of file it is. */
export function plainFileName(fileName: string): string {
  const ending = /\.[a-z0-9]{1,5}$/i.exec(fileName)?.[0].toLowerCase() ?? "";
  return `file${ending}`;
}

/**
 * Takes mentions out of a message's metadata, unless they name another member who is known. A name that is not known goes too, since the
 * person may have had it.
 * @returns the metadata as it was, if nothing is taken out.
 */
export function withoutMention(
  metadata: string | null,
  isOfOthers: (name: string) => boolean,
): string | null {
  const parsed = metadata === null ? null : (JSON.parse(metadata) as Record<string, unknown>);
  if (!parsed || !Array.isArray(parsed.mentions)) return metadata;
  const mentions = parsed.mentions.filter((name) => isOfOthers(normal(String(name))));
  if (mentions.length === parsed.mentions.length) return metadata;
  return JSON.stringify({ ...parsed, mentions });
}

/** A name as it is compared: without its `@`, in lower case. */
export function normal(name: string): string {
  return name.replace(/^@/, "").toLowerCase();
}
