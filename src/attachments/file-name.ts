/** Makes file names safe to show and to save. */
import { codePoints, hasVisible, MAX_FILE_NAME_LENGTH } from "@rocket-chat-api/protocol";

/** Control characters (including line breaks) and direction marks, which could show `gpj.exe` as `exe.jpg`. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Removes folders, control characters, direction marks, and dots and spaces around the name.
 * @returns undefined if nothing visible is left, or the name is too long.
 */
export function cleanFileName(name: string): string | undefined {
  const visible = name.normalize("NFC").replace(INVISIBLE, "");
  const last = visible.split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/^[\s.]+(?=[\s.]*$)|^\s+|[\s.]+$/g, "");
  return hasVisible(clean) && codePoints(clean) <= MAX_FILE_NAME_LENGTH ? clean : undefined;
}
