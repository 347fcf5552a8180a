import type { User } from "@rocket-chat-api/client";
import { Check, Search } from "lucide-react";
import { useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Avatar } from "../ui/Avatar.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { TextField } from "../ui/TextField.tsx";
import styles from "./PeopleSearch.module.css";
import { usePeople } from "./use-people.ts";

/** What {@link PeopleSearch} takes. */
export interface PeopleSearchProps {
  /** A person was chosen, or chosen again. */
  onChoose: (person: User) => void;
  /** Ids of those who are chosen, where several can be. */
  chosen?: ReadonlySet<string>;
  /** The one on whom something is waiting. */
  busyId?: string | null;
  /** Ids of those who are not offered, such as members. */
  without?: ReadonlySet<string>;
}

/** Finds people by their name. */
export function PeopleSearch({ onChoose, chosen, busyId = null, without }: PeopleSearchProps) {
  const t = useT();
  const [q, setQ] = useState("");
  const { people, isCurrent, error } = usePeople(q);
  const shown = people.filter(({ user_id }) => without?.has(user_id) !== true);
  const isShort = q.trim().length < 2;
  return (
    <div className={styles.search}>
      <TextField
        label={t("list.people")}
        isLabelHidden
        placeholder={t("list.people")}
        icon={<Search aria-hidden="true" />}
        value={q}
        onChange={setQ}
        autoFocus
        autoComplete="off"
        spellCheck={false}
        end={!isShort && !isCurrent ? <span className={styles.busy}>{<Spinner size={16} />}</span> : null}
      />
      <ul className={styles.people}>
        {shown.map((person) => (
          <li key={person.user_id}>
            <button
              type="button"
              className={styles.person}
              aria-pressed={chosen ? chosen.has(person.user_id) : undefined}
              disabled={busyId !== null}
              onClick={() => onChoose(person)}
            >
              <Avatar
                id={person.user_id}
                name={person.display_name}
                src={person.profile_photo_url}
                size={40}
                presence={person.is_online ? "online" : undefined}
              />
              <span className={styles.names}>
                <span dir="auto">{person.display_name}</span>
                <span className={styles.username} dir="ltr">
                  @{person.username}
                </span>
              </span>
              {busyId === person.user_id && <Spinner />}
              {chosen?.has(person.user_id) === true && <Check aria-hidden="true" />}
            </button>
          </li>
        ))}
      </ul>
      <p className={styles.note} role="status">
        {isShort && t("list.people_hint")}
        {!isShort &&
          isCurrent &&
          (error ? t("app.failed", { reason: error }) : shown.length === 0 && t("list.people_none"))}
      </p>
    </div>
  );
}
