import { useChatClient } from "@rocket-chat-api/react";
import { type FormEvent, useState } from "react";
import { navigate } from "../../app/route.ts";
import { useT } from "../../i18n/i18n.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import fields from "../parts/fields.module.css";
import { FormButtons, NameField } from "../parts/form.tsx";
import { PictureField } from "../parts/PictureField.tsx";
import { isPicture } from "../parts/picture.ts";
import { TextArea } from "../parts/TextArea.tsx";
import { useAttempt } from "../use-attempt.ts";
import type { Details } from "./use-details.ts";

/** The longest name and description (docs/contract.md, rule 8). */
const MAX_NAME = 100;
const MAX_DESCRIPTION = 500;

/** Changes what a group is called, what it is about, and its picture. */
export function EditGroupPage({ details }: { details: Details }) {
  const t = useT();
  const client = useChatClient();
  const { isBusy, attempt } = useAttempt();
  const { conversationId: conversation_id, conversation } = details;
  const [name, setName] = useState(conversation.name ?? "");
  const [description, setDescription] = useState(conversation.description ?? "");
  const [picture, setPicture] = useState(conversation.photo_url ?? "");
  const [isTried, setTried] = useState(false);
  const back = () => navigate({ panel: "details" }, { replace: true });

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || !isPicture(picture)) return;
    // Only what was changed here, so that a change by another at the same time stays.
    const about = description.trim() === "" ? null : description.trim();
    const photo_url = picture === "" ? null : picture;
    const patch = {
      ...(name.trim() !== conversation.name && { name: name.trim() }),
      ...(about !== conversation.description && { description: about }),
      ...(photo_url !== conversation.photo_url && { photo_url }),
    };
    const isSame = Object.keys(patch).length === 0;
    if (isSame || (await attempt(() => client.rest.updateConversation({ conversation_id, ...patch }))))
      back();
  };
  return (
    <PanelFrame title={t("panels.edit_group")} page="edit" parent="details">
      <form className={fields.form} onSubmit={(event) => void save(event)} noValidate>
        <PictureField id={conversation_id} name={name} value={picture} onChange={setPicture} />
        <NameField value={name} maxLength={MAX_NAME} isTried={isTried} onChange={setName} />
        <TextArea
          label={t("panels.description")}
          value={description}
          maxLength={MAX_DESCRIPTION}
          onChange={setDescription}
        />
        <FormButtons isBusy={isBusy} onCancel={back} />
      </form>
    </PanelFrame>
  );
}
