import { MessageCircleOff } from "lucide-react";
import { useT } from "../../i18n/i18n.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import type { PanelProps } from "../panel.ts";
import { BansPage } from "./BansPage.tsx";
import { DirectDetails } from "./DirectDetails.tsx";
import { EditGroupPage } from "./EditGroupPage.tsx";
import { GroupDetails } from "./GroupDetails.tsx";
import { GroupSettingsPage } from "./GroupSettingsPage.tsx";
import { isManager, isModerator } from "./rights.ts";
import { useDetails } from "./use-details.ts";

/** About a conversation: a person, or a group with its members and settings. */
export default function DetailsPanel({ conversationId, page }: PanelProps) {
  return <Details key={conversationId} conversationId={conversationId} page={page} />;
}

function Details({ conversationId, page }: PanelProps) {
  const t = useT();
  const details = useDetails(conversationId ?? "");
  if (!details) {
    return (
      <PanelFrame title={t("panels.details")}>
        <EmptyState icon={<MessageCircleOff />} title={t("panels.nothing_open")} />
      </PanelFrame>
    );
  }
  if (details.conversation.type === "direct") return <DirectDetails details={details} />;
  // A page of which one has lost the right shows the group.
  if (page === "edit" && isManager(details.own)) return <EditGroupPage details={details} />;
  if (page === "settings" && isManager(details.own)) return <GroupSettingsPage details={details} />;
  if (page === "bans" && isModerator(details.own)) return <BansPage details={details} />;
  return <GroupDetails details={details} />;
}
