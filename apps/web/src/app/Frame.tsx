import { MessagesSquare } from "lucide-react";
import { useT } from "../i18n/i18n.tsx";
import { ConversationListPane } from "../list/ConversationListPane.tsx";
import { isPanel, SidePanel } from "../panels/index.tsx";
import { Room } from "../room/Room.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import styles from "./Frame.module.css";
import { useRoute } from "./route.ts";

/** List, room and side panel: beside each other, or one at a time on a phone. */
export function Frame() {
  const t = useT();
  const { conversationId, panel } = useRoute();
  const shown = panel !== null && isPanel(panel) ? panel : null;
  const view = shown ? "panel" : conversationId ? "room" : "list";
  return (
    <div className={styles.frame} data-view={view}>
      <nav className={styles.list} aria-label={t("list.title")}>
        <ConversationListPane />
      </nav>
      <main className={styles.room} id="main">
        {conversationId ? (
          <Room key={conversationId} conversationId={conversationId} />
        ) : (
          <EmptyState
            icon={<MessagesSquare />}
            title={t("app.nothing_open")}
            hint={t("app.nothing_open_hint")}
          />
        )}
      </main>
      {shown && (
        <aside className={styles.panel}>
          <SidePanel name={shown} conversationId={conversationId} />
        </aside>
      )}
    </div>
  );
}
