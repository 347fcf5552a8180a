/** A message in one line. */
import type { Message } from "@rocket-chat-api/client";
import type { I18n } from "../../i18n/i18n.tsx";

/** What a quote, a preview or a notice says about a message. */
export function quoteText(
  { type, content, is_deleted }: Pick<Message, "type" | "content" | "is_deleted">,
  t: I18n["t"],
): string {
  if (is_deleted) return t("room.deleted");
  if (content !== "") return content;
  return type === "text" || type === "system" ? t("room.hidden_quote") : t(`room.kind.${type}`);
}
