import type { Message } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { useCallback } from "react";
import { fullTime } from "../../i18n/dates.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import DialogShell from "../../ui/DialogShell.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { errorText } from "../error-text.ts";
import styles from "./dialogs.module.css";
import { useLoaded } from "./use-loaded.ts";

/** What a message has said over time, the newest first. */
export default function EditsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t, language } = useI18n();
  const client = useChatClient();
  const { message_id } = message;
  const load = useCallback(() => client.rest.listMessageEdits({ message_id }), [client, message_id]);
  const { value, error } = useLoaded(load);
  return (
    <DialogShell title={t("room.versions")} isOpen onClose={onClose}>
      {error !== null && <p className={styles.text}>{errorText(error, t)}</p>}
      {value === null && error === null && <Spinner label={t("app.loading")} />}
      <ol className={styles.versions} reversed>
        {[...(value?.edits ?? [])].reverse().map(({ version, content, created_at }) => (
          <li key={version} className={styles.version}>
            <time className={styles.when} dateTime={created_at}>
              {fullTime(new Date(created_at), language)}
            </time>
            <p dir="auto">{content}</p>
          </li>
        ))}
      </ol>
    </DialogShell>
  );
}
