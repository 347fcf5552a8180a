import type { User } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { useState } from "react";
import { navigate } from "../app/route.ts";
import { useT } from "../i18n/i18n.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { toast } from "../ui/toasts.ts";
import { PeopleSearch } from "./PeopleSearch.tsx";

/** Finds a person, and opens the one direct chat with them. */
export function NewChatDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useChatClient();
  const [busyId, setBusyId] = useState<string | null>(null);
  const open = async ({ user_id }: User) => {
    setBusyId(user_id);
    try {
      const { conversation_id } = await client.rest.createDirect(user_id);
      // It is in the list before its room opens.
      await client.refresh(conversation_id);
      onClose();
      navigate({ conversationId: conversation_id });
    } catch (error) {
      setBusyId(null);
      toast(t("app.failed", { reason: error instanceof Error ? error.message : String(error) }), {
        tone: "danger",
      });
    }
  };
  return (
    <Dialog title={t("list.new_chat")} isOpen onClose={onClose}>
      <PeopleSearch onChoose={(person) => void open(person)} busyId={busyId} />
    </Dialog>
  );
}
