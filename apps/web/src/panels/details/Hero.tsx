import type { ReactNode } from "react";
import { Avatar } from "../../ui/Avatar.tsx";
import styles from "./details.module.css";

/** What {@link Hero} takes. */
export interface HeroProps {
  id: string;
  name: string;
  photoUrl: string | null;
  /** Below the name. */
  about: ReactNode;
  /** Beside the name. */
  badge?: ReactNode;
}

/** Who or what it is: a large picture and the name. */
export function Hero({ id, name, photoUrl, about, badge }: HeroProps) {
  return (
    <div className={styles.hero}>
      <Avatar id={id} name={name} src={photoUrl} size={96} />
      <p className={styles.name}>
        <bdi>{name}</bdi>
        {badge}
      </p>
      <div className={styles.about}>{about}</div>
    </div>
  );
}
