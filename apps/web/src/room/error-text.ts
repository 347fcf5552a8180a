/** Errors in words. */
import { ApiError, ConnectionLost } from "@rocket-chat-api/client";
import { en } from "../i18n/en/index.ts";
import type { I18n, TextKey } from "../i18n/i18n.tsx";

/** What went wrong, for people. A code without words of its own says what the server said. */
export function errorText(error: unknown, t: I18n["t"]): string {
  if (error instanceof ConnectionLost) return t("room.error.connection");
  if (error instanceof Error && error.name === "UploadFailed") return t("room.error.upload");
  if (!(error instanceof ApiError)) return t("room.error.unknown");
  const key = `room.error.${error.code}`;
  const seconds = Math.max(1, Math.ceil((error.retry_after_ms ?? 0) / 1000));
  return isText(key) ? t(key, { count: seconds }) : error.message;
}

function isText(key: string): key is TextKey {
  return key in en;
}
