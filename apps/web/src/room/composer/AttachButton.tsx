import { Paperclip } from "lucide-react";
import { useRef } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { IconButton } from "../../ui/IconButton.tsx";

/** Chooses files. */
export function AttachButton({
  onFiles,
  isDisabled,
}: {
  onFiles: (files: readonly File[]) => void;
  isDisabled: boolean;
}) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton
        label={t("room.attach")}
        icon={<Paperclip />}
        disabled={isDisabled}
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          // The same file can be chosen again.
          target.value = "";
        }}
      />
    </>
  );
}
