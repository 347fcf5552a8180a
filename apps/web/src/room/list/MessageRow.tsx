import type { ShownMessage } from "@rocket-chat-api/react";
import { memo, useRef, useState } from "react";
import { dayName } from "../../i18n/dates.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { classes } from "../../ui/classes.ts";
import { useCell } from "../cell.ts";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import { Bubble } from "./Bubble.tsx";
import { Failure } from "./Failure.tsx";
import { HoverActions } from "./HoverActions.tsx";
import styles from "./MessageRow.module.css";
import { Reactions } from "./Reactions.tsx";
import { RowTabProvider } from "./row-tab.ts";
import { SystemLine } from "./SystemLine.tsx";
import { useRowGestures } from "./use-row-gestures.ts";

/** What {@link MessageRow} takes. All are values, so that a row renders only when it changes. */
export interface MessageRowProps {
  shown: ShownMessage;
  startsDay: boolean;
  isFirst: boolean;
  isLast: boolean;
  /** Whether the line "new messages" stands above. */
  isFirstUnread: boolean;
  /** Whether nothing stands below it. */
  isNewest: boolean;
  /** Whether arrow keys have reached it: it is the one stop of the Tab key. */
  isCurrent: boolean;
}

/** A message in the list, with the day and the line of new messages above it. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { t, language } = useI18n();
  const { shown, startsDay, isFirstUnread, isNewest, isCurrent } = props;
  const at = new Date(shown.message.created_at);
  return (
    <RowTabProvider value={isCurrent ? 0 : -1}>
      {startsDay && (
        <p className={styles.day}>
          <time dateTime={shown.message.created_at.slice(0, 10)}>{dayName(at, new Date(), language)}</time>
        </p>
      )}
      {isFirstUnread && (
        <p className={styles.unread}>
          <span>{t("room.new_messages")}</span>
        </p>
      )}
      {shown.message.type === "system" ? (
        <SystemLine shown={shown} isCurrent={isCurrent} />
      ) : (
        <Said {...props} />
      )}
      {isNewest && <div className={styles.end} />}
    </RowTabProvider>
  );
});

/** A message that a person wrote. */
function Said({ shown, startsDay, isFirst, isLast, isCurrent }: MessageRowProps) {
  const ui = useRoomUi();
  const { viewerId, isGroup } = useRights();
  const flashed = useCell(ui.flashed);
  const row = useRef<HTMLElement>(null);
  const [isActive, setActive] = useState(false);
  const gestures = useRowGestures(ui, shown);
  const { message, outgoing, key } = shown;
  const { sender, sender_id } = message;
  const isOwn = sender_id === viewerId;
  const isThere = outgoing === null || outgoing.state === "sent";
  return (
    <article
      ref={row}
      className={classes(
        styles.row,
        isOwn && styles.own,
        isFirst && styles.first,
        flashed === message.message_id && styles.flashed,
      )}
      data-key={key}
      data-message={message.message_id}
      tabIndex={isCurrent ? 0 : -1}
      onPointerEnter={(event) => event.pointerType === "mouse" && setActive(true)}
      onPointerLeave={() => setActive(false)}
      onFocus={() => setActive(true)}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setActive(false)}
      {...(message.is_deleted ? {} : gestures)}
    >
      <SenderName isOwn={isOwn} name={sender.display_name} />
      {isGroup && !isOwn && (
        <span className={styles.avatar}>
          {isLast && (
            <Avatar id={sender_id} name={sender.display_name} src={sender.profile_photo_url} size={32} />
          )}
        </span>
      )}
      <div className={styles.body}>
        <Bubble shown={shown} place={{ startsDay, isFirst, isLast }} />
        {message.reactions.length > 0 && <Reactions message={message} />}
        <Failure shown={shown} />
      </div>
      {isThere && isActive && !message.is_deleted && <HoverActions shown={shown} row={row} />}
    </article>
  );
}

/** Who has said it, for screen readers: the eye sees it by side, colour and picture. */
function SenderName({ isOwn, name }: { isOwn: boolean; name: string }) {
  const { t } = useI18n();
  return <span className="visually-hidden">{t("room.says", { name: isOwn ? t("room.you") : name })}</span>;
}
