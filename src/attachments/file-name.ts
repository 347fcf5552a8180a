/** Names of files, made safe to show and to save under. */
import { codePoints, hasVisible, MAX_FILE_NAME_LENGTH } from "@rocket-chat-api/protocol";

/** Control characters (line breaks are among them), and what turns the reading direction: `gpj.exe` would pass for `exe.jpg`. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Leaves out folders, control characters, bidirectional marks, and dots and spaces around the name.
 * @returns undefined if nothing that can be seen is left, or too much.
 */
export function cleanFileName(name: string): string | undefined {
  const visible = name.normalize("NFC").replace(INVISIBLE, "");
  const last = visible.split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/^[\s.]+(?=[\s.]*$)|^\s+|[\s.]+$/g, "");
  return hasVisible(clean) && codePoints(clean) <= MAX_FILE_NAME_LENGTH ? clean : undefined;
}
