/** The REST API: one method for each route. */
import type {
  Conversation,
  ConversationList,
  CreateGroup,
  EditMessage,
  FetchedMessage,
  Message,
  MessageEdits,
  MessagePage,
  Participant,
  Preferences,
  Reaction,
  ReadResult,
  Receipts,
  Role,
  SearchResults,
  SendMessage,
  SyncPage,
  UpdateConversation,
  UpdateMe,
  UpdatePreferences,
  User,
} from "@rocket-chat-api/protocol";
import type { Http, Query } from "./http.ts";

/** At most one of the ids. */
export interface HistoryOptions extends Query {
  before_id?: string;
  after_id?: string;
  around_id?: string;
  limit?: number;
}

/** Times are ISO 8601. */
export interface SearchOptions extends Query {
  q: string;
  conversation_id?: string;
  sender_id?: string;
  before?: string;
  after?: string;
  limit?: number;
  cursor?: string;
}

const id = encodeURIComponent;
const conversation = (conversationId: string) => `/conversations/${id(conversationId)}`;
const message = (messageId: string) => `/messages/${id(messageId)}`;

export class Rest {
  /** For routes that have no method here. */
  readonly http: Http;

  constructor(http: Http) {
    this.http = http;
  }

  me(): Promise<User> {
    return this.http.request("GET", "/users/me");
  }

  updateMe(patch: UpdateMe): Promise<User> {
    return this.http.request("PATCH", "/users/me", { body: patch });
  }

  user(userId: string): Promise<User> {
    return this.http.request("GET", `/users/${id(userId)}`);
  }

  /** Users whose username or display name begins with `q`. */
  searchUsers(q: string, limit?: number): Promise<{ users: User[] }> {
    return this.http.request("GET", "/users", { query: { q, limit } });
  }

  conversations(query: { page?: number; limit?: number; cursor?: string } = {}): Promise<ConversationList> {
    return this.http.request("GET", "/conversations", { query });
  }

  conversation(conversationId: string): Promise<Conversation> {
    return this.http.request("GET", conversation(conversationId));
  }

  /** The one direct conversation with somebody, created if there is none. */
  createDirect(userId: string): Promise<Conversation> {
    return this.http.request("POST", "/conversations/direct", { body: { user_id: userId } });
  }

  createGroup(group: CreateGroup): Promise<Conversation> {
    return this.http.request("POST", "/conversations/group", { body: group });
  }

  updateConversation(conversationId: string, patch: UpdateConversation): Promise<Conversation> {
    return this.http.request("PUT", conversation(conversationId), { body: patch });
  }

  /** Leaves a group; hides a direct conversation until the next message. */
  leave(conversationId: string): Promise<void> {
    return this.http.request("DELETE", conversation(conversationId));
  }

  updatePreferences(conversationId: string, patch: UpdatePreferences): Promise<Preferences> {
    return this.http.request("PATCH", `${conversation(conversationId)}/preferences`, { body: patch });
  }

  addParticipants(conversationId: string, userIds: readonly string[]): Promise<Conversation> {
    return this.http.request("POST", `${conversation(conversationId)}/participants`, {
      body: { user_ids: userIds },
    });
  }

  removeParticipant(conversationId: string, userId: string): Promise<void> {
    return this.http.request("DELETE", `${conversation(conversationId)}/participants/${id(userId)}`);
  }

  changeRole(conversationId: string, userId: string, role: Role): Promise<Participant> {
    return this.http.request("PATCH", `${conversation(conversationId)}/participants/${id(userId)}`, {
      body: { role },
    });
  }

  /** Sends a message. With a `client_message_id` it can be repeated until it is answered. */
  send(conversationId: string, input: SendMessage): Promise<Message> {
    return this.http.request("POST", `${conversation(conversationId)}/messages`, { body: input });
  }

  history(conversationId: string, query: HistoryOptions = {}): Promise<MessagePage> {
    return this.http.request("GET", `${conversation(conversationId)}/messages`, { query });
  }

  message(messageId: string): Promise<FetchedMessage> {
    return this.http.request("GET", message(messageId));
  }

  edit(messageId: string, input: EditMessage): Promise<Message> {
    return this.http.request("PUT", message(messageId), { body: input });
  }

  /** Deletes a message for oneself, or for everyone. */
  delete(messageId: string, options: { forEveryone?: boolean } = {}): Promise<void> {
    const query = { delete_for_everyone: options.forEveryone ?? false };
    return this.http.request("DELETE", message(messageId), { query });
  }

  /** The newest versions of a message, oldest first. @param query `before`: the first `version` of the page before. */
  edits(messageId: string, query: { before?: number; limit?: number } = {}): Promise<MessageEdits> {
    return this.http.request("GET", `${message(messageId)}/edits`, { query });
  }

  react(messageId: string, emoji: string): Promise<Reaction> {
    return this.http.request("POST", `${message(messageId)}/reactions`, { body: { emoji } });
  }

  unreact(messageId: string, emoji: string): Promise<void> {
    return this.http.request("DELETE", `${message(messageId)}/reactions/${id(emoji)}`);
  }

  markRead(conversationId: string, upToMessageId: string): Promise<ReadResult> {
    return this.http.request("PUT", `${conversation(conversationId)}/read`, {
      body: { up_to_message_id: upToMessageId },
    });
  }

  receipts(messageId: string): Promise<Receipts> {
    return this.http.request("GET", `${message(messageId)}/receipts`);
  }

  /** Types, or stops; typing ends by itself after six seconds. */
  typing(conversationId: string, isTyping: boolean): Promise<void> {
    return this.http.request(isTyping ? "POST" : "DELETE", `${conversation(conversationId)}/typing`);
  }

  searchMessages(query: SearchOptions): Promise<SearchResults> {
    return this.http.request("GET", "/search/messages", { query });
  }

  /** What has changed in all conversations. @param since `next_token` of the page before. */
  sync(since?: string, limit?: number): Promise<SyncPage> {
    return this.http.request("GET", "/sync", { query: { since, limit } });
  }

  /** A ticket that opens one socket within half a minute. */
  ticket(): Promise<{ ticket: string; expires_in: number }> {
    return this.http.request("POST", "/ws/ticket");
  }
}
