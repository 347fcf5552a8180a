import type { PushLevel } from "@rocket-chat-api/client/push";
import { BellRing } from "lucide-react";
import { useI18n } from "../../i18n/i18n.tsx";
import { Group } from "../parts/Group.tsx";
import { Select } from "../parts/Select.tsx";
import { moment } from "../times.ts";
import { useAttempt } from "../use-attempt.ts";
import { isMuted } from "./QuickActions.tsx";
import type { Details } from "./use-details.ts";

/** In place of "as in my settings", which the API says by null. */
const USUAL = "usual";

/** What pushes of one conversation. */
export function Notifications({ details }: { details: Details }) {
  const { t, language } = useI18n();
  const { attempt } = useAttempt();
  const { preferences, setPreferences } = details;
  const until = preferences?.muted_until;
  const end = until ? moment(new Date(until), new Date(), language) : null;
  const muted = end === null ? t("panels.muted_always") : t("panels.muted_until", { when: end });
  return (
    <Group>
      <Select<PushLevel | typeof USUAL>
        icon={<BellRing />}
        label={t("panels.notifications")}
        hint={isMuted(details) ? muted : undefined}
        value={preferences?.push_level ?? USUAL}
        options={[
          { value: USUAL, label: t("panels.level_usual") },
          { value: "all", label: t("panels.level_all") },
          { value: "mentions", label: t("panels.level_mentions") },
          { value: "none", label: t("panels.level_none") },
        ]}
        onChange={(level) =>
          void attempt(() => setPreferences({ push_level: level === USUAL ? null : level }))
        }
      />
    </Group>
  );
}
