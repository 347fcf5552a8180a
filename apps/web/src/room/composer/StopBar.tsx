import { useBlocks } from "@rocket-chat-api/react";
import { Ban, Lock, LogOut, MicOff, Snowflake } from "lucide-react";
import { useState } from "react";
import { dayName, timeOfDay } from "../../i18n/dates.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import type { WriteStop } from "../rights.ts";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import styles from "./bars.module.css";

const ICONS = {
  left: LogOut,
  banned: Ban,
  frozen: Snowflake,
  admins: Lock,
  blocked: Ban,
  blocked_here: Ban,
  not_accepted: Lock,
  muted: MicOff,
} as const;

/** In the place of the composer: why one cannot write, and what one can do about it. */
export function StopBar({ stop }: { stop: WriteStop }) {
  const { t, language } = useI18n();
  const ui = useRoomUi();
  const { other } = useRights();
  const { unblock } = useBlocks();
  const [isBusy, setBusy] = useState(false);
  const Icon = ICONS[stop.why];
  const name = other?.display_name ?? "";
  const end = (until: number) => {
    const date = new Date(until);
    return `${dayName(date, new Date(), language)}, ${timeOfDay(date, language)}`;
  };
  const text =
    stop.why === "muted" && stop.until !== null
      ? t("room.stop.muted_until", { time: end(stop.until) })
      : t(`room.stop.${stop.why}`, { name });
  const lift = async () => {
    if (!other) return;
    setBusy(true);
    await unblock(other.user_id).catch((error: unknown) => toast(errorText(error, t), { tone: "danger" }));
    setBusy(false);
  };
  return (
    <div className={styles.bar} role="status">
      <Icon aria-hidden="true" />
      <p className={styles.text}>{text}</p>
      {stop.why === "blocked_here" && (
        <Button size="s" isBusy={isBusy} onClick={() => void lift()}>
          {t("room.unblock")}
        </Button>
      )}
      {(stop.why === "blocked" || stop.why === "not_accepted") && (
        <Button size="s" onClick={() => ui.refused.set(null)}>
          {t("app.retry")}
        </Button>
      )}
    </div>
  );
}
