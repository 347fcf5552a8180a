import { Play } from "lucide-react";
import { useState } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { classes } from "../../ui/classes.ts";
import { useRowTab } from "../list/row-tab.ts";
import { useRoomUi } from "../room-ui.ts";
import { boxOf } from "./box.ts";
import { clockText } from "./format.ts";
import type { MediaItem } from "./item.ts";
import styles from "./media.module.css";
import { placeholderUrl } from "./placeholder.ts";
import { useSource } from "./use-source.ts";

/** A video: its poster and duration, and a press plays it in its place. A tile of several opens in full view. */
export function Video({ item, isTile }: { item: MediaItem; isTile: boolean }) {
  const { t, language } = useI18n();
  const ui = useRoomUi();
  const tab = useRowTab();
  const source = useSource(item);
  const [isPlaying, setPlaying] = useState(false);
  const { width, height } = boxOf(item.width, item.height);
  const shape = isTile
    ? undefined
    : { inlineSize: `min(${width}px, 72vw)`, aspectRatio: `${width} / ${height}` };
  const poster = placeholderUrl(item.placeholder);
  const { attachmentId, duration } = item;
  if (isPlaying && source) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what people film has no captions.
      <video
        className={styles.frame}
        style={shape}
        src={source}
        poster={poster}
        controls
        autoPlay
        playsInline
      />
    );
  }
  return (
    <button
      type="button"
      className={classes(styles.frame, isTile && styles.tile)}
      style={shape}
      aria-label={t("room.play_video", { name: item.name })}
      disabled={!source || attachmentId === null}
      tabIndex={tab}
      onClick={() =>
        isTile && attachmentId ? ui.overlay.set({ kind: "viewer", attachmentId }) : setPlaying(true)
      }
    >
      {poster && <img className={styles.fill} src={poster} alt="" />}
      {/* The first picture of the video. `#t` makes Safari show it. */}
      {source && (
        <video
          className={styles.fill}
          src={`${source}#t=0.1`}
          preload="metadata"
          muted
          playsInline
          tabIndex={-1}
        />
      )}
      <span className={styles.play}>
        <Play aria-hidden="true" />
      </span>
      {duration !== undefined && <span className={styles.duration}>{clockText(duration, language)}</span>}
    </button>
  );
}
