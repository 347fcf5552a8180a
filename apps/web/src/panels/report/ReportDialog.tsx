import { type ReportReason, Reports } from "@rocket-chat-api/client/safety";
import { useChatClient } from "@rocket-chat-api/react";
import { useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { toast } from "../../ui/toasts.ts";
import { Choices } from "../parts/Choices.tsx";
import { Group } from "../parts/Group.tsx";
import { Switch } from "../parts/Switch.tsx";
import { TextArea } from "../parts/TextArea.tsx";
import type { OpenReport } from "../report.ts";
import { useAttempt } from "../use-attempt.ts";

/** The reasons that the API takes, the most frequent first. */
const REASONS: readonly ReportReason[] = [
  "spam",
  "harassment",
  "hate",
  "violence",
  "sexual",
  "self_harm",
  "illegal",
  "other",
];
/** The longest note (docs/contract.md, rule 29). */
const MAX_COMMENT = 1_000;

/** Asks for a reason, and reports to the app's moderators. */
export default function ReportDialog({ report, onClose }: { report: OpenReport; onClose: () => void }) {
  const t = useT();
  const client = useChatClient();
  const { isBusy, attempt } = useAttempt();
  const [reason, setReason] = useState<ReportReason | null>(null);
  const [comment, setComment] = useState("");
  const [blocks, setBlocks] = useState(false);
  const [isTried, setTried] = useState(false);
  const { target, name = "", blockable, onDone } = report;
  const what = "message_id" in target ? "message" : "user_id" in target ? "user" : "conversation";

  const send = async () => {
    setTried(true);
    if (reason === null) return;
    const note = comment.trim();
    const body = { ...target, reason, ...(note !== "" && { comment: note }), ...(blocks && { block: true }) };
    if (!(await attempt(() => new Reports(client).report(body)))) return;
    toast(t("panels.report.sent"));
    onDone?.();
    onClose();
  };
  return (
    <Dialog
      title={t(`panels.report.${what}`, { name })}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button variant="danger" isBusy={isBusy} onClick={() => void send()}>
            {t("panels.report.send")}
          </Button>
        </>
      }
    >
      <Choices
        label={t("panels.report.why")}
        value={reason}
        options={REASONS.map((value) => ({ value, label: t(`panels.report.${value}`) }))}
        error={isTried && reason === null ? t("panels.report.why_missing") : undefined}
        onChange={setReason}
      />
      {blockable && (
        <Group>
          <Switch
            label={t("panels.report.block", { name })}
            hint={t("panels.block_hint")}
            isOn={blocks}
            onChange={setBlocks}
          />
        </Group>
      )}
      <TextArea
        label={t("panels.report.note")}
        hint={t("panels.report.hint")}
        value={comment}
        maxLength={MAX_COMMENT}
        onChange={setComment}
      />
    </Dialog>
  );
}
