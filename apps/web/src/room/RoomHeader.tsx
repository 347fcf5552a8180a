import { useConversation, useMembers, usePresence, useTyping } from "@rocket-chat-api/react";
import { ArrowLeft, Info, Search } from "lucide-react";
import { navigate } from "../app/route.ts";
import { daysBetween, shortTime, timeOfDay } from "../i18n/dates.ts";
import { type I18n, useI18n } from "../i18n/i18n.tsx";
import { isPanel } from "../panels/index.tsx";
import { Avatar } from "../ui/Avatar.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./RoomHeader.module.css";
import { useRoomUi } from "./room-ui.ts";
import { titleOf } from "./titles.ts";
import { useRights } from "./use-rights.ts";

const NOBODY: readonly string[] = [];

/** The head of a room: who it is with, what they do, and where there is more. */
export function RoomHeader() {
  const { t } = useI18n();
  const { conversationId } = useRoomUi();
  const rights = useRights();
  const { conversation } = useConversation(conversationId);
  const { title, photoUrl, avatarId } = titleOf(conversationId, conversation, rights);
  const presence = usePresence(rights.other ? [rights.other.user_id] : NOBODY);
  const seen = rights.other ? presence.get(rights.other.user_id) : undefined;
  const openDetails = () => navigate({ panel: "details" });
  return (
    <header className={styles.header}>
      <IconButton
        className={styles.back ?? ""}
        label={t("app.back")}
        icon={<ArrowLeft data-mirrored />}
        onClick={() => navigate({})}
      />
      <div className={styles.about}>
        <Avatar id={avatarId} name={title} src={photoUrl} size={40} presence={seen?.status} />
        <div className={styles.words}>
          <h2 className={styles.title} dir="auto">
            <button type="button" className={styles.open} onClick={openDetails}>
              {title}
            </button>
          </h2>
          <Status />
        </div>
      </div>
      {isPanel("search") && (
        <IconButton
          label={t("room.search")}
          icon={<Search />}
          onClick={() => navigate({ panel: "search/here" })}
        />
      )}
      <IconButton label={t("room.details")} icon={<Info />} onClick={openDetails} />
    </header>
  );
}

/** Below the title: who types, else whether the other is there, or how many there are. */
function Status() {
  const i18n = useI18n();
  const { conversationId } = useRoomUi();
  const { isGroup, other } = useRights();
  const { conversation } = useConversation(conversationId);
  const { typing } = useTyping(conversationId);
  const members = useMembers(conversationId);
  const presence = usePresence(other ? [other.user_id] : NOBODY);
  const { t } = i18n;
  const [first] = typing;
  if (first) {
    const name = members.find(({ user_id }) => user_id === first.user_id)?.display_name ?? first.username;
    const text = !isGroup
      ? t("room.typing")
      : typing.length === 1
        ? t("room.types", { name })
        : t("room.many_type", { count: typing.length });
    return (
      <span className={styles.typing}>
        <span className={styles.dots} aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        {text}
      </span>
    );
  }
  if (isGroup) {
    const count = conversation?.participant_count ?? members.length;
    return <span className={styles.status}>{t("room.members", { count })}</span>;
  }
  const seen = other ? presence.get(other.user_id) : undefined;
  return (
    <span className={styles.status}>{seen ? presenceText(seen.status, seen.last_seen_at, i18n) : ""}</span>
  );
}

function presenceText(status: string, lastSeenAt: string | null, { t, language }: I18n): string {
  if (status === "online") return t("room.online");
  if (status === "away") return t("room.away");
  if (lastSeenAt === null) return "";
  const at = new Date(lastSeenAt);
  const now = new Date();
  if (daysBetween(at, now) <= 0) return t("room.last_seen", { time: timeOfDay(at, language) });
  return t("room.last_seen", { time: shortTime(at, now, language) });
}
