import { lazy, Suspense, useRef } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { useCell } from "../cell.ts";
import { PARTS } from "../parts.ts";
import { type Overlay, useRoomUi } from "../room-ui.ts";
import { useReact } from "./use-react.ts";

const MessageMenu = lazy(PARTS.menu);
const EmojiPopover = lazy(PARTS.emoji);
const DeleteDialog = lazy(PARTS.delete);
const ReceiptsDialog = lazy(PARTS.receipts);
const EditsDialog = lazy(PARTS.edits);
const MediaViewer = lazy(PARTS.viewer);

/** What lies over the room: one thing at a time, each loaded when it is first opened. */
export function Overlays() {
  const ui = useRoomUi();
  const open = useCell(ui.overlay);
  return <Suspense>{open && <Shown open={open} onClose={ui.closeOverlay} />}</Suspense>;
}

function Shown({ open, onClose }: { open: Overlay; onClose: () => void }) {
  switch (open.kind) {
    case "menu":
      return <MessageMenu open={open} />;
    case "react":
      return <ReactionPicker open={open} onClose={onClose} />;
    case "delete":
      return <DeleteDialog message={open.message} onClose={onClose} />;
    case "receipts":
      return <ReceiptsDialog message={open.message} onClose={onClose} />;
    case "edits":
      return <EditsDialog message={open.message} onClose={onClose} />;
    case "viewer":
      return <MediaViewer attachmentId={open.attachmentId} onClose={onClose} />;
  }
}

type OpenPicker = Extract<Overlay, { kind: "menu" | "react" }>;

function ReactionPicker({ open: { shown, anchor, at }, onClose }: { open: OpenPicker; onClose: () => void }) {
  const t = useT();
  const react = useReact(shown.message);
  const trigger = useRef(anchor);
  return (
    <EmojiPopover
      label={t("room.react")}
      trigger={trigger}
      at={at}
      onClose={onClose}
      onChoose={(emoji) => {
        react(emoji);
        onClose();
        anchor.focus({ preventScroll: true });
      }}
    />
  );
}
