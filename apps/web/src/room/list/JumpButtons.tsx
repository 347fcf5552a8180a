import { useConversation } from "@rocket-chat-api/react";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useT } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import styles from "./JumpButtons.module.css";

/** What {@link JumpButtons} takes. */
export interface JumpButtonsProps {
  conversationId: string;
  isAway: boolean;
  isUnreadAbove: boolean;
  onNewest: () => void;
  onUnread: () => void;
}

/** Over the list: to the first unread message above, and to the newest below. */
export function JumpButtons(props: JumpButtonsProps) {
  const t = useT();
  const { conversationId, isAway, isUnreadAbove, onNewest, onUnread } = props;
  const { unreadCount } = useConversation(conversationId);
  const label = t("room.unread_count", { count: unreadCount });
  return (
    <>
      {isUnreadAbove && unreadCount > 0 && (
        <button type="button" className={styles.unread} onClick={onUnread}>
          <ArrowUp aria-hidden="true" />
          {label}
        </button>
      )}
      {isAway && (
        <button type="button" className={styles.newest} aria-label={t("room.newest")} onClick={onNewest}>
          <ArrowDown aria-hidden="true" />
          {unreadCount > 0 && (
            <span className={styles.count}>
              <Badge count={unreadCount} label={label} />
            </span>
          )}
        </button>
      )}
    </>
  );
}
