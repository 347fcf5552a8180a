import type { Message } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import DialogShell from "../../ui/DialogShell.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import { canDeleteForEveryone } from "../rights.ts";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import styles from "./dialogs.module.css";

/** Asks before a message is deleted, and for whom. */
export default function DeleteDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const t = useT();
  const ui = useRoomUi();
  const client = useChatClient();
  const rights = useRights();
  const [busy, setBusy] = useState<"me" | "everyone" | null>(null);
  const { message_id } = message;
  const remove = async (whom: "me" | "everyone") => {
    setBusy(whom);
    try {
      await client.rest.deleteMessage({ message_id, delete_for_everyone: whom === "everyone" });
      onClose();
      ui.focusComposer();
    } catch (error) {
      toast(errorText(error, t), { tone: "danger" });
      setBusy(null);
    }
  };
  return (
    <DialogShell title={t("room.delete_question")} isOpen role="alertdialog" onClose={onClose}>
      <p className={styles.text}>{t("room.delete_hint")}</p>
      <div className={styles.choices}>
        {canDeleteForEveryone(rights, message) && (
          <Button
            variant="danger"
            isBusy={busy === "everyone"}
            disabled={busy !== null}
            onClick={() => void remove("everyone")}
          >
            {t("room.delete_everyone")}
          </Button>
        )}
        <Button isBusy={busy === "me"} disabled={busy !== null} onClick={() => void remove("me")}>
          {t("room.delete_me")}
        </Button>
        <Button variant="quiet" onClick={onClose}>
          {t("app.cancel")}
        </Button>
      </div>
    </DialogShell>
  );
}
