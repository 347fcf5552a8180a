import { useChatClient } from "@rocket-chat-api/react";
import { useEffect, useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import { useRoute } from "./route.ts";
import { useViewer } from "./viewer.tsx";

/** What is read aloud of a message: longer ones are cut. */
const LONGEST = 200;

/** Lets screen readers say what comes in elsewhere than in the open conversation. Muted conversations are silent. */
export function Announcer() {
  const client = useChatClient();
  const { userId } = useViewer();
  const { conversationId } = useRoute();
  const t = useT();
  const [said, setSaid] = useState({ count: 0, text: "" });
  useEffect(
    () =>
      client.on("event", (event) => {
        if (event.type !== "message.new" || event.data.sender_id === userId) return;
        // The room reads its own messages aloud.
        if (event.conversation_id === conversationId) return;
        const { sender, content, type } = event.data;
        const state = client.conversations.get(event.conversation_id);
        if (type === "system" || state?.preferences?.is_muted === true || state?.is_request === true) return;
        const text = t("list.from_other", { name: sender.display_name, text: content.slice(0, LONGEST) });
        setSaid(({ count }) => ({ count: count + 1, text }));
      }),
    [client, userId, conversationId, t],
  );
  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-label={t("list.title")}>
      <p key={said.count}>{said.text}</p>
    </div>
  );
}
