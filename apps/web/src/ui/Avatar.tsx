import { useState } from "react";
import styles from "./Avatar.module.css";
import { classes } from "./classes.ts";

/** Colours of avatars without a picture. The style sheet has as many. */
const COLOURS = 8;

/** A colour that stays the same for an id. */
export function colourOf(id: string): number {
  // FNV-1a, 32 bits.
  let hash = 0x811c9dc5;
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash % COLOURS;
}

/** The first letters of up to two words. A letter may be more than one character, as in Arabic or emoji. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).slice(0, 2);
  const first = (word: string) => [...new Intl.Segmenter().segment(word)][0]?.segment ?? "";
  return words.map(first).join("").toLocaleUpperCase();
}

/** What {@link Avatar} takes. */
export interface AvatarProps {
  /** Of the person or the conversation: decides the colour. */
  id: string;
  name: string;
  src?: string | null | undefined;
  size?: 24 | 32 | 40 | 48 | 72 | 96;
  presence?: "online" | "away" | "offline" | undefined;
}

/** A picture of a person or group, or else their initials. The name stands beside it, so it is decoration. */
export function Avatar({ id, name, src, size = 48, presence }: AvatarProps) {
  const [failed, setFailed] = useState<string | null>(null);
  const shows = src && src !== failed ? src : null;
  return (
    <span className={classes(styles.avatar, styles[`size${size}`])} aria-hidden="true">
      {shows ? (
        <img className={styles.face} src={shows} alt="" onError={() => setFailed(shows)} />
      ) : (
        <span className={classes(styles.face, styles[`colour${colourOf(id)}`])}>{initialsOf(name)}</span>
      )}
      {presence && presence !== "offline" && <span className={classes(styles.dot, styles[presence])} />}
    </span>
  );
}
