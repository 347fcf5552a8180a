import { type ShownMessage, useMembers } from "@rocket-chat-api/react";
import { useMemo } from "react";
import { fullTime } from "../../i18n/dates.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import styles from "./SystemLine.module.css";
import { systemText } from "./system-text.ts";

/** What the server says about the conversation. */
export function SystemLine({
  shown: { key, message },
  isCurrent,
}: {
  shown: ShownMessage;
  isCurrent: boolean;
}) {
  const { t, language } = useI18n();
  const members = useMembers(message.conversation_id);
  const byId = useMemo(() => new Map(members.map((member) => [member.user_id, member])), [members]);
  return (
    <article
      className={styles.line}
      data-key={key}
      data-message={message.message_id}
      tabIndex={isCurrent ? 0 : -1}
      title={fullTime(new Date(message.created_at), language)}
    >
      <span dir="auto">{systemText(message, byId, t)}</span>
    </article>
  );
}
