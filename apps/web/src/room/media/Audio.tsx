import { Pause, Play } from "lucide-react";
import { type ChangeEvent, useRef, useState } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { useRowTab } from "../list/row-tab.ts";
import { clockText } from "./format.ts";
import type { MediaItem } from "./item.ts";
import styles from "./media.module.css";
import { useSource } from "./use-source.ts";

/** A sound: play, where it is, how long it takes. */
export function Audio({ item }: { item: MediaItem }) {
  const { t, language } = useI18n();
  const source = useSource(item);
  const tab = useRowTab();
  const player = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [whole, setWhole] = useState(item.duration ?? 0);
  const toggle = () => {
    const audio = player.current;
    if (!audio) return;
    if (audio.paused) void audio.play().catch(() => setPlaying(false));
    else audio.pause();
  };
  const seek = ({ target }: ChangeEvent<HTMLInputElement>) => {
    if (player.current) player.current.currentTime = Number(target.value);
    setAt(Number(target.value));
  };
  return (
    <div className={styles.audio}>
      <button
        type="button"
        className={styles.round}
        aria-label={t(isPlaying ? "room.pause" : "room.play_audio", { name: item.name })}
        disabled={!source}
        tabIndex={tab}
        onClick={toggle}
      >
        {isPlaying ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
      </button>
      <div className={styles.track}>
        <span className={styles.name} dir="auto">
          {item.name}
        </span>
        <input
          type="range"
          min={0}
          max={whole || 1}
          step="any"
          value={at}
          aria-label={t("room.position")}
          aria-valuetext={clockText(at, language)}
          tabIndex={tab}
          onChange={seek}
        />
        <span className={styles.size}>{clockText(isPlaying || at > 0 ? at : whole, language)}</span>
      </div>
      {/* biome-ignore lint/a11y/useMediaCaption: what people record has no captions. */}
      <audio
        ref={player}
        src={source}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onTimeUpdate={({ currentTarget }) => setAt(currentTarget.currentTime)}
        onLoadedMetadata={({ currentTarget: { duration } }) =>
          Number.isFinite(duration) && setWhole(duration)
        }
      />
    </div>
  );
}
