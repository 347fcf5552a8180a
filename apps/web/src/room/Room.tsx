import { useConversation } from "@rocket-chat-api/react";
import { useEffect, useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Overlays } from "./actions/Overlays.tsx";
import { Composer } from "./composer/Composer.tsx";
import { DropZone } from "./composer/DropZone.tsx";
import { Announcer } from "./list/Announcer.tsx";
import { MessageList } from "./list/MessageList.tsx";
import { loadAhead } from "./parts.ts";
import styles from "./Room.module.css";
import { RoomHeader } from "./RoomHeader.tsx";
import { RoomUi, RoomUiProvider } from "./room-ui.ts";
import { useRefusals } from "./use-refusals.ts";
import { RightsProvider, useMakeRights } from "./use-rights.ts";

/** A conversation: its messages, and where one writes. */
export function Room({ conversationId }: { conversationId: string }) {
  const t = useT();
  const [ui] = useState(() => new RoomUi(conversationId));
  const rights = useMakeRights(conversationId);
  useEffect(loadAhead, []);
  return (
    <RoomUiProvider value={ui}>
      <RightsProvider value={rights}>
        <section className={styles.room} aria-label={t("room.messages")}>
          <DropZone>
            <RoomHeader />
            <MessageList conversationId={conversationId} />
            <Composer />
          </DropZone>
          <Announcer conversationId={conversationId} />
          <Refusals ui={ui} />
          <Overlays />
        </section>
      </RightsProvider>
    </RoomUiProvider>
  );
}

/** Follows what the server refuses, and forgets it when the viewer is in again. */
function Refusals({ ui }: { ui: RoomUi }) {
  const { membership, isRequest } = useConversation(ui.conversationId);
  useRefusals(ui);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of these may have changed what is refused.
  useEffect(() => ui.refused.set(null), [ui, membership, isRequest]);
  return null;
}
