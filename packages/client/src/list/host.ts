/** What the list needs of a client. A `ChatClient` is one. */
import type { ConversationListItem } from "@rocket-chat-api/protocol";
import type { ConversationState } from "../state.ts";

/** The state of a conversation, as the list reads it. */
export type ListedState = Pick<
  ConversationState,
  | "conversation_id"
  | "viewer_id"
  | "membership"
  | "info"
  | "members"
  | "messages"
  | "unread_count"
  | "unread_mentions"
  | "preferences"
  | "is_hidden"
  | "is_request"
>;

/**
 * The client that the list belongs to. An interface and not the class: this entry of the package is built by itself, and
 * takes the client of the main entry.
 */
export interface ListClient {
  readonly conversations: {
    /** Whether all pages of the list have come since the client was made. */
    readonly isListed: boolean;
    ids(): string[];
    get(conversationId: string): ListedState | undefined;
    listItem(conversationId: string): ConversationListItem | undefined;
  };
  on(name: "state", listener: (state: ListedState) => void): () => void;
  on(name: "listed", listener: () => void): () => void;
}
