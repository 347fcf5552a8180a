import type { Message } from "@rocket-chat-api/client";
import { useReactions } from "@rocket-chat-api/react";
import { useI18n } from "../../i18n/i18n.tsx";
import { numbers } from "../../i18n/plural.ts";
import { classes } from "../../ui/classes.ts";
import { Tooltip } from "../../ui/Tooltip.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import { useRights } from "../use-rights.ts";
import styles from "./Reactions.module.css";
import { useRowTab } from "./row-tab.ts";

/** The reactions below a message: a press adds the viewer's own, or takes it back. */
export function Reactions({ message }: { message: Message }) {
  const { t, language } = useI18n();
  const { reactions, toggle } = useReactions(message);
  const { canReact } = useRights();
  const tab = useRowTab();
  return (
    <ul className={styles.reactions} aria-label={t("room.reactions")}>
      {reactions.map(({ emoji, count, isMine, usernames }) => (
        <li key={emoji}>
          <Tooltip text={usernames.join(", ")}>
            <button
              type="button"
              className={classes(styles.reaction, isMine && styles.mine)}
              aria-pressed={isMine}
              aria-label={t("room.reaction", { emoji, count })}
              disabled={!canReact}
              tabIndex={tab}
              onClick={() =>
                void toggle(emoji).catch((error: unknown) => toast(errorText(error, t), { tone: "danger" }))
              }
            >
              <span className={styles.emoji}>{emoji}</span>
              <span>{numbers(language).format(count)}</span>
            </button>
          </Tooltip>
        </li>
      ))}
    </ul>
  );
}
