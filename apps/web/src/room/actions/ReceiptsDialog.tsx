import type { Message, Receipt } from "@rocket-chat-api/client";
import { useMembers, useReceipts } from "@rocket-chat-api/react";
import { Check, CheckCheck } from "lucide-react";
import { useMemo } from "react";
import { fullTime, shortTime, timeOfDay } from "../../i18n/dates.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import DialogShell from "../../ui/DialogShell.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { errorText } from "../error-text.ts";
import styles from "./dialogs.module.css";
import { useLoaded } from "./use-loaded.ts";

/** Who has read a message, who has got it, and when. */
export default function ReceiptsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useI18n();
  const { load, readBy } = useReceipts(message);
  const members = useMembers(message.conversation_id);
  // Asked for again when one more has read it while the dialog is open.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const ask = useMemo(() => () => load(), [load, readBy]);
  const { value, error } = useLoaded(ask);
  const receipts = value?.receipts ?? [];
  const nameOf = ({ user_id, username }: Receipt) =>
    members.find((member) => member.user_id === user_id)?.display_name ?? username;
  const groups = (["read", "delivered", "sent"] as const).map((status) => ({
    status,
    people: receipts.filter((receipt) => receipt.status === status),
  }));
  return (
    <DialogShell title={t("room.who_has_read")} isOpen onClose={onClose}>
      {error !== null && <p className={styles.text}>{errorText(error, t)}</p>}
      {value === null && error === null && <Spinner label={t("app.loading")} />}
      {groups
        .filter(({ people }) => people.length > 0)
        .map(({ status, people }) => (
          <section key={status} className={styles.group}>
            <h3 className={styles.heading}>
              {status === "sent" ? (
                <Check aria-hidden="true" />
              ) : (
                <CheckCheck aria-hidden="true" data-status={status} />
              )}
              {t(`room.receipts.${status}`, { count: people.length })}
            </h3>
            <ul>
              {people.map((receipt) => (
                <li key={receipt.user_id} className={styles.person}>
                  <Avatar id={receipt.user_id} name={nameOf(receipt)} size={32} />
                  <span className={styles.name} dir="auto">
                    {nameOf(receipt)}
                  </span>
                  <When receipt={receipt} />
                </li>
              ))}
            </ul>
          </section>
        ))}
    </DialogShell>
  );
}

function When({ receipt: { read_at, delivered_at } }: { receipt: Receipt }) {
  const { language } = useI18n();
  const at = read_at ?? delivered_at;
  if (at === null) return null;
  const date = new Date(at);
  const now = new Date();
  const day = shortTime(date, now, language);
  const time = timeOfDay(date, language);
  return (
    <time className={styles.when} dateTime={at} title={fullTime(date, language)}>
      {day === time ? time : `${day}, ${time}`}
    </time>
  );
}
