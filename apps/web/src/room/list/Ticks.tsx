import type { Message } from "@rocket-chat-api/client";
import { type ShownMessage, useReceipts } from "@rocket-chat-api/react";
import { Check, CheckCheck, CircleAlert, Clock3 } from "lucide-react";
import { useT } from "../../i18n/i18n.tsx";
import styles from "./Ticks.module.css";

/** How far the viewer's own message has come: on its way, sent, delivered, read, or failed. */
export function Ticks({ shown: { message, outgoing } }: { shown: ShownMessage }) {
  const t = useT();
  if (outgoing?.state === "failed") {
    return <CircleAlert className={styles.failed} role="img" aria-label={t("room.tick.failed")} />;
  }
  if (outgoing && outgoing.state !== "sent") {
    return <Clock3 className={styles.tick} role="img" aria-label={t("room.tick.sending")} />;
  }
  return <Received message={message} />;
}

function Received({ message }: { message: Message }) {
  const t = useT();
  const { status } = useReceipts(message);
  const Icon = status === "sent" ? Check : CheckCheck;
  return (
    <Icon
      className={status === "read" ? styles.read : styles.tick}
      role="img"
      aria-label={t(`room.tick.${status}`)}
    />
  );
}
