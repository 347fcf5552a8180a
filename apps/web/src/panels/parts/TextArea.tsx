import { type TextareaHTMLAttributes, useId } from "react";
import fields from "./fields.module.css";

/** What {@link TextArea} takes, beside what every text area has. */
export interface TextAreaProps extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange"> {
  label: string;
  hint?: string;
  onChange: (value: string) => void;
}

/** Several lines of text with their label. */
export function TextArea({ label, hint, onChange, ...props }: TextAreaProps) {
  const id = useId();
  return (
    <div className={fields.area}>
      <label htmlFor={id} className={fields.areaLabel}>
        {label}
      </label>
      <textarea
        rows={3}
        dir="auto"
        {...props}
        id={id}
        className={fields.textarea}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint && (
        <p id={`${id}-hint`} className={fields.areaHint}>
          {hint}
        </p>
      )}
    </div>
  );
}
