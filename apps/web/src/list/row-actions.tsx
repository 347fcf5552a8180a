/** What one can do with a conversation of the list. */
import type { ChatClient } from "@rocket-chat-api/client";
import type { ListItem } from "@rocket-chat-api/client/list";
import { useChatClient } from "@rocket-chat-api/react";
import {
  Archive,
  ArchiveRestore,
  Bell,
  BellOff,
  CheckCheck,
  LogOut,
  Pin,
  PinOff,
  Trash2,
} from "lucide-react";
import { useMemo } from "react";
import { type I18n, useT } from "../i18n/i18n.tsx";
import type { MenuEntry } from "../ui/menu-entry.ts";
import { toast } from "../ui/toasts.ts";

/** The lines of a row's menu. */
export interface RowActions {
  entriesOf: (item: ListItem) => readonly MenuEntry[];
}

const HOUR_MS = 3600 * 1000;

/** The actions. @param onDelete asks before a conversation goes. */
export function useRowActions(onDelete: (item: ListItem) => void): RowActions {
  const client = useChatClient();
  const t = useT();
  return useMemo(() => {
    const { set, attempt } = changes(client, t);
    return {
      entriesOf: (item) => [
        ...readEntry(client, item, t, attempt),
        pinEntry(item, t, set),
        muteEntry(item, t, set),
        archiveEntry(item, t, set),
        deleteEntry(item, t, onDelete),
      ],
    };
  }, [client, t, onDelete]);
}

type Patch = Parameters<ChatClient["rest"]["updatePreferences"]>[1];
type Set = (item: ListItem, patch: Patch) => Promise<boolean>;

/** How a change is made: a failure is shown. */
function changes(client: ChatClient, t: I18n["t"]) {
  const attempt = async (change: Promise<unknown>): Promise<boolean> =>
    await change.then(
      () => true,
      (error: unknown) => {
        toast(t("app.failed", { reason: error instanceof Error ? error.message : String(error) }), {
          tone: "danger",
        });
        return false;
      },
    );
  const set: Set = (item, patch) => attempt(client.rest.updatePreferences(item.conversation_id, patch));
  return { attempt, set };
}

function readEntry(
  client: ChatClient,
  { unread_count, last_message }: ListItem,
  t: I18n["t"],
  attempt: (change: Promise<unknown>) => Promise<boolean>,
): MenuEntry[] {
  if (unread_count === 0 || !last_message) return [];
  const onSelect = () => void attempt(client.read(last_message.message_id));
  return [{ id: "read", label: t("list.mark_read"), icon: <CheckCheck />, onSelect }];
}

function pinEntry(item: ListItem, t: I18n["t"], set: Set): MenuEntry {
  const { is_pinned } = item;
  return {
    id: "pin",
    label: t(is_pinned ? "list.unpin" : "list.pin"),
    icon: is_pinned ? <PinOff /> : <Pin />,
    onSelect: () => void set(item, { is_pinned: !is_pinned }),
  };
}

function muteEntry(item: ListItem, t: I18n["t"], set: Set): MenuEntry {
  if (item.is_muted) {
    const onSelect = () => void set(item, { is_muted: false });
    return { id: "unmute", label: t("list.unmute"), icon: <Bell />, onSelect };
  }
  const until = (hours: number) => () =>
    void set(item, { is_muted: true, muted_until: new Date(Date.now() + hours * HOUR_MS).toISOString() });
  return {
    id: "mute",
    label: t("list.mute"),
    icon: <BellOff />,
    entries: [
      { id: "hour", label: t("list.mute_hour"), onSelect: until(1) },
      { id: "night", label: t("list.mute_night"), onSelect: until(8) },
      { id: "week", label: t("list.mute_week"), onSelect: until(7 * 24) },
      {
        id: "always",
        label: t("list.mute_always"),
        onSelect: () => void set(item, { is_muted: true, muted_until: null }),
      },
    ],
  };
}

function archiveEntry(item: ListItem, t: I18n["t"], set: Set): MenuEntry {
  if (item.is_archived) {
    const onSelect = () => void set(item, { is_archived: false });
    return { id: "unarchive", label: t("list.unarchive"), icon: <ArchiveRestore />, onSelect };
  }
  const archive = async () => {
    if (!(await set(item, { is_archived: true }))) return;
    const run = () => void set(item, { is_archived: false });
    toast(t("list.archived_toast"), { action: { label: t("list.undo"), run } });
  };
  return { id: "archive", label: t("list.archive"), icon: <Archive />, onSelect: () => void archive() };
}

function deleteEntry(item: ListItem, t: I18n["t"], onDelete: (item: ListItem) => void): MenuEntry {
  const isGroup = item.type === "group";
  return {
    id: "delete",
    label: t(isGroup ? "list.delete_group" : "list.delete_direct"),
    icon: isGroup ? <LogOut data-mirrored /> : <Trash2 />,
    tone: "danger",
    startsGroup: true,
    onSelect: () => onDelete(item),
  };
}
