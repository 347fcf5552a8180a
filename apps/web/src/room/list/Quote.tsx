import type { Message } from "@rocket-chat-api/client";
import { useT } from "../../i18n/i18n.tsx";
import { colourOf } from "../../ui/Avatar.tsx";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import styles from "./Quote.module.css";
import { quoteText } from "./quote-text.ts";
import { useRowTab } from "./row-tab.ts";

/** The quoted message above an answer. A press shows it in its place. */
export function Quote({ quote }: { quote: NonNullable<Message["reply_to"]> }) {
  const t = useT();
  const ui = useRoomUi();
  const tab = useRowTab();
  const { viewerId } = useRights();
  const name = quote.sender.user_id === viewerId ? t("room.you") : quote.sender.display_name;
  return (
    <button
      type="button"
      className={styles.quote}
      data-colour={colourOf(quote.sender.user_id)}
      tabIndex={tab}
      onClick={() => ui.jump(quote.message_id)}
    >
      <span className="visually-hidden">{t("room.reply_to")}</span>
      <span className={styles.name} dir="auto">
        {name}
      </span>
      <span className={styles.text} dir="auto">
        {quoteText(quote, t)}
      </span>
    </button>
  );
}
