/** Errors in words, for the panels and their dialogs. */
import { ApiError, ConnectionLost } from "@rocket-chat-api/client";
import { en } from "../i18n/en/index.ts";
import type { I18n, TextKey } from "../i18n/i18n.tsx";

/** What went wrong, for people. A code that has no words of its own says what the server said. */
export function errorText(error: unknown, t: I18n["t"]): string {
  if (error instanceof ConnectionLost) return t("panels.error.connection");
  if (!(error instanceof ApiError)) return t("panels.error.unknown");
  const key = `panels.error.${error.code}`;
  const seconds = Math.max(1, Math.ceil((error.retry_after_ms ?? 0) / 1000));
  return isText(key) ? t(key, { count: seconds }) : error.message;
}

/** The users whom an error names, as one who does not let others add them. */
export function usersOf(error: unknown): readonly string[] {
  const ids = error instanceof ApiError ? error.details?.user_ids : undefined;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}

function isText(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}
