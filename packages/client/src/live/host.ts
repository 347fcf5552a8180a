/** What typing and presence need of a client. A `ChatClient` is one. */
import type { ConversationListItem, ServerEvent, User } from "@rocket-chat-api/protocol";

/**
 * The client that they belong to. An interface and not the class: this entry of the package is built by itself, and takes
 * the client of the main entry.
 */
export interface LiveClient {
  /** `open` while there is a connection. */
  readonly status: string;
  readonly rest: { user(userId: string): Promise<User> };
  readonly conversations: {
    readonly viewer: string;
    ids(): string[];
    listItem(conversationId: string): ConversationListItem | undefined;
  };
  /** Sends that the viewer types, or has stopped. */
  typing(conversationId: string, isTyping: boolean): void;
  on(name: "status", listener: (status: string) => void): () => void;
  on(name: "event", listener: (event: ServerEvent) => void): () => void;
}
