import type { User } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { PeopleSearch } from "../../new/PeopleSearch.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { errorText, usersOf } from "../error-text.ts";
import parts from "../parts/parts.module.css";
import styles from "./details.module.css";
import type { Details } from "./use-details.ts";

/** Finds people, and adds them to a group. */
export function AddPeopleDialog({ details, onClose }: { details: Details; onClose: () => void }) {
  const { t, language } = useI18n();
  const client = useChatClient();
  const [chosen, setChosen] = useState<readonly User[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { conversationId: conversation_id, members, title } = details;
  const without = useMemo(() => new Set(members.map(({ user_id }) => user_id)), [members]);
  const { length: count } = chosen;

  const toggle = (person: User) => {
    setError(null);
    setChosen((known) => {
      const others = known.filter(({ user_id }) => user_id !== person.user_id);
      return others.length < known.length ? others : [...known, person];
    });
  };
  const explain = (thrown: unknown) => {
    const refused = new Set(usersOf(thrown));
    const names = chosen
      .filter(({ user_id }) => refused.has(user_id))
      .map(({ display_name }) => display_name);
    if (names.length === 0) return errorText(thrown, t);
    return t("panels.add_refused", { names: new Intl.ListFormat(language).format(names) });
  };
  const add = async () => {
    setBusy(true);
    try {
      const user_ids = chosen.map(({ user_id }) => user_id);
      await client.rest.addParticipants({ conversation_id, user_ids });
      onClose();
    } catch (thrown) {
      setBusy(false);
      setError(explain(thrown));
    }
  };
  return (
    <Dialog
      title={t("panels.add_title", { name: title })}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button variant="primary" isBusy={isBusy} disabled={count === 0} onClick={() => void add()}>
            {count === 0 ? t("panels.add_people") : t("panels.add", { count })}
          </Button>
        </>
      }
    >
      {error && (
        <p className={parts.failure} role="alert">
          {error}
        </p>
      )}
      {count > 0 && (
        <ul className={styles.chosen}>
          {chosen.map((person) => (
            <li key={person.user_id}>
              <button type="button" className={styles.chip} onClick={() => toggle(person)}>
                <Avatar
                  id={person.user_id}
                  name={person.display_name}
                  src={person.profile_photo_url}
                  size={24}
                />
                <bdi aria-hidden="true">{person.display_name}</bdi>
                <span className="visually-hidden">
                  {t("list.remove_person", { name: person.display_name })}
                </span>
                <X aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <PeopleSearch
        onChoose={toggle}
        chosen={new Set(chosen.map(({ user_id }) => user_id))}
        without={without}
      />
    </Dialog>
  );
}
