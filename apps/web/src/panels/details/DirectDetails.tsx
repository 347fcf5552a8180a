import { useBlocks, useChatClient, usePresence } from "@rocket-chat-api/react";
import { Ban, Flag, Pin, Trash2 } from "lucide-react";
import { useState } from "react";
import { navigate } from "../../app/route.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Group } from "../parts/Group.tsx";
import { Row } from "../parts/Row.tsx";
import { openReport } from "../report.ts";
import { presenceText } from "../times.ts";
import { useAttempt } from "../use-attempt.ts";
import { Disappearing } from "./Disappearing.tsx";
import styles from "./details.module.css";
import { Hero } from "./Hero.tsx";
import { Notifications } from "./Notifications.tsx";
import { QuickActions } from "./QuickActions.tsx";
import type { Details } from "./use-details.ts";

/** About a direct chat: the other person, and what one can do. */
export function DirectDetails({ details }: { details: Details }) {
  const i18n = useI18n();
  const { t } = i18n;
  const { conversationId, other, title, photoUrl, isRequest } = details;
  const presence = usePresence(other ? [other.user_id] : []).get(other?.user_id ?? "");
  const { blocked } = useBlocks();
  const isBlocked = other !== undefined && blocked.has(other.user_id);
  const seen = isBlocked ? t("panels.blocked") : presenceText(presence, i18n);
  return (
    <PanelFrame title={t("panels.details")}>
      <Hero
        id={other?.user_id ?? conversationId}
        name={title}
        photoUrl={photoUrl}
        about={
          <>
            {other && <bdi dir="ltr">@{other.username}</bdi>}
            {seen && (
              <span className={presence?.status === "online" && !isBlocked ? styles.online : undefined}>
                {seen}
              </span>
            )}
          </>
        }
      />
      <QuickActions details={details} />
      <Notifications details={details} />
      <Group>
        <Row icon={<Pin />} label={t("panels.pins")} onPress={() => navigate({ panel: "pins" })} />
        {!isBlocked && !isRequest && <Disappearing details={details} />}
      </Group>
      <DangerZone details={details} isBlocked={isBlocked} />
    </PanelFrame>
  );
}

/** Blocks, reports, deletes. */
function DangerZone({ details, isBlocked }: { details: Details; isBlocked: boolean }) {
  const { t } = useI18n();
  const client = useChatClient();
  const { block, unblock } = useBlocks();
  const { isBusy, attempt } = useAttempt();
  const [asks, setAsks] = useState<"block" | "delete" | null>(null);
  const { conversationId: conversation_id, other, title } = details;
  const close = () => setAsks(null);
  const name = title;
  const remove = async () => {
    await client.rest.leaveConversation({ conversation_id });
    navigate({}, { replace: true });
  };
  const report = () => {
    if (other)
      openReport({ user_id: other.user_id }, { name, ...(!isBlocked && { blockable: other.user_id }) });
  };
  return (
    <Group>
      {other && isBlocked && (
        <Row
          icon={<Ban />}
          label={t("panels.unblock", { name })}
          isBusy={isBusy}
          onPress={() => void attempt(() => unblock(other.user_id))}
        />
      )}
      {other && !isBlocked && (
        <Row
          icon={<Ban />}
          tone="danger"
          label={t("panels.block", { name })}
          onPress={() => setAsks("block")}
        />
      )}
      {other && (
        <Row icon={<Flag />} tone="danger" label={t("panels.report_user", { name })} onPress={report} />
      )}
      <Row
        icon={<Trash2 />}
        tone="danger"
        label={t("panels.delete_chat")}
        onPress={() => setAsks("delete")}
      />
      {asks === "block" && other && (
        <ConfirmDialog
          title={t("panels.block_question", { name })}
          action={t("panels.block_short")}
          onConfirm={() => block(other.user_id)}
          onClose={close}
        >
          <p>{t("panels.block_direct_hint")}</p>
        </ConfirmDialog>
      )}
      {asks === "delete" && (
        <ConfirmDialog
          title={t("panels.delete_chat_question", { name })}
          action={t("panels.delete_chat")}
          onConfirm={remove}
          onClose={close}
        >
          <p>{t("panels.delete_chat_hint")}</p>
        </ConfirmDialog>
      )}
    </Group>
  );
}
