import { Smile } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { PARTS } from "../parts.ts";
import { useRoomUi } from "../room-ui.ts";

const EmojiPopover = lazy(PARTS.emoji);

/** Puts an emoji into the text. */
export function EmojiButton({ onChoose }: { onChoose: (emoji: string) => void }) {
  const t = useT();
  const ui = useRoomUi();
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const label = t("room.emoji.insert");
  return (
    <>
      <IconButton
        ref={button}
        label={label}
        icon={<Smile />}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
      />
      {isOpen && (
        <Suspense>
          <EmojiPopover
            label={label}
            trigger={button}
            onClose={() => setOpen(false)}
            onChoose={(emoji) => {
              onChoose(emoji);
              setOpen(false);
              ui.focusComposer();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
