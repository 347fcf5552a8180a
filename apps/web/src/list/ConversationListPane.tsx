import type { ListItem } from "@rocket-chat-api/client/list";
import { useConversations } from "@rocket-chat-api/react";
import { Archive, CheckCheck, Inbox, type LucideIcon, MessagesSquare, Search, Users } from "lucide-react";
import { useCallback, useState } from "react";
import { navigate, useRoute } from "../app/route.ts";
import { SHORTCUT_KEYS } from "../app/shortcuts.ts";
import { useT } from "../i18n/i18n.tsx";
import type { NewKind } from "../new/kinds.ts";
import { Button } from "../ui/Button.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import styles from "./ConversationListPane.module.css";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { type Filter, Filters } from "./Filters.tsx";
import { ListHeader } from "./ListHeader.tsx";
import { Rows } from "./Rows.tsx";
import { useRowActions } from "./row-actions.tsx";
import { Skeleton } from "./Skeleton.tsx";

/** Rows that the hook gives at a time: all, since only those in view are in the page. */
const ALL = 100_000;

const ICONS: Record<Filter, LucideIcon> = {
  inbox: MessagesSquare,
  unread: CheckCheck,
  groups: Users,
  requests: Inbox,
  archived: Archive,
};

/** What {@link ConversationListPane} takes. */
export interface ConversationListPaneProps {
  /** Opens a dialog for a new conversation. */
  onNew: (kind: NewKind) => void;
  onHelp: () => void;
}

/** The pane with all conversations. */
export function ConversationListPane({ onNew, onHelp }: ConversationListPaneProps) {
  const t = useT();
  const { conversationId } = useRoute();
  const [filter, setFilter] = useState<Filter>("inbox");
  const { items, isLoaded } = useConversations({ filter, pageSize: ALL });
  const [deleting, setDeleting] = useState<ListItem | null>(null);
  const actions = useRowActions(setDeleting);
  const closeDialog = useCallback(() => setDeleting(null), []);
  return (
    <div className={styles.pane}>
      <ListHeader onNew={onNew} onHelp={onHelp} />
      <button type="button" className={styles.search} onClick={() => navigate({ panel: "search" })}>
        <Search aria-hidden="true" />
        <span>{t("list.search")}</span>
        <span className={styles.keys} aria-hidden="true">
          {SHORTCUT_KEYS.search.join(" ")}
        </span>
      </button>
      <Filters chosen={filter} onChoose={setFilter} />
      {items.length === 0 && !isLoaded && <Skeleton label={t("list.loading")} />}
      {items.length === 0 && isLoaded && <NothingHere filter={filter} onNew={onNew} />}
      {items.length > 0 && <Rows items={items} openId={conversationId} actions={actions} />}
      <DeleteDialog item={deleting} onClose={closeDialog} />
    </div>
  );
}

function NothingHere({ filter, onNew }: { filter: Filter; onNew: ConversationListPaneProps["onNew"] }) {
  const t = useT();
  const Icon = ICONS[filter];
  if (filter !== "inbox") {
    return (
      <EmptyState icon={<Icon />} title={t(`list.empty_${filter}`)} hint={t(`list.empty_${filter}_hint`)} />
    );
  }
  return (
    <EmptyState
      icon={<Icon />}
      title={t("list.empty")}
      hint={t("list.empty_hint")}
      action={
        <Button variant="primary" onClick={() => onNew("chat")}>
          {t("list.new_chat")}
        </Button>
      }
    />
  );
}
