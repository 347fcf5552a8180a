import { type ShownMessage, useSend } from "@rocket-chat-api/react";
import { useT } from "../../i18n/i18n.tsx";
import { errorText } from "../error-text.ts";
import styles from "./Failure.module.css";
import { useRowTab } from "./row-tab.ts";

/** Below a message that was not sent: why, and what one can do. */
export function Failure({ shown }: { shown: ShownMessage }) {
  const t = useT();
  const tab = useRowTab();
  const { retry, cancel } = useSend(shown.message.conversation_id);
  const { outgoing, key } = shown;
  if (outgoing?.state !== "failed") return null;
  return (
    <p className={styles.failure}>
      <span>{errorText(outgoing.error, t)}</span>
      <button type="button" className={styles.action} tabIndex={tab} onClick={() => retry(key)}>
        {t("app.retry")}
      </button>
      <button type="button" className={styles.action} tabIndex={tab} onClick={() => cancel(key)}>
        {t("room.delete_unsent")}
      </button>
    </p>
  );
}
