/** What one can do with a message, as the lines of its menu. */
import type { ChatClient } from "@rocket-chat-api/client";
import type { SendView, ShownMessage } from "@rocket-chat-api/react";
import {
  CheckCheck,
  Copy,
  CornerUpLeft,
  Flag,
  History,
  Pencil,
  Pin,
  PinOff,
  RotateCw,
  Trash2,
} from "lucide-react";
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
  send: Pick<SendView, "retry" | "cancel">;
  t: I18n["t"];
}

/** Whether a message is not there yet: on its way, or failed. */
export function isPending({ outgoing }: ShownMessage): boolean {
  return outgoing !== null && outgoing.state !== "sent";
}

/** The lines of a message's menu. */
export function entriesOf(tools: EntryTools): MenuEntry[] {
  return isPending(tools.shown) ? entriesOfPending(tools) : entriesOfSaid(tools);
}

function copyEntry({ shown: { message }, t }: EntryTools): MenuEntry | false {
  const copy = async () => {
    await navigator.clipboard.writeText(message.content);
    toast(t("room.copied"));
  };
  const refused = () => toast(t("room.error.unknown"), { tone: "danger" });
  return (
    message.content !== "" && {
      ...{ id: "copy", label: t("room.copy"), icon: <Copy /> },
      onSelect: () => void copy().catch(refused),
    }
  );
}

/** Of a message that is not there: it can be tried again and taken back. */
function entriesOfPending(tools: EntryTools): MenuEntry[] {
  const { shown, send, t } = tools;
  const all = [
    shown.outgoing?.state === "failed" && {
      ...{ id: "retry", label: t("app.retry"), icon: <RotateCw /> },
      onSelect: () => send.retry(shown.key),
    },
    copyEntry(tools),
    {
      ...{ id: "discard", label: t("room.delete_unsent"), icon: <Trash2 />, tone: "danger" as const },
      onSelect: () => send.cancel(shown.key),
    },
  ];
  return all.filter((entry) => entry !== false);
}

/** Of a message that is there. */
function entriesOfSaid(tools: EntryTools): MenuEntry[] {
  const { shown, rights, ui, client, t } = tools;
  const { message } = shown;
  const { message_id, is_pinned, is_edited, sender_id } = message;
  const isOwn = sender_id === rights.viewerId;
  const attempt = (action: Promise<unknown>) =>
    void action.catch((error: unknown) => toast(errorText(error, t), { tone: "danger" }));
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
    copyEntry(tools),
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
