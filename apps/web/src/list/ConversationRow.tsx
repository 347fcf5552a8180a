import type { ListItem } from "@rocket-chat-api/client/list";
import { useChatClient, usePresence, useTyping } from "@rocket-chat-api/react";
import { AtSign, BellOff, Image, type LucideIcon, Mic, Paperclip, Pin, Video } from "lucide-react";
import { memo } from "react";
import { useMe } from "../app/me.tsx";
import { hashOf } from "../app/route.ts";
import { shortTime } from "../i18n/dates.ts";
import { useI18n } from "../i18n/i18n.tsx";
import { Avatar } from "../ui/Avatar.tsx";
import { Badge } from "../ui/Badge.tsx";
import { useContextMenu } from "../ui/Menu.tsx";
import styles from "./ConversationRow.module.css";
import { type Preview, previewOf } from "./preview.ts";
import type { RowActions } from "./row-actions.tsx";

/** What {@link ConversationRow} takes. */
export interface ConversationRowProps {
  item: ListItem;
  isOpen: boolean;
  /** Whether Tab stops here: at one row of the list. */
  isTabStop: boolean;
  /** The day: at midnight times are written again. */
  today: string;
  actions: RowActions;
  onFocus: (conversationId: string) => void;
}

const ICONS: Partial<Record<Preview["kind"], LucideIcon>> = {
  image: Image,
  video: Video,
  audio: Mic,
  file: Paperclip,
};

/** One conversation in the list. */
export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { item, isOpen, isTabStop, actions, onFocus } = props;
  const { t, language } = useI18n();
  const { conversation_id, photo_url, other_user } = item;
  const presence = useThere(other_user?.user_id ?? null);
  const title = item.title || t("list.untitled");
  const { onContextMenu, menu } = useContextMenu(t("list.actions", { title }), () => actions.entriesOf(item));
  return (
    <>
      <a
        className={styles.row}
        href={hashOf({ conversationId: conversation_id, panel: null, messageId: null })}
        aria-current={isOpen ? "page" : undefined}
        tabIndex={isTabStop ? 0 : -1}
        data-conversation={conversation_id}
        onContextMenu={onContextMenu}
        onFocus={() => onFocus(conversation_id)}
      >
        <Avatar
          id={other_user?.user_id ?? conversation_id}
          name={title}
          src={photo_url}
          presence={presence}
        />
        <span className={styles.text}>
          <span className={styles.line}>
            <span className={styles.title} dir="auto">
              {title}
            </span>
            {presence && <span className="visually-hidden">{t(`list.${presence}`)}</span>}
            <time className={styles.time} dateTime={item.last_activity_at}>
              {shortTime(new Date(item.last_activity_at), new Date(), language)}
            </time>
          </span>
          <span className={styles.line}>
            <SecondLine item={item} />
            <Marks item={item} />
          </span>
        </span>
      </a>
      {menu}
    </>
  );
});

/** Whether the other person of a direct chat is there. @param id null for groups. */
function useThere(id: string | null): "online" | "away" | undefined {
  const status = usePresence(id === null ? NOBODY : [id]).get(id ?? "")?.status;
  return status === "online" || status === "away" ? status : undefined;
}

const NOBODY: readonly string[] = [];

function SecondLine({ item }: { item: ListItem }) {
  const { t } = useI18n();
  const client = useChatClient();
  const { me } = useMe();
  const { typing } = useTyping(item.conversation_id);
  const state = client.conversations.get(item.conversation_id);
  const { kind, text } = previewOf(item, typing, state, me?.username, t);
  const Icon = ICONS[kind];
  return (
    <span className={styles.preview} data-kind={kind} dir="auto">
      {Icon && <Icon aria-hidden="true" />}
      {text}
    </span>
  );
}

/** Counts, and what the viewer has set. */
function Marks({ item }: { item: ListItem }) {
  const { t } = useI18n();
  const { is_muted, is_pinned, unread_count, unread_mentions } = item;
  return (
    <span className={styles.marks}>
      {is_muted && <BellOff role="img" aria-label={t("list.muted")} />}
      {is_pinned && unread_count === 0 && <Pin role="img" aria-label={t("list.pinned")} />}
      {unread_mentions > 0 && (
        <span
          className={styles.mention}
          role="img"
          aria-label={t("list.mentions", { count: unread_mentions })}
        >
          <AtSign aria-hidden="true" />
        </span>
      )}
      <Badge count={unread_count} label={t("list.unread", { count: unread_count })} isMuted={is_muted} />
    </span>
  );
}
