import type { Settings } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { History, Megaphone, Pin, Snowflake, Turtle } from "lucide-react";
import { useCallback } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { Group } from "../parts/Group.tsx";
import { Select } from "../parts/Select.tsx";
import { Switch } from "../parts/Switch.tsx";
import { usePending } from "../use-pending.ts";
import { Disappearing } from "./Disappearing.tsx";
import { duration } from "./durations.ts";
import type { Details } from "./use-details.ts";

/** Pauses between two messages of a member, in seconds. The API takes any up to an hour. */
const PAUSES_S = [0, 5, 10, 30, 60, 300, 900, 3600];

/** How a group is kept in order, for its managers. */
export function GroupSettingsPage({ details }: { details: Details }) {
  const { t, language } = useI18n();
  const client = useChatClient();
  const { conversationId: conversation_id, conversation } = details;
  const send = useCallback(
    (settings: Partial<Settings>) => client.rest.updateConversation({ conversation_id, settings }),
    [client, conversation_id],
  );
  const [pending, change] = usePending<Settings>(conversation.settings, send);
  const settings = pending ?? conversation.settings;
  const pause = settings.slow_mode_seconds;
  const pauses = PAUSES_S.includes(pause) ? PAUSES_S : [...PAUSES_S, pause].sort((one, other) => one - other);
  return (
    <PanelFrame title={t("panels.group_settings")} page="settings" parent="details">
      <Group title={t("panels.settings_writing")}>
        <Switch
          icon={<Megaphone data-mirrored />}
          label={t("panels.only_admins")}
          hint={t("panels.only_admins_hint")}
          isOn={settings.only_admins_can_send}
          onChange={(only_admins_can_send) => change({ only_admins_can_send })}
        />
        <Switch
          icon={<Snowflake />}
          label={t("panels.freeze")}
          hint={t("panels.freeze_hint")}
          isOn={settings.is_frozen}
          onChange={(is_frozen) => change({ is_frozen })}
        />
        <Select
          icon={<Turtle data-mirrored />}
          label={t("panels.slow_mode")}
          hint={t("panels.slow_mode_hint")}
          value={String(pause)}
          options={pauses.map((one) => ({
            value: String(one),
            label: one === 0 ? t("panels.off") : duration(one, language),
          }))}
          onChange={(value) => change({ slow_mode_seconds: Number(value) })}
        />
      </Group>
      <Group title={t("panels.settings_messages")}>
        <Select
          icon={<Pin />}
          label={t("panels.who_can_pin")}
          value={settings.who_can_pin}
          options={[
            { value: "admins", label: t("panels.who_moderators") },
            { value: "everyone", label: t("panels.who_members") },
          ]}
          onChange={(who_can_pin) => change({ who_can_pin })}
        />
        <Select
          icon={<History />}
          label={t("panels.history")}
          hint={t("panels.history_hint")}
          value={settings.history}
          options={[
            { value: "joined", label: t("panels.history_joined") },
            { value: "all", label: t("panels.history_all") },
          ]}
          onChange={(history) => change({ history })}
        />
        <Disappearing details={details} />
      </Group>
    </PanelFrame>
  );
}
