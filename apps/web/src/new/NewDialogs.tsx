/** The dialogs that begin a conversation; loaded when the first one opens. */

import type { NewKind } from "./kinds.ts";
import { NewChatDialog } from "./NewChatDialog.tsx";
import { NewGroupDialog } from "./NewGroupDialog.tsx";

/** The dialog of a kind. */
export default function NewDialogs({ kind, onClose }: { kind: NewKind; onClose: () => void }) {
  return kind === "chat" ? <NewChatDialog onClose={onClose} /> : <NewGroupDialog onClose={onClose} />;
}
