import type { Member } from "@rocket-chat-api/client";
import { useBlocks, useChatClient } from "@rocket-chat-api/react";
import { useT } from "../../i18n/i18n.tsx";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { SanctionDialog } from "./SanctionDialog.tsx";
import type { Details } from "./use-details.ts";

/** What is asked about a member before it is done. */
export interface MemberQuestion {
  kind: "owner" | "remove" | "mute" | "ban" | "block";
  member: Member;
}

/** What {@link MemberDialog} takes. */
export interface MemberDialogProps {
  details: Details;
  question: MemberQuestion;
  onClose: () => void;
}

/** Asks before something is done with a member. */
export function MemberDialog({ details, question: { kind, member }, onClose }: MemberDialogProps) {
  const t = useT();
  const client = useChatClient();
  const { block } = useBlocks();
  const { conversationId: conversation_id, title } = details;
  const { user_id, display_name: name } = member;
  if (kind === "mute" || kind === "ban")
    return <SanctionDialog conversationId={conversation_id} kind={kind} member={member} onClose={onClose} />;
  const run = {
    owner: () => client.rest.changeRole({ conversation_id, user_id, role: "owner" }),
    remove: () => client.rest.removeParticipant({ conversation_id, user_id }),
    block: () => block(user_id),
  }[kind];
  const action = {
    owner: "panels.make_owner",
    remove: "panels.remove",
    block: "panels.block_short",
  } as const;
  return (
    <ConfirmDialog
      title={t(`panels.${kind}_question`, { name })}
      action={t(action[kind])}
      onConfirm={run}
      onClose={onClose}
    >
      <p>{t(`panels.${kind}_hint`, { name, title })}</p>
    </ConfirmDialog>
  );
}
