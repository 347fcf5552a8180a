import data from "virtual:emoji";
import {
  EmojiPicker,
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
} from "frimousse";
import { useT } from "../../i18n/i18n.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import styles from "./EmojiPanel.module.css";

const COLUMNS = 8;

function CategoryHeader({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div {...props} className={styles.category}>
      {category.label}
    </div>
  );
}

function Row({ children, ...props }: EmojiPickerListRowProps) {
  return (
    <div {...props} className={styles.row}>
      {children}
    </div>
  );
}

function Emoji({ emoji, ...props }: EmojiPickerListEmojiProps) {
  return (
    <button {...props} type="button" className={styles.emoji} data-active={emoji.isActive || undefined}>
      {emoji.emoji}
    </button>
  );
}

const PARTS = { CategoryHeader, Row, Emoji };

/** All emoji, with a search. Arrow keys move, Enter chooses. */
export default function EmojiPanel({ onChoose }: { onChoose: (emoji: string) => void }) {
  const t = useT();
  return (
    <EmojiPicker.Root
      className={styles.root}
      columns={COLUMNS}
      // The page's policy loads nothing from elsewhere.
      resolveEmojiData={() => data}
      onEmojiSelect={({ emoji }) => onChoose(emoji)}
    >
      <EmojiPicker.Search
        className={styles.search}
        aria-label={t("room.emoji.search")}
        placeholder={t("room.emoji.search")}
        autoFocus
      />
      <EmojiPicker.Viewport className={styles.viewport} tabIndex={-1}>
        <EmojiPicker.Loading className={styles.note}>
          <Spinner label={t("app.loading")} />
        </EmojiPicker.Loading>
        <EmojiPicker.Empty className={styles.note}>{t("room.emoji.none")}</EmojiPicker.Empty>
        <EmojiPicker.List className={styles.list} components={PARTS} />
      </EmojiPicker.Viewport>
      <div className={styles.foot}>
        <EmojiPicker.ActiveEmoji>
          {({ emoji }) =>
            emoji ? (
              <span className={styles.active}>
                <span className={styles.shown}>{emoji.emoji}</span>
                <span className={styles.label}>{emoji.label}</span>
              </span>
            ) : (
              <span className={styles.active}>{t("room.emoji.choose")}</span>
            )
          }
        </EmojiPicker.ActiveEmoji>
        <EmojiPicker.SkinToneSelector className={styles.tone} aria-label={t("room.emoji.tone")} />
      </div>
    </EmojiPicker.Root>
  );
}
