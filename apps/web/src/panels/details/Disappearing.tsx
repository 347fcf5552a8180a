import { useChatClient } from "@rocket-chat-api/react";
import { Timer } from "lucide-react";
import { useI18n } from "../../i18n/i18n.tsx";
import { Select } from "../parts/Select.tsx";
import { useAttempt } from "../use-attempt.ts";
import { duration } from "./durations.ts";
import type { Details } from "./use-details.ts";

const DAY_S = 24 * 3600;
/** After how many seconds messages can go; 0 is never. The API takes any number from 5 to a year. */
const OFFERED_S = [0, 3600, DAY_S, 7 * DAY_S, 30 * DAY_S, 90 * DAY_S];

/** After what time new messages disappear. */
export function Disappearing({ details }: { details: Details }) {
  const { t, language } = useI18n();
  const client = useChatClient();
  const { isBusy, attempt } = useAttempt();
  const { conversationId: conversation_id, conversation } = details;
  const { disappearing_messages_enabled: isOn, disappearing_ttl_seconds: seconds } = conversation.settings;
  const now = isOn ? seconds : 0;
  const offered = OFFERED_S.includes(now) ? OFFERED_S : [...OFFERED_S, now].sort((one, other) => one - other);
  const change = (next: number) => {
    const settings =
      next === 0
        ? { disappearing_messages_enabled: false }
        : { disappearing_messages_enabled: true, disappearing_ttl_seconds: next };
    void attempt(() => client.rest.updateConversation({ conversation_id, settings }));
  };
  return (
    <Select
      icon={<Timer />}
      label={t("panels.disappearing")}
      hint={t("panels.disappearing_hint")}
      value={String(now)}
      isDisabled={isBusy}
      options={offered.map((one) => ({
        value: String(one),
        label: one === 0 ? t("panels.never") : duration(one, language),
      }))}
      onChange={(value) => change(Number(value))}
    />
  );
}
