import { AtSign } from "lucide-react";
import { useT } from "../../i18n/i18n.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import styles from "./MentionList.module.css";
import type { Candidate } from "./mentions.ts";

/** What {@link MentionList} takes. */
export interface MentionListProps {
  id: string;
  candidates: readonly Candidate[];
  active: number;
  onChoose: (candidate: Candidate) => void;
}

/** The id of an option, for `aria-activedescendant`. */
export function optionId(id: string, index: number): string {
  return `${id}-${index}`;
}

/** Who can be mentioned. The focus stays in the text. */
export function MentionList({ id, candidates, active, onChoose }: MentionListProps) {
  const t = useT();
  return (
    <div id={id} role="listbox" className={styles.list} aria-label={t("room.mention_list")} tabIndex={-1}>
      {candidates.map((candidate, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text.
        <div
          key={candidate.username}
          id={optionId(id, index)}
          role="option"
          className={styles.option}
          aria-selected={index === active}
          // A press must not take the focus from the text.
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(candidate);
          }}
        >
          {candidate.member ? (
            <Avatar
              id={candidate.member.user_id}
              name={candidate.name}
              src={candidate.member.profile_photo_url}
              size={32}
            />
          ) : (
            <AtSign className={styles.all} aria-hidden="true" />
          )}
          <span className={styles.name} dir="auto">
            {candidate.name}
          </span>
          <span className={styles.username} dir="ltr">
            @{candidate.username}
          </span>
        </div>
      ))}
    </div>
  );
}
