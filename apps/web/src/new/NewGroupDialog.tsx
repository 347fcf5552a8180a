import type { User } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { Users, X } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { navigate } from "../app/route.ts";
import { useT } from "../i18n/i18n.tsx";
import { Avatar } from "../ui/Avatar.tsx";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { TextField } from "../ui/TextField.tsx";
import { toast } from "../ui/toasts.ts";
import styles from "./NewGroupDialog.module.css";
import { PeopleSearch } from "./PeopleSearch.tsx";

/** The longest name of a group (docs/contract.md, rule 8). */
const MAX_NAME = 100;

function isPhoto(address: string): boolean {
  return address === "" || (URL.canParse(address) && new URL(address).protocol === "https:");
}

/** Makes a group: its name, its picture, and who is in it. */
export function NewGroupDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useChatClient();
  const form = useId();
  const [name, setName] = useState("");
  const [photo, setPhoto] = useState("");
  const [members, setMembers] = useState<readonly User[]>([]);
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);

  const toggle = (person: User) =>
    setMembers((known) => {
      const others = known.filter(({ user_id }) => user_id !== person.user_id);
      return others.length < known.length ? others : [...known, person];
    });
  const create = async () => {
    setBusy(true);
    try {
      const participant_ids = members.map(({ user_id }) => user_id);
      const { conversation_id } = await client.rest.createGroup({ name: name.trim(), participant_ids });
      if (photo !== "") await client.rest.updateConversation({ conversation_id, photo_url: photo });
      await client.refresh(conversation_id);
      onClose();
      navigate({ conversationId: conversation_id });
    } catch (error) {
      setBusy(false);
      toast(t("app.failed", { reason: error instanceof Error ? error.message : String(error) }), {
        tone: "danger",
      });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() !== "" && isPhoto(photo)) void create();
  };
  const { length: count } = members;
  return (
    <Dialog
      title={t("list.new_group")}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" form={form} variant="primary" isBusy={isBusy}>
            {count === 0 ? t("list.group_create_alone") : t("list.group_create", { count })}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.head}>
          {name.trim() === "" && (photo === "" || !isPhoto(photo)) ? (
            <span className={styles.face} aria-hidden="true">
              <Users />
            </span>
          ) : (
            <Avatar id="new-group" name={name} src={isPhoto(photo) ? photo : null} size={72} />
          )}
          <TextField
            className={styles.name ?? ""}
            label={t("list.group_name")}
            value={name}
            maxLength={MAX_NAME}
            onChange={setName}
            autoFocus
            error={isTried && name.trim() === "" ? t("list.group_name_missing") : undefined}
          />
        </div>
        <TextField
          label={t("list.group_photo")}
          hint={t("list.group_photo_hint")}
          type="url"
          inputMode="url"
          placeholder="https://"
          dir="ltr"
          value={photo}
          onChange={(value) => setPhoto(value.trim())}
          error={isTried && !isPhoto(photo) ? t("list.group_photo_wrong") : undefined}
        />
      </form>
      <h3 className={styles.heading}>{t("list.group_members")}</h3>
      {count > 0 && <Chosen members={members} onRemove={toggle} />}
      <PeopleSearch onChoose={toggle} chosen={new Set(members.map(({ user_id }) => user_id))} />
    </Dialog>
  );
}

/** Those who are going to be in it. */
function Chosen({ members, onRemove }: { members: readonly User[]; onRemove: (person: User) => void }) {
  const t = useT();
  return (
    <ul className={styles.chosen}>
      {members.map((person) => (
        <li key={person.user_id}>
          <button type="button" className={styles.chip} onClick={() => onRemove(person)}>
            <Avatar id={person.user_id} name={person.display_name} src={person.profile_photo_url} size={24} />
            <span aria-hidden="true" dir="auto">
              {person.display_name}
            </span>
            <span className="visually-hidden">{t("list.remove_person", { name: person.display_name })}</span>
            <X aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
