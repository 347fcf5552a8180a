import type { ServerEvent } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { useEffect, useRef, useState } from "react";
import { useViewer } from "../../app/viewer.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { quoteText } from "./quote-text.ts";

/** Messages that come within this time are announced together, in milliseconds: a voice cannot follow 20 a second. */
const TOGETHER_MS = 1_000;

/** Says new messages of others to screen readers, when the voice has time. */
export function Announcer({ conversationId }: { conversationId: string }) {
  const client = useChatClient();
  const { userId } = useViewer();
  const t = useT();
  const [said, setSaid] = useState("");
  const waiting = useRef({ count: 0, newest: "" });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const say = () => {
      timer = undefined;
      const { count, newest } = waiting.current;
      waiting.current = { count: 0, newest: "" };
      setSaid(count === 1 ? newest : t("room.announce_many", { count, newest }));
    };
    const stop = client.on("event", (event: ServerEvent) => {
      if (event.type !== "message.new" || event.conversation_id !== conversationId) return;
      const { sender_id, sender, type } = event.data;
      if (sender_id === userId || type === "system") return;
      const newest = t("room.announce", { name: sender.display_name, text: quoteText(event.data, t) });
      waiting.current = { count: waiting.current.count + 1, newest };
      timer ??= setTimeout(say, TOGETHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, conversationId, userId, t]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {said}
    </p>
  );
}
