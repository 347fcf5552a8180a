import { type Privacy, PrivacySettings, type UpdatePrivacy } from "@rocket-chat-api/client/safety";
import { useChatClient } from "@rocket-chat-api/react";
import { CheckCheck, Clock, MessageCircle, Users } from "lucide-react";
import { useCallback, useEffect, useMemo } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { Group } from "../parts/Group.tsx";
import { LoadState } from "../parts/LoadState.tsx";
import { Select } from "../parts/Select.tsx";
import { Switch } from "../parts/Switch.tsx";
import { useLoaded } from "../use-loaded.ts";
import { usePending } from "../use-pending.ts";

/** Who may write to the viewer and add them, and what others learn of them. */
export function PrivacyPage() {
  const t = useT();
  const client = useChatClient();
  const settings = useMemo(() => new PrivacySettings(client), [client]);
  const load = useCallback(() => settings.get(), [settings]);
  const { value, error, setValue, reload } = useLoaded(load);
  useEffect(() => settings.onChange(setValue), [settings, setValue]);
  const send = useCallback(
    async (patch: UpdatePrivacy) => setValue(await settings.update(patch)),
    [settings, setValue],
  );
  const [shown, change] = usePending<Privacy>(value, send);
  return (
    <PanelFrame title={t("panels.privacy")} page="privacy" parent="settings">
      {shown ? (
        <PrivacyGroups privacy={shown} onChange={change} />
      ) : (
        <LoadState error={error} onRetry={reload} />
      )}
    </PanelFrame>
  );
}

interface PrivacyGroupsProps {
  privacy: Privacy;
  onChange: (patch: Partial<Privacy>) => void;
}

function PrivacyGroups({ privacy, onChange }: PrivacyGroupsProps) {
  const t = useT();
  return (
    <>
      <Group title={t("panels.privacy_reach")}>
        <Select
          icon={<MessageCircle />}
          label={t("panels.who_can_message")}
          hint={t("panels.who_can_message_hint")}
          value={privacy.who_can_message}
          options={[
            { value: "everyone", label: t("panels.everyone") },
            { value: "shared_conversation", label: t("panels.shared_group") },
            { value: "nobody", label: t("panels.contacts_only") },
          ]}
          onChange={(who_can_message) => onChange({ who_can_message })}
        />
        <Select
          icon={<Users />}
          label={t("panels.who_can_add")}
          hint={t("panels.who_can_add_hint")}
          value={privacy.who_can_add}
          options={[
            { value: "everyone", label: t("panels.everyone") },
            { value: "contacts", label: t("panels.contacts") },
            { value: "nobody", label: t("panels.nobody") },
          ]}
          onChange={(who_can_add) => onChange({ who_can_add })}
        />
      </Group>
      <Group title={t("panels.privacy_seen")}>
        <Switch
          icon={<CheckCheck />}
          label={t("panels.read_receipts")}
          hint={t("panels.read_receipts_hint")}
          isOn={privacy.read_receipts}
          onChange={(read_receipts) => onChange({ read_receipts })}
        />
        <Switch
          icon={<Clock />}
          label={t("panels.show_last_seen")}
          hint={t("panels.show_last_seen_hint")}
          isOn={privacy.last_seen}
          onChange={(last_seen) => onChange({ last_seen })}
        />
      </Group>
    </>
  );
}
