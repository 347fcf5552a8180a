import type { ListItem } from "@rocket-chat-api/client/list";
import { useChatClient } from "@rocket-chat-api/react";
import { useState } from "react";
import { navigate, useRoute } from "../app/route.ts";
import { useT } from "../i18n/i18n.tsx";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { toast } from "../ui/toasts.ts";

/** Asks before a chat is deleted or a group is left. @param item null is nothing to ask. */
export function DeleteDialog({ item, onClose }: { item: ListItem | null; onClose: () => void }) {
  const t = useT();
  const client = useChatClient();
  const { conversationId } = useRoute();
  const [isBusy, setBusy] = useState(false);
  if (!item) return null;
  const kind = item.type === "group" ? "group" : "direct";
  const { conversation_id } = item;
  const title = item.title || t("list.untitled");

  const leave = async () => {
    setBusy(true);
    try {
      await client.rest.leaveConversation({ conversation_id });
      if (conversationId === conversation_id) navigate({}, { replace: true });
    } catch (error) {
      toast(t("app.failed", { reason: error instanceof Error ? error.message : String(error) }), {
        tone: "danger",
      });
    }
    setBusy(false);
    onClose();
  };
  return (
    <Dialog
      role="alertdialog"
      title={t(`list.delete_${kind}_question`, { title })}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button variant="danger" isBusy={isBusy} onClick={() => void leave()}>
            {t(`list.delete_${kind}`)}
          </Button>
        </>
      }
    >
      <p>{t(`list.delete_${kind}_hint`, { title })}</p>
    </Dialog>
  );
}
