/** What one can do with a member of a group. */
import type { Member, Role } from "@rocket-chat-api/client";
import { useBlocks, useChatClient } from "@rocket-chat-api/react";
import { Ban, Crown, Flag, MessageCircle, MicOff, ShieldBan, UserCog, UserMinus } from "lucide-react";
import { navigate } from "../../app/route.ts";
import { useViewer } from "../../app/viewer.tsx";
import { useT } from "../../i18n/i18n.tsx";
import type { MenuEntry } from "../../ui/menu-entry.ts";
import { openReport } from "../report.ts";
import { useAttempt } from "../use-attempt.ts";
import type { MemberQuestion } from "./MemberDialog.tsx";
import { isInForce, rightsOver } from "./rights.ts";
import type { Details } from "./use-details.ts";

/** The menu of a member; empty for the viewer. @param onAsk asks before something is done. */
export function useMemberEntries(
  details: Details,
  member: Member,
  onAsk: (question: MemberQuestion) => void,
): readonly MenuEntry[] {
  const t = useT();
  const client = useChatClient();
  const { userId } = useViewer();
  const { attempt } = useAttempt();
  const { blocked, unblock } = useBlocks();
  const { conversationId: conversation_id, own } = details;
  const { user_id, display_name: name } = member;
  if (user_id === userId) return [];
  const { roles, canBeOwner, canRemove, canModerate } = rightsOver(own, member);
  const isBlocked = blocked.has(user_id);

  const write = async () => {
    const direct = await client.rest.createDirect(user_id);
    await client.refresh(direct.conversation_id);
    navigate({ conversationId: direct.conversation_id });
  };
  const changeRole = (role: Role) => () =>
    void attempt(() => client.rest.changeRole({ conversation_id, user_id, role }));
  const ask = (kind: MemberQuestion["kind"]) => () => onAsk({ kind, member });
  const unmute = () => void attempt(() => client.rest.unmuteParticipant({ conversation_id, user_id }));

  const roleEntries: MenuEntry[] = roles.map((role) => ({
    id: role,
    label: t(`panels.make_${role}`),
    onSelect: changeRole(role),
  }));
  if (canBeOwner) {
    roleEntries.push({
      id: "owner",
      label: t("panels.make_owner"),
      icon: <Crown />,
      startsGroup: true,
      onSelect: ask("owner"),
    });
  }
  const muteEntry: MenuEntry = isInForce(member.mute, Date.now())
    ? { id: "unmute", label: t("panels.unmute_member"), icon: <MicOff />, onSelect: unmute }
    : { id: "mute", label: t("panels.mute_member"), icon: <MicOff />, onSelect: ask("mute") };
  const danger = { tone: "danger" } as const;
  const block: MenuEntry = isBlocked
    ? {
        id: "unblock",
        label: t("panels.unblock", { name }),
        icon: <Ban />,
        onSelect: () => void attempt(() => unblock(user_id)),
      }
    : { id: "block", label: t("panels.block", { name }), icon: <Ban />, ...danger, onSelect: ask("block") };
  const report = () => openReport({ user_id }, { name, ...(!isBlocked && { blockable: user_id }) });
  return [
    {
      id: "write",
      label: t("panels.write"),
      icon: <MessageCircle />,
      onSelect: () => void attempt(write),
    },
    ...(roleEntries.length > 0
      ? [{ id: "roles", label: t("panels.change_role"), icon: <UserCog />, entries: roleEntries }]
      : []),
    ...(canModerate ? [{ ...muteEntry, startsGroup: true }] : []),
    ...(canRemove
      ? [{ id: "remove", label: t("panels.remove"), icon: <UserMinus />, ...danger, onSelect: ask("remove") }]
      : []),
    ...(canModerate
      ? [{ id: "ban", label: t("panels.ban"), icon: <ShieldBan />, ...danger, onSelect: ask("ban") }]
      : []),
    { ...block, startsGroup: true },
    {
      id: "report",
      label: t("panels.report_user", { name }),
      icon: <Flag />,
      ...danger,
      onSelect: report,
    },
  ];
}
