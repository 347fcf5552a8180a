/** The REST API: the operations of conversations, and a method for each other route. */
import type {
  AttachmentLinks,
  Conversation,
  ConversationList,
  CreateGroup,
  Me,
  Preferences,
  SearchResults,
  SyncPage,
  UnreadTotals,
  UpdateMe,
  UpdatePreferences,
  User,
} from "@rocket-chat-api/protocol";
import type { Http, Query } from "./http.ts";
import { type OperationMethods, operationMethods, pathSegment } from "./operations.ts";

/** What to search for. Times are ISO 8601. */
export interface SearchOptions extends Query {
  q: string;
  conversation_id?: string;
  sender_id?: string;
  before?: string;
  after?: string;
  limit?: number;
  cursor?: string;
}

/** The routes that are about more than one conversation, or about the caller's view of one. */
export class Routes {
  /** For routes that have no method here. */
  readonly http: Http;

  constructor(http: Http) {
    this.http = http;
  }

  me(): Promise<Me> {
    return this.http.request("GET", "/users/me");
  }

  updateMe(patch: UpdateMe): Promise<Me> {
    return this.http.request("PATCH", "/users/me", { body: patch });
  }

  async user(userId: string): Promise<User> {
    return await this.http.request("GET", `/users/${pathSegment("userId", userId)}`);
  }

  /** Users whose username or display name begins with `q`. */
  searchUsers(q: string, limit?: number): Promise<{ users: User[] }> {
    return this.http.request("GET", "/users", { query: { q, limit } });
  }

  conversations(query: { page?: number; limit?: number; cursor?: string } = {}): Promise<ConversationList> {
    return this.http.request("GET", "/conversations", { query });
  }

  /** The one direct conversation with a user. It is created if there is none. */
  createDirect(userId: string): Promise<Conversation> {
    return this.http.request("POST", "/conversations/direct", { body: { user_id: userId } });
  }

  createGroup(group: CreateGroup): Promise<Conversation> {
    return this.http.request("POST", "/conversations/group", { body: group });
  }

  async updatePreferences(conversationId: string, patch: UpdatePreferences): Promise<Preferences> {
    const path = `/conversations/${pathSegment("conversationId", conversationId)}/preferences`;
    return await this.http.request("PATCH", path, { body: patch });
  }

  searchMessages(query: SearchOptions): Promise<SearchResults> {
    return this.http.request("GET", "/search/messages", { query });
  }

  /** What has changed in all conversations. @param since `next_token` of the page before. */
  sync(since?: string, limit?: number): Promise<SyncPage> {
    return this.http.request("GET", "/sync", { query: { since, limit } });
  }

  /** The unread totals of all conversations. */
  unread(): Promise<UnreadTotals> {
    return this.http.request("GET", "/unread");
  }

  /** Links that `<img>` and `<video>` can use for 10 to 15 minutes; none for attachments that the caller may not see. */
  linkAttachments(attachmentIds: readonly string[], download?: boolean): Promise<AttachmentLinks> {
    return this.http.request("POST", "/attachments/links", {
      body: { attachment_ids: attachmentIds, download },
    });
  }

  /** A ticket that opens one socket within half a minute. */
  ticket(): Promise<{ ticket: string; expires_in: number }> {
    return this.http.request("POST", "/ws/ticket");
  }
}

/** Every route: `rest.me()`, `rest.sendMessage({ conversation_id, type: "text", content })`. */
export type Rest = Routes & OperationMethods;

/** The REST API, asked over `http`. */
export function createRest(http: Http): Rest {
  return Object.assign(new Routes(http), operationMethods(http));
}
