import { useConversations } from "@rocket-chat-api/react";
import { MessagesSquare } from "lucide-react";
import { useRoute } from "../app/route.ts";
import { useT } from "../i18n/i18n.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import styles from "./ConversationListPane.module.css";
import { ConversationRow } from "./ConversationRow.tsx";

/** The pane with all conversations. */
export function ConversationListPane() {
  const t = useT();
  const { conversationId } = useRoute();
  const { items, isLoaded } = useConversations();
  return (
    <div className={styles.pane}>
      <header className={styles.header}>
        <h1 className={styles.title}>{t("list.title")}</h1>
      </header>
      {isLoaded && items.length === 0 && <EmptyState icon={<MessagesSquare />} title={t("list.empty")} />}
      <ul className={styles.rows}>
        {items.map((item) => (
          <li key={item.conversation_id}>
            <ConversationRow item={item} isOpen={item.conversation_id === conversationId} />
          </li>
        ))}
      </ul>
    </div>
  );
}
