import { ImageOff } from "lucide-react";
import { useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { classes } from "../../ui/classes.ts";
import { useRowTab } from "../list/row-tab.ts";
import { useRoomUi } from "../room-ui.ts";
import { boxOf } from "./box.ts";
import type { MediaItem } from "./item.ts";
import styles from "./media.module.css";
import { placeholderUrl } from "./placeholder.ts";
import { useSource } from "./use-source.ts";

/** A picture in its right shape from the start. A press shows it whole. */
export function Picture({ item, isTile }: { item: MediaItem; isTile: boolean }) {
  const t = useT();
  const ui = useRoomUi();
  const tab = useRowTab();
  const source = useSource(item);
  const [state, setState] = useState<"loading" | "loaded" | "failed">("loading");
  const { width, height } = boxOf(item.width, item.height);
  const blurred = placeholderUrl(item.placeholder);
  const { attachmentId } = item;
  return (
    <button
      type="button"
      className={classes(styles.frame, isTile && styles.tile)}
      style={
        isTile ? undefined : { inlineSize: `min(${width}px, 72vw)`, aspectRatio: `${width} / ${height}` }
      }
      aria-label={t("room.open_picture", { name: item.name })}
      disabled={attachmentId === null}
      tabIndex={tab}
      onClick={() => attachmentId && ui.overlay.set({ kind: "viewer", attachmentId })}
    >
      {blurred && state !== "loaded" && <img className={styles.fill} src={blurred} alt="" />}
      {source && state !== "failed" && (
        <img
          className={classes(styles.fill, state === "loading" && styles.hidden)}
          src={source}
          alt=""
          decoding="async"
          onLoad={() => setState("loaded")}
          onError={() => setState("failed")}
        />
      )}
      {state === "failed" && (
        <span className={styles.failed}>
          <ImageOff aria-hidden="true" />
          {t("room.media_failed")}
        </span>
      )}
    </button>
  );
}
