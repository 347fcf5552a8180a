import type { PushPreferences, UpdatePushPreferences } from "@rocket-chat-api/client/push";
import { useChatClient } from "@rocket-chat-api/react";
import { AlarmClockOff, BellRing, Eye } from "lucide-react";
import { useCallback } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { Group } from "../parts/Group.tsx";
import { LoadState } from "../parts/LoadState.tsx";
import { Select } from "../parts/Select.tsx";
import { pushOf } from "../push/pushes.ts";
import { inHours, moment } from "../times.ts";
import { useLoaded } from "../use-loaded.ts";
import { usePending } from "../use-pending.ts";
import type { PreferencesProps } from "./preferences.ts";
import { QuietHours } from "./QuietHours.tsx";
import { WebPushSwitch } from "./WebPushSwitch.tsx";

/** For how many hours one can pause notifications. */
const PAUSES = { hour: 1, night: 8, day: 24, week: 7 * 24 } as const;

/** What notifies the viewer, and when. */
export function NotificationsPage() {
  const { t } = useI18n();
  const push = pushOf(useChatClient());
  const load = useCallback(() => push.preferences(), [push]);
  const { value, error, setValue, reload } = useLoaded(load);
  const send = useCallback(
    async (patch: UpdatePushPreferences) => setValue(await push.updatePreferences(patch)),
    [push, setValue],
  );
  const [shown, onChange] = usePending<PushPreferences>(value, send);
  return (
    <PanelFrame title={t("panels.notifications")} page="notifications" parent="settings">
      <WebPushSwitch />
      {shown ? (
        <>
          <Group>
            <Levels preferences={shown} onChange={onChange} />
            <Pause preferences={shown} onChange={onChange} />
          </Group>
          <QuietHours preferences={shown} onChange={onChange} />
        </>
      ) : (
        <LoadState error={error} onRetry={reload} />
      )}
    </PanelFrame>
  );
}

function Levels({ preferences: { level, preview }, onChange }: PreferencesProps) {
  const { t } = useI18n();
  const previews = ["full", "sender", "hidden", "encrypted"] as const;
  return (
    <>
      <Select
        icon={<BellRing />}
        label={t("panels.notify_about")}
        hint={t("panels.notify_about_hint")}
        value={level}
        options={[
          { value: "all", label: t("panels.level_all") },
          { value: "mentions", label: t("panels.level_mentions") },
          { value: "none", label: t("panels.level_none") },
        ]}
        onChange={(next) => onChange({ level: next })}
      />
      <Select
        icon={<Eye />}
        label={t("panels.preview")}
        value={preview}
        options={previews.map((value) => ({ value, label: t(`panels.preview_${value}`) }))}
        onChange={(next) => onChange({ preview: next })}
      />
    </>
  );
}

function Pause({ preferences: { snooze_until }, onChange }: PreferencesProps) {
  const { t, language } = useI18n();
  const now = new Date();
  const end = snooze_until && new Date(snooze_until) > now ? new Date(snooze_until) : null;
  const lengths = Object.keys(PAUSES) as (keyof typeof PAUSES)[];
  return (
    <Select<"off" | "on" | keyof typeof PAUSES>
      icon={<AlarmClockOff />}
      label={t("panels.pause")}
      value={end ? "on" : "off"}
      options={[
        { value: "off", label: t("panels.pause_off") },
        ...(end
          ? [{ value: "on" as const, label: t("panels.pause_until", { when: moment(end, now, language) }) }]
          : []),
        ...lengths.map((value) => ({ value, label: t(`panels.pause_${value}`) })),
      ]}
      onChange={(next) => {
        if (next === "off") onChange({ snooze_until: null });
        else if (next !== "on") onChange({ snooze_until: inHours(PAUSES[next]) });
      }}
    />
  );
}
