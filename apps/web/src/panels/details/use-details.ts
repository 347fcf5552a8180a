/** A conversation as its details show it. */
import type { ConversationInfo, Member, Preferences } from "@rocket-chat-api/client";
import { useConversation, useMembers } from "@rocket-chat-api/react";
import { useViewer } from "../../app/viewer.tsx";
import { useT } from "../../i18n/i18n.tsx";

/** What is known of a conversation. */
export interface Details {
  conversationId: string;
  conversation: ConversationInfo;
  members: readonly Member[];
  own: Member | undefined;
  /** The other person of a direct chat. */
  other: Member | undefined;
  title: string;
  photoUrl: string | null;
  preferences: Preferences | null;
  setPreferences: ReturnType<typeof useConversation>["setPreferences"];
  /** A stranger's chat that the viewer has not accepted. */
  isRequest: boolean;
}

/** The details; null while nothing is known, and where the viewer is no member. */
export function useDetails(conversationId: string): Details | null {
  const t = useT();
  const { userId } = useViewer();
  const { conversation, membership, preferences, setPreferences, isRequest } =
    useConversation(conversationId);
  const members = useMembers(conversationId);
  if (!conversation || membership === "removed") return null;
  const own = members.find(({ user_id }) => user_id === userId);
  const other =
    conversation.type === "direct" ? members.find(({ user_id }) => user_id !== userId) : undefined;
  const title = conversation.name ?? other?.display_name ?? t("panels.untitled");
  const photoUrl = conversation.photo_url ?? other?.profile_photo_url ?? null;
  return {
    conversationId,
    conversation,
    members,
    own,
    other,
    title,
    photoUrl,
    preferences,
    setPreferences,
    isRequest,
  };
}
