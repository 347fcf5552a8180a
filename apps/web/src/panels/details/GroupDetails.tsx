import { useChatClient } from "@rocket-chat-api/react";
import { Flag, LogOut, Pencil, Pin, Settings2, ShieldBan } from "lucide-react";
import { useState } from "react";
import { navigate } from "../../app/route.ts";
import { useT } from "../../i18n/i18n.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Group } from "../parts/Group.tsx";
import { PageRow, Row } from "../parts/Row.tsx";
import { openReport } from "../report.ts";
import styles from "./details.module.css";
import { Hero } from "./Hero.tsx";
import { MemberList } from "./MemberList.tsx";
import { Notifications } from "./Notifications.tsx";
import { QuickActions } from "./QuickActions.tsx";
import { isManager, isModerator } from "./rights.ts";
import type { Details } from "./use-details.ts";

/** About a group: what it is, who is in it, and what the viewer may do. */
export function GroupDetails({ details }: { details: Details }) {
  const t = useT();
  const { conversationId, conversation, own, title, photoUrl } = details;
  const mayManage = isManager(own);
  const edit = mayManage && (
    <IconButton
      label={t("panels.edit_group")}
      icon={<Pencil />}
      data-page="edit"
      onClick={() => navigate({ panel: "details/edit" })}
    />
  );
  return (
    <PanelFrame title={t("panels.details")} actions={edit}>
      <Hero
        id={conversationId}
        name={title}
        photoUrl={photoUrl}
        about={t("panels.members", { count: conversation.participant_count })}
      />
      {conversation.description && (
        <Group>
          <p className={styles.description} dir="auto">
            {conversation.description}
          </p>
        </Group>
      )}
      <QuickActions details={details} />
      <Notifications details={details} />
      <Group>
        <Row icon={<Pin />} label={t("panels.pins")} onPress={() => navigate({ panel: "pins" })} />
        {mayManage && (
          <PageRow panel="details" page="settings" icon={<Settings2 />} label={t("panels.group_settings")} />
        )}
        {isModerator(own) && (
          <PageRow panel="details" page="bans" icon={<ShieldBan />} label={t("panels.bans")} />
        )}
      </Group>
      <MemberList details={details} />
      <Leave details={details} />
    </PanelFrame>
  );
}

function Leave({ details }: { details: Details }) {
  const t = useT();
  const client = useChatClient();
  const [asks, setAsks] = useState(false);
  const { conversationId: conversation_id, title, own, members } = details;
  const leave = async () => {
    await client.rest.leaveConversation({ conversation_id });
    navigate({}, { replace: true });
  };
  const hint =
    members.length === 1
      ? "panels.leave_hint_last"
      : own?.is_owner
        ? "panels.leave_hint_owner"
        : "panels.leave_hint";
  return (
    <Group>
      <Row
        icon={<Flag />}
        tone="danger"
        label={t("panels.report_group")}
        onPress={() => openReport({ conversation_id }, { name: title })}
      />
      <Row
        icon={<LogOut data-mirrored />}
        tone="danger"
        label={t("panels.leave")}
        onPress={() => setAsks(true)}
      />
      {asks && (
        <ConfirmDialog
          title={t("panels.leave_question", { name: title })}
          action={t("panels.leave")}
          onConfirm={leave}
          onClose={() => setAsks(false)}
        >
          <p>{t(hint)}</p>
        </ConfirmDialog>
      )}
    </Group>
  );
}
