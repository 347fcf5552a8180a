/** Slow mode: how long the viewer still waits. */
import type { ConversationInfo, ConversationState } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { useEffect, useState } from "react";
import { type Rights, slowUntil } from "../rights.ts";
import { useNow } from "./use-now.ts";

/** When the viewer's last message was sent or edited, in milliseconds since 1970; null if none is loaded. */
function lastOf(state: ConversationState | undefined): number | null {
  const last = state?.messages.findLast(
    ({ sender_id, type }) => sender_id === state.viewer_id && type !== "system",
  );
  return last ? Math.max(Date.parse(last.created_at), Date.parse(last.edited_at ?? last.created_at)) : null;
}

/** Whole seconds until the viewer may send again; 0 is now. */
export function useSlow(
  conversationId: string,
  conversation: ConversationInfo | null,
  rights: Rights,
): number {
  const client = useChatClient();
  const isSlow = slowUntil(conversation, rights, 0) > 0;
  const [last, setLast] = useState<number | null>(null);
  useEffect(() => {
    if (!isSlow) return undefined;
    const look = () => setLast(lastOf(client.conversations.get(conversationId)));
    look();
    return client.on("state", ({ conversation_id }) => conversation_id === conversationId && look());
  }, [client, conversationId, isSlow]);
  const until = slowUntil(conversation, rights, last);
  const now = useNow(until);
  return until > now ? Math.ceil((until - now) / 1_000) : 0;
}
