import { useMembers } from "@rocket-chat-api/react";
import { useT } from "../../i18n/i18n.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { PanelHeader } from "../PanelHeader.tsx";
import type { PanelProps } from "../panel.ts";
import styles from "../panels.module.css";

/** About a conversation: who is in it. */
export default function DetailsPanel({ conversationId }: PanelProps) {
  const t = useT();
  const members = useMembers(conversationId ?? "");
  return (
    <>
      <PanelHeader title={t("panels.details")} />
      <ul className={styles.members} aria-label={t("panels.members", { count: members.length })}>
        {members.map(({ user_id, display_name, profile_photo_url }) => (
          <li key={user_id} className={styles.member}>
            <Avatar id={user_id} name={display_name} src={profile_photo_url} size={40} />
            <span dir="auto">{display_name}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
