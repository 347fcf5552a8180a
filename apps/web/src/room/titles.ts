/** What a conversation is called. */
import type { ConversationInfo } from "@rocket-chat-api/client";
import type { Rights } from "./rights.ts";

/** What the head of a room shows. */
export interface RoomTitle {
  title: string;
  photoUrl: string | null;
  /** Of the person or the group: decides the colour of the avatar. */
  avatarId: string;
}

/** The group's name, or the other person's. */
export function titleOf(
  conversationId: string,
  conversation: ConversationInfo | null,
  rights: Rights,
): RoomTitle {
  const { other } = rights;
  return {
    title: conversation?.name ?? other?.display_name ?? "",
    photoUrl: conversation?.photo_url ?? other?.profile_photo_url ?? null,
    avatarId: other?.user_id ?? conversationId,
  };
}
