import { useBlocks, useChatClient } from "@rocket-chat-api/react";
import { Ban, BellRing, ChevronRight, Lock, LogOut, MonitorSmartphone, Palette } from "lucide-react";
import { useState } from "react";
import { useMe } from "../../app/me.tsx";
import { navigate } from "../../app/route.ts";
import { useViewer } from "../../app/viewer.tsx";
import { useI18n } from "../../i18n/i18n.tsx";
import { numbers } from "../../i18n/plural.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { Group } from "../parts/Group.tsx";
import { Waiting } from "../parts/LoadState.tsx";
import parts from "../parts/parts.module.css";
import { PageRow, Row } from "../parts/Row.tsx";
import styles from "./settings.module.css";
import { signOut } from "./sign-out.ts";

/** The first page of the settings. */
export function SettingsMenu() {
  const { t, language } = useI18n();
  const client = useChatClient();
  const { userId } = useViewer();
  const { blocked } = useBlocks();
  const [isLeaving, setLeaving] = useState(false);
  return (
    <PanelFrame title={t("panels.settings")}>
      <Profile />
      <Group>
        <PageRow
          panel="settings"
          page="notifications"
          icon={<BellRing />}
          label={t("panels.notifications")}
        />
        <PageRow panel="settings" page="privacy" icon={<Lock />} label={t("panels.privacy")} />
        <PageRow
          panel="settings"
          page="blocked"
          icon={<Ban />}
          label={t("panels.blocked_people")}
          {...(blocked.size > 0 && { value: numbers(language).format(blocked.size) })}
        />
        <PageRow panel="settings" page="devices" icon={<MonitorSmartphone />} label={t("panels.devices")} />
        <PageRow panel="settings" page="appearance" icon={<Palette />} label={t("panels.appearance")} />
      </Group>
      <Group>
        <Row
          icon={<LogOut data-mirrored />}
          tone="danger"
          label={t("sign_in.out")}
          isBusy={isLeaving}
          onPress={() => {
            setLeaving(true);
            void signOut(client, userId);
          }}
        />
      </Group>
    </PanelFrame>
  );
}

/** Who the viewer is. */
function Profile() {
  const { t } = useI18n();
  const { me } = useMe();
  if (!me) return <Waiting />;
  return (
    <Group>
      <button
        type="button"
        className={styles.profile}
        data-page="profile"
        onClick={() => navigate({ panel: "settings/profile" })}
      >
        <Avatar id={me.user_id} name={me.display_name} src={me.profile_photo_url} size={72} />
        <span className={styles.names}>
          <bdi className={styles.name}>{me.display_name}</bdi>
          <bdi className={styles.username} dir="ltr">
            @{me.username}
          </bdi>
          <span className={styles.edit}>{t("panels.edit_profile")}</span>
        </span>
        <ChevronRight className={parts.chevron} data-mirrored />
      </button>
    </Group>
  );
}
