import type { ReactNode } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { Avatar, type AvatarProps } from "../../ui/Avatar.tsx";
import styles from "./parts.module.css";

/** What {@link Person} takes. */
export interface PersonProps {
  person: { user_id: string; display_name: string; profile_photo_url: string | null };
  presence?: AvatarProps["presence"];
  /** Below the name. */
  about?: ReactNode;
  /** Beside the name, such as a role. */
  tag?: string | undefined;
  isViewer?: boolean;
  /** Buttons at the end of the line. */
  end?: ReactNode;
}

/** A line with a person. */
export function Person({ person, presence, about, tag, isViewer = false, end }: PersonProps) {
  const t = useT();
  const { user_id, display_name, profile_photo_url } = person;
  return (
    <li className={styles.person}>
      <Avatar id={user_id} name={display_name} src={profile_photo_url} size={40} presence={presence} />
      <span className={styles.texts}>
        <span className={styles.name}>
          <bdi className={styles.clipped}>{display_name}</bdi>
          {isViewer && <span className={styles.you}>{t("panels.you")}</span>}
        </span>
        {about && <span className={styles.rowHint}>{about}</span>}
      </span>
      {tag && <span className={styles.tag}>{tag}</span>}
      {end}
    </li>
  );
}
