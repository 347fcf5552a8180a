import { useChatClient } from "@rocket-chat-api/react";
import { useState } from "react";
import { navigate } from "../../app/route.ts";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import styles from "./bars.module.css";

type Choice = "accept" | "decline" | "block";

/** In the place of the composer: a stranger has written, and the viewer decides. */
export function RequestBar() {
  const t = useT();
  const client = useChatClient();
  const { conversationId: conversation_id } = useRoomUi();
  const { other } = useRights();
  const [busy, setBusy] = useState<Choice | null>(null);
  const decide = async (choice: Choice) => {
    setBusy(choice);
    try {
      if (choice === "accept") await client.rest.acceptRequest({ conversation_id });
      else await client.rest.declineRequest({ conversation_id, block: choice === "block" });
      if (choice !== "accept") navigate({});
    } catch (error) {
      toast(errorText(error, t), { tone: "danger" });
      setBusy(null);
    }
  };
  const button = (choice: Choice, variant: "primary" | "plain" | "danger") => (
    <Button
      variant={variant}
      isBusy={busy === choice}
      disabled={busy !== null}
      onClick={() => void decide(choice)}
    >
      {t(`room.request.${choice}`)}
    </Button>
  );
  return (
    <section className={styles.request} aria-label={t("room.request.title")}>
      <p className={styles.title}>{t("room.request.question", { name: other?.display_name ?? "" })}</p>
      <p className={styles.hint}>{t("room.request.hint")}</p>
      <div className={styles.choices}>
        {button("block", "danger")}
        {button("decline", "plain")}
        {button("accept", "primary")}
      </div>
    </section>
  );
}
