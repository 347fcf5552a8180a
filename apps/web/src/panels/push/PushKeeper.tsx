import { useChatClient } from "@rocket-chat-api/react";
import { useEffect } from "react";
import { useRoute } from "../../app/route.ts";
import { pushOf, resume } from "./pushes.ts";

/** Keeps push going in a browser that has it: the address, and which conversation is on the screen. */
export default function PushKeeper() {
  const client = useChatClient();
  const { conversationId } = useRoute();
  useEffect(() => {
    // What fails here is tried again with the next start; the settings say what is wrong.
    void resume(pushOf(client)).catch(() => undefined);
  }, [client]);
  useEffect(() => pushOf(client).setConversation(conversationId), [client, conversationId]);
  return null;
}
