/** What the forms of panels share: the field of a name, and the buttons at the end. */
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/TextField.tsx";
import fields from "./fields.module.css";

/** What {@link NameField} takes. */
export interface NameFieldProps {
  value: string;
  maxLength: number;
  /** Whether the form has been sent: only then does it say that the name is missing. */
  isTried: boolean;
  autoComplete?: string;
  onChange: (value: string) => void;
}

/** A name that must not be empty. */
export function NameField({ isTried, ...props }: NameFieldProps) {
  const t = useT();
  const isMissing = isTried && props.value.trim() === "";
  return (
    <TextField
      label={t("panels.name")}
      dir="auto"
      error={isMissing ? t("panels.name_missing") : undefined}
      {...props}
    />
  );
}

/** Gives up what was written, or saves it. */
export function FormButtons({ isBusy, onCancel }: { isBusy: boolean; onCancel: () => void }) {
  const t = useT();
  return (
    <div className={fields.buttons}>
      <Button onClick={onCancel}>{t("app.cancel")}</Button>
      <Button type="submit" variant="primary" isBusy={isBusy}>
        {t("app.save")}
      </Button>
    </div>
  );
}
