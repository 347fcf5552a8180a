import { Trash2 } from "lucide-react";
import { useT } from "../../i18n/i18n.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/TextField.tsx";
import fields from "./fields.module.css";
import { isPicture } from "./picture.ts";

/** What {@link PictureField} takes. */
export interface PictureFieldProps {
  id: string;
  name: string;
  /** The address; empty is none. */
  value: string;
  onChange: (address: string) => void;
}

/** A picture by its address, as the API takes it, shown while one types. */
export function PictureField({ id, name, value, onChange }: PictureFieldProps) {
  const t = useT();
  return (
    <div className={fields.picture}>
      <div className={fields.pictureShown}>
        <Avatar id={id} name={name} src={isPicture(value) && value !== "" ? value : null} size={96} />
        {value !== "" && (
          <Button size="s" icon={<Trash2 />} onClick={() => onChange("")}>
            {t("panels.picture_remove")}
          </Button>
        )}
      </div>
      <TextField
        label={t("panels.picture")}
        hint={t("panels.picture_hint")}
        error={isPicture(value) ? undefined : t("panels.picture_wrong")}
        type="url"
        inputMode="url"
        placeholder="https://"
        dir="ltr"
        value={value}
        onChange={(address) => onChange(address.trim())}
      />
    </div>
  );
}
