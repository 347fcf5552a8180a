import { useChatClient } from "@rocket-chat-api/react";
import { MessagesSquare } from "lucide-react";
import { lazy, Suspense, useCallback, useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import { ConversationListPane } from "../list/ConversationListPane.tsx";
import type { NewKind } from "../new/kinds.ts";
import { isPanel, SidePanel } from "../panels/index.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import styles from "./Frame.module.css";
import { PHONE, useMedia } from "./media.ts";
import { neighbourOf } from "./neighbour.ts";
import { persistently } from "./persistently.ts";
import { navigate, useRoute } from "./route.ts";
import { type Shortcut, useShortcuts } from "./shortcuts.ts";
import { useFocusOfView } from "./use-focus-of-view.ts";

const loadRoom = persistently(async () => ({ default: (await import("../room/Room.tsx")).Room }));
const Room = lazy(loadRoom);
// Beside the list, so that the list does not wait for it.
void loadRoom();
const NewDialogs = lazy(() => import("../new/NewDialogs.tsx"));
const ShortcutsDialog = lazy(() => import("./ShortcutsDialog.tsx"));

/** List, room and side panel: beside each other, or one at a time on a phone. */
export function Frame() {
  const t = useT();
  const { conversationId, panel } = useRoute();
  const [creating, setCreating] = useState<NewKind | null>(null);
  const [isHelping, setHelping] = useState(false);
  useKeys(setCreating, setHelping);
  const shown = panel !== null && isPanel(panel) ? panel : null;
  const view = shown ? "panel" : conversationId ? "room" : "list";
  const isPhone = useMedia(PHONE);
  useFocusOfView(view);
  return (
    <div className={styles.frame} data-view={view}>
      <header className="visually-hidden">
        <h1>{t("app.title")}</h1>
      </header>
      <button
        type="button"
        className={styles.skip}
        onClick={() => document.getElementById(conversationId ? "room" : "list")?.focus()}
      >
        {t("app.skip")}
      </button>
      <ConnectionBanner />
      {/* On a phone the room is hidden behind the list, and something must be the main part of the page. */}
      <div className={styles.list} role={isPhone && view === "list" ? "main" : undefined}>
        <nav id="list" aria-label={t("list.title")} tabIndex={-1}>
          <ConversationListPane onNew={setCreating} onHelp={() => setHelping(true)} />
        </nav>
      </div>
      <main className={styles.room} id="room" tabIndex={-1}>
        {conversationId ? (
          <Suspense
            fallback={<div className={styles.loading}>{<Spinner size={28} label={t("app.loading")} />}</div>}
          >
            <Room key={conversationId} conversationId={conversationId} />
          </Suspense>
        ) : (
          <EmptyState
            icon={<MessagesSquare />}
            title={t("app.nothing_open")}
            hint={t("app.nothing_open_hint")}
          />
        )}
      </main>
      {shown && (
        // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both of its roles have labels.
        <div
          className={styles.panel}
          id="panel"
          role={isPhone ? "main" : "complementary"}
          tabIndex={-1}
          aria-label={t("app.panel")}
        >
          <SidePanel name={shown} conversationId={conversationId} />
        </div>
      )}
      <Suspense>
        {creating && <NewDialogs kind={creating} onClose={() => setCreating(null)} />}
        {isHelping && <ShortcutsDialog onClose={() => setHelping(false)} />}
      </Suspense>
    </div>
  );
}

/** The keys of the frame. */
function useKeys(create: (kind: NewKind) => void, help: (isOpen: boolean) => void): void {
  const client = useChatClient();
  const { conversationId, panel } = useRoute();
  const run = useCallback(
    (shortcut: Shortcut) => {
      if (shortcut === "search") navigate({ panel: "search" });
      if (shortcut === "new") create("chat");
      if (shortcut === "help") help(true);
      if (shortcut === "close" && panel) navigate({ panel: null });
      if (shortcut === "close" && !panel && conversationId) navigate({});
      if (shortcut === "previous" || shortcut === "next") {
        const id = neighbourOf(client, conversationId, shortcut === "next" ? 1 : -1);
        if (id) navigate({ conversationId: id });
      }
    },
    [client, conversationId, panel, create, help],
  );
  useShortcuts(run);
}
