import type { Me } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { type FormEvent, useState } from "react";
import { useMe } from "../../app/me.tsx";
import { navigate } from "../../app/route.ts";
import { useT } from "../../i18n/i18n.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import fields from "../parts/fields.module.css";
import { FormButtons, NameField } from "../parts/form.tsx";
import { LoadState } from "../parts/LoadState.tsx";
import { PictureField } from "../parts/PictureField.tsx";
import { isPicture } from "../parts/picture.ts";
import { useAttempt } from "../use-attempt.ts";

/** The longest name (docs/contract.md, rule 2). */
const MAX_NAME = 100;
const back = () => navigate({ panel: "settings" }, { replace: true });

/** Changes how others see the viewer. */
export function ProfilePage() {
  const t = useT();
  const { me } = useMe();
  return (
    <PanelFrame title={t("panels.profile")} page="profile" parent="settings">
      {me ? <ProfileForm me={me} /> : <LoadState error={null} onRetry={back} />}
    </PanelFrame>
  );
}

function ProfileForm({ me }: { me: Me }) {
  const t = useT();
  const client = useChatClient();
  const { setMe } = useMe();
  const { isBusy, attempt } = useAttempt();
  const [name, setName] = useState(me.display_name);
  const [picture, setPicture] = useState(me.profile_photo_url ?? "");
  const [isTried, setTried] = useState(false);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || !isPicture(picture)) return;
    const profile_photo_url = picture === "" ? null : picture;
    const patch = {
      ...(name.trim() !== me.display_name && { display_name: name.trim() }),
      ...(profile_photo_url !== me.profile_photo_url && { profile_photo_url }),
    };
    if (Object.keys(patch).length === 0) return back();
    if (await attempt(async () => setMe(await client.rest.updateMe(patch)))) back();
  };
  return (
    <form className={fields.form} onSubmit={(event) => void save(event)} noValidate>
      <PictureField id={me.user_id} name={name} value={picture} onChange={setPicture} />
      <NameField value={name} maxLength={MAX_NAME} isTried={isTried} autoComplete="name" onChange={setName} />
      <TextField
        label={t("panels.username")}
        hint={t("panels.username_hint")}
        value={me.username}
        readOnly
        dir="ltr"
        onChange={() => undefined}
      />
      <FormButtons isBusy={isBusy} onCancel={back} />
    </form>
  );
}
