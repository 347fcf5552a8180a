import { useChatClient } from "@rocket-chat-api/react";
import {
  CircleUser,
  ExternalLink,
  Keyboard,
  Languages,
  LogOut,
  MessageSquarePlus,
  Settings,
  SunMoon,
  UserPlus,
  Users,
} from "lucide-react";
import { useEffect, useState } from "react";
import { useMe } from "../app/me.tsx";
import { navigate } from "../app/route.ts";
import { type Theme, useTheme } from "../app/theme.ts";
import { useViewer } from "../app/viewer.tsx";
import { useI18n } from "../i18n/i18n.tsx";
import { LANGUAGES, type Language } from "../i18n/languages.ts";
import type { NewKind } from "../new/kinds.ts";
import { signOut } from "../panels/settings/sign-out.ts";
import { type DemoPerson, demoPeople } from "../session/development.ts";

import { Avatar } from "../ui/Avatar.tsx";
import { MenuButton } from "../ui/Menu.tsx";
import type { MenuEntry } from "../ui/menu-entry.ts";
import styles from "./ListHeader.module.css";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** What {@link ListHeader} takes. */
export interface ListHeaderProps {
  onNew: (kind: NewKind) => void;
  onHelp: () => void;
}

/** The head of the list: the viewer with their menu, and the button for something new. */
export function ListHeader({ onNew, onHelp }: ListHeaderProps) {
  const { t } = useI18n();
  const { me } = useMe();
  const entries = useOwnEntries(onHelp);
  return (
    <header className={styles.header}>
      <MenuButton
        label={t("list.you")}
        icon={
          me ? (
            <Avatar id={me.user_id} name={me.display_name} src={me.profile_photo_url} size={32} />
          ) : (
            <CircleUser />
          )
        }
        entries={entries}
      />
      <h2 className={styles.title}>{t("list.title")}</h2>
      <MenuButton
        label={t("list.new")}
        icon={<MessageSquarePlus />}
        entries={[
          { id: "chat", label: t("list.new_chat"), icon: <UserPlus />, onSelect: () => onNew("chat") },
          { id: "group", label: t("list.new_group"), icon: <Users />, onSelect: () => onNew("group") },
        ]}
      />
    </header>
  );
}

/** Those whom one can be in another window; none outside of development. */
function useOtherDemoPeople(): readonly DemoPerson[] {
  const { demoName } = useViewer();
  const [people, setPeople] = useState<readonly DemoPerson[]>([]);
  useEffect(() => {
    if (demoName !== undefined) void demoPeople().then(setPeople);
  }, [demoName]);
  return people.filter(({ name }) => name !== demoName);
}

/** The lines of the viewer's own menu. */
function useOwnEntries(onHelp: () => void): readonly MenuEntry[] {
  const client = useChatClient();
  const { userId } = useViewer();
  const { t, language, setLanguage } = useI18n();
  const [theme, setTheme] = useTheme();
  const others = useOtherDemoPeople();
  return [
    {
      id: "settings",
      label: t("list.settings"),
      icon: <Settings />,
      onSelect: () => navigate({ panel: "settings" }),
    },
    {
      id: "theme",
      label: t("list.theme"),
      icon: <SunMoon />,
      chosen: theme,
      entries: THEMES.map((id) => ({ id, label: t(`list.theme_${id}`), onSelect: () => setTheme(id) })),
    },
    {
      id: "language",
      label: t("list.language"),
      icon: <Languages />,
      chosen: language,
      entries: (Object.keys(LANGUAGES) as Language[]).map((id) => ({
        id,
        label: LANGUAGES[id],
        onSelect: () => setLanguage(id),
      })),
    },
    { id: "shortcuts", label: t("list.shortcuts"), icon: <Keyboard />, onSelect: onHelp },
    ...others.map(({ name, display_name }, at) => ({
      id: name,
      label: t("sign_in.other_window", { name: display_name }),
      icon: <ExternalLink data-mirrored />,
      startsGroup: at === 0,
      onSelect: () => void window.open(`/?as=${name}`, "_blank", "noopener"),
    })),
    {
      id: "out",
      label: t("sign_in.out"),
      icon: <LogOut data-mirrored />,
      startsGroup: true,
      onSelect: () => void signOut(client, userId),
    },
  ];
}
