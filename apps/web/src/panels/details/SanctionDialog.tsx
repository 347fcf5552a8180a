import type { Member } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Group } from "../parts/Group.tsx";
import { Select } from "../parts/Select.tsx";
import { Switch } from "../parts/Switch.tsx";
import { TextArea } from "../parts/TextArea.tsx";
import { inHours } from "../times.ts";
import { useAttempt } from "../use-attempt.ts";

/** For how many hours; null is until it is taken back. */
const HOURS = { hour: 1, day: 24, week: 7 * 24, month: 30 * 24, always: null } as const;
/** The longest reason (docs/contract.md, rule 29). */
const MAX_REASON = 500;
const DELETED = ["none", "day", "all"] as const;

/** What {@link SanctionDialog} takes. */
export interface SanctionDialogProps {
  conversationId: string;
  kind: "mute" | "ban";
  member: Pick<Member, "user_id" | "display_name">;
  onClose: () => void;
}

/** Mutes or bans a member: for how long, why, and whether the group hears of it. */
export function SanctionDialog({ conversationId, kind, member, onClose }: SanctionDialogProps) {
  const t = useT();
  const client = useChatClient();
  const { isBusy, attempt } = useAttempt();
  const [length, setLength] = useState<keyof typeof HOURS>(kind === "mute" ? "day" : "always");
  const [reason, setReason] = useState("");
  const [announces, setAnnounces] = useState(false);
  const [deleted, setDeleted] = useState<(typeof DELETED)[number]>("none");
  const { user_id, display_name: name } = member;

  const run = async () => {
    const hours = HOURS[length];
    const note = reason.trim();
    const sanction = {
      conversation_id: conversationId,
      user_id,
      until: hours === null ? null : inHours(hours),
      announce: announces,
      ...(note !== "" && { reason: note }),
    };
    const { rest } = client;
    const ask = () =>
      kind === "mute"
        ? rest.muteParticipant(sanction)
        : rest.banUser({ ...sanction, delete_messages: deleted });
    if (await attempt(ask)) onClose();
  };
  return (
    <Dialog
      title={t(`panels.${kind}_question`, { name })}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button variant="danger" isBusy={isBusy} onClick={() => void run()}>
            {t(kind === "mute" ? "panels.mute" : "panels.ban_short")}
          </Button>
        </>
      }
    >
      <Group hint={t(`panels.${kind}_hint`, { name })}>
        <Select
          label={t("panels.how_long")}
          value={length}
          options={(Object.keys(HOURS) as (keyof typeof HOURS)[]).map((value) => ({
            value,
            label: t(`panels.for_${value}`),
          }))}
          onChange={setLength}
        />
        {kind === "ban" && (
          <Select
            label={t("panels.ban_messages")}
            value={deleted}
            options={DELETED.map((value) => ({ value, label: t(`panels.ban_messages_${value}`) }))}
            onChange={setDeleted}
          />
        )}
        <Switch label={t("panels.announce")} isOn={announces} onChange={setAnnounces} />
      </Group>
      <TextArea
        label={t("panels.reason")}
        hint={t("panels.reason_hint", { name })}
        value={reason}
        maxLength={MAX_REASON}
        onChange={setReason}
      />
    </Dialog>
  );
}
