import { type ShownMessage, useSend } from "@rocket-chat-api/react";
import { Pin } from "lucide-react";
import { fullTime, timeOfDay } from "../../i18n/dates.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import { colourOf } from "../../ui/Avatar.tsx";
import { classes } from "../../ui/classes.ts";
import { Attachments } from "../media/Attachments.tsx";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import styles from "./Bubble.module.css";
import { MessageText } from "./MessageText.tsx";
import { Quote } from "./Quote.tsx";
import { useRowTab } from "./row-tab.ts";
import type { Place } from "./rows.ts";
import { Ticks } from "./Ticks.tsx";
import { isEmojiOnly } from "./text-parts.ts";

/** What {@link Bubble} takes. */
export interface BubbleProps {
  shown: ShownMessage;
  place: Place;
}

/** What was said: quote, files, text, time and ticks. */
export function Bubble({ shown, place }: BubbleProps) {
  const { t } = useI18n();
  const { viewerId, isGroup } = useRights();
  const { cancel } = useSend(shown.message.conversation_id);
  const { message, key, outgoing } = shown;
  const { sender, sender_id, content, type, is_deleted, reply_to, attachments } = message;
  const isOwn = sender_id === viewerId;
  const isLarge = type === "text" && !reply_to && isEmojiOnly(content);
  const hasFiles = attachments.length > 0 || (outgoing?.files.length ?? 0) > 0;
  const isVisual = hasFiles && (type === "image" || type === "video");
  const showsName = isGroup && !isOwn && place.isFirst;
  return (
    <div
      className={classes(
        styles.bubble,
        isOwn ? styles.own : styles.other,
        place.isFirst && styles.first,
        place.isLast && styles.last,
        is_deleted && styles.deleted,
        isLarge && !is_deleted && styles.large,
        isVisual && styles.visual,
        isVisual && content === "" && styles.bare,
      )}
    >
      {showsName && (
        <p className={styles.sender} data-colour={colourOf(sender_id)} dir="auto">
          {sender.display_name}
        </p>
      )}
      {reply_to && !is_deleted && <Quote quote={reply_to} />}
      {hasFiles && !is_deleted && <Attachments shown={shown} onCancel={() => cancel(key)} />}
      <div className={styles.text} dir="auto">
        {is_deleted ? <em>{t("room.deleted")}</em> : <MessageText message={message} />}
        <Meta shown={shown} isOwn={isOwn} />
      </div>
    </div>
  );
}

function Meta({ shown, isOwn }: { shown: ShownMessage; isOwn: boolean }) {
  const { t, language } = useI18n();
  const ui = useRoomUi();
  const tab = useRowTab();
  const { message } = shown;
  const at = new Date(message.created_at);
  return (
    <span className={styles.meta}>
      {message.is_pinned && <Pin className={styles.pin} role="img" aria-label={t("room.pinned")} />}
      {message.is_edited && !message.is_deleted && (
        <button
          type="button"
          className={styles.edited}
          tabIndex={tab}
          onClick={() => ui.overlay.set({ kind: "edits", message })}
        >
          {t("room.edited")}
        </button>
      )}
      <time dateTime={message.created_at} title={fullTime(at, language)}>
        {timeOfDay(at, language)}
      </time>
      {isOwn && !message.is_deleted && <Ticks shown={shown} />}
    </span>
  );
}
