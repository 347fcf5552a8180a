import { useUnread } from "@rocket-chat-api/react";
import { useEffect } from "react";
import { useI18n } from "../i18n/i18n.tsx";
import { numbers } from "../i18n/plural.ts";

/** Keeps the unread total in the title of the window: `(3) Chat`. */
export function Title() {
  const { t, language } = useI18n();
  const unread = useUnread();
  const count = unread?.messages ?? 0;
  useEffect(() => {
    const name = t("app.title");
    document.title = count > 0 ? `(${numbers(language).format(count)}) ${name}` : name;
  }, [count, language, t]);
  return null;
}
