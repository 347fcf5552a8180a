/** What one can do with a message, as the lines of its menu. */
import type { ChatClient } from "@rocket-chat-api/client";
import type { ShownMessage } from "@rocket-chat-api/react";
import { CheckCheck, Copy, CornerUpLeft, Flag, History, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import type { I18n } from "../../i18n/i18n.tsx";
import { reportMessage } from "../../panels/report.ts";
import type { MenuEntry } from "../../ui/menu-entry.ts";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import { canEdit, type Rights } from "../rights.ts";
import type { RoomUi } from "../room-ui.ts";

/** What the lines need. */
export interface EntryTools {
  shown: ShownMessage;
  rights: Rights;
  ui: RoomUi;
  client: ChatClient;
  t: I18n["t"];
}

/** The lines of a message's menu. */
export function entriesOf({ shown: { message }, rights, ui, client, t }: EntryTools): MenuEntry[] {
  const { message_id, content, is_pinned, is_edited, sender_id } = message;
  const isOwn = sender_id === rights.viewerId;
  const attempt = (action: Promise<unknown>) =>
    void action.catch((error: unknown) => toast(errorText(error, t), { tone: "danger" }));
  const copy = async () => {
    await navigator.clipboard.writeText(content);
    toast(t("room.copied"));
  };
  const pin = () =>
    attempt(is_pinned ? client.rest.unpinMessage({ message_id }) : client.rest.pinMessage({ message_id }));
  const all: (MenuEntry | false)[] = [
    rights.isMember && {
      ...{ id: "reply", label: t("room.reply"), icon: <CornerUpLeft data-mirrored /> },
      onSelect: () => ui.reply(message),
    },
    canEdit(rights, message) && {
      ...{ id: "edit", label: t("room.edit"), icon: <Pencil /> },
      onSelect: () => ui.edit(message),
    },
    content !== "" && {
      ...{ id: "copy", label: t("room.copy"), icon: <Copy /> },
      onSelect: () => attempt(copy()),
    },
    rights.canPin && {
      ...{
        id: "pin",
        label: t(is_pinned ? "room.unpin" : "room.pin"),
        icon: is_pinned ? <PinOff /> : <Pin />,
      },
      onSelect: pin,
    },
    isOwn && {
      ...{ id: "receipts", label: t("room.who_has_read"), icon: <CheckCheck /> },
      onSelect: () => ui.overlay.set({ kind: "receipts", message }),
    },
    is_edited && {
      ...{ id: "edits", label: t("room.versions"), icon: <History /> },
      onSelect: () => ui.overlay.set({ kind: "edits", message }),
    },
    !isOwn && {
      ...{ id: "report", label: t("room.report"), icon: <Flag />, startsGroup: true },
      onSelect: () => reportMessage(message),
    },
    {
      ...{ id: "delete", label: t("room.delete"), icon: <Trash2 />, tone: "danger", startsGroup: isOwn },
      onSelect: () => ui.overlay.set({ kind: "delete", message }),
    },
  ];
  return all.filter((entry) => entry !== false);
}
