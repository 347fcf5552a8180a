import type { ListItem } from "@rocket-chat-api/client/list";
import { memo } from "react";
import { hashOf } from "../app/route.ts";
import { shortTime } from "../i18n/dates.ts";
import { useI18n } from "../i18n/i18n.tsx";
import { Avatar } from "../ui/Avatar.tsx";
import { Badge } from "../ui/Badge.tsx";
import styles from "./ConversationRow.module.css";

/** One conversation in the list. */
export const ConversationRow = memo(function ConversationRow({
  item,
  isOpen,
}: {
  item: ListItem;
  isOpen: boolean;
}) {
  const { t, language } = useI18n();
  const { conversation_id, title, photo_url, other_user, last_message, unread_count, is_muted } = item;
  return (
    <a
      className={styles.row}
      href={hashOf({ conversationId: conversation_id, panel: null, messageId: null })}
      aria-current={isOpen ? "page" : undefined}
    >
      <Avatar id={other_user?.user_id ?? conversation_id} name={title} src={photo_url} />
      <span className={styles.text}>
        <span className={styles.line}>
          <span className={styles.title} dir="auto">
            {title}
          </span>
          <time className={styles.time} dateTime={item.last_activity_at}>
            {shortTime(new Date(item.last_activity_at), new Date(), language)}
          </time>
        </span>
        <span className={styles.line}>
          <span className={styles.preview} dir="auto">
            {last_message?.content}
          </span>
          <Badge count={unread_count} label={t("list.unread", { count: unread_count })} isMuted={is_muted} />
        </span>
      </span>
    </a>
  );
});
