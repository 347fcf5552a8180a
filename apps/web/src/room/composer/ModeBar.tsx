import { CornerUpLeft, Pencil, X } from "lucide-react";
import { useT } from "../../i18n/i18n.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { useCell } from "../cell.ts";
import { quoteText } from "../list/quote-text.ts";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import styles from "./ModeBar.module.css";

/** Above the text: which message is answered or edited. */
export function ModeBar() {
  const t = useT();
  const ui = useRoomUi();
  const { viewerId } = useRights();
  const mode = useCell(ui.mode);
  if (mode.kind === "new") return null;
  const { message } = mode;
  const name = message.sender_id === viewerId ? t("room.yourself") : message.sender.display_name;
  const label = mode.kind === "edit" ? t("room.editing") : t("room.replying_to", { name });
  return (
    <div className={styles.bar}>
      {mode.kind === "edit" ? (
        <Pencil aria-hidden="true" />
      ) : (
        <CornerUpLeft aria-hidden="true" data-mirrored />
      )}
      <button type="button" className={styles.about} onClick={() => ui.jump(message.message_id)}>
        <span className={styles.label} dir="auto">
          {label}
        </span>
        <span className={styles.text} dir="auto">
          {quoteText(message, t)}
        </span>
      </button>
      <IconButton
        size="s"
        label={t(mode.kind === "edit" ? "room.stop_editing" : "room.stop_replying")}
        icon={<X />}
        onClick={() => {
          ui.resetMode();
          ui.focusComposer();
        }}
      />
    </div>
  );
}
