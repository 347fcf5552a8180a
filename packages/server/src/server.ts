/** The routes that only the app's own backend may use, and every other one in a user's name. */
import type {
  AppBanned,
  Ban,
  BanPage,
  BanUser,
  Conversation,
  CreateConversation,
  DecideItem,
  EraseUser,
  Filter,
  FilterSummary,
  Job,
  Message,
  ModerationItem,
  ModerationLog,
  ModerationQueue,
  MuteParticipant,
  Participant,
  PushCheck,
  PutAppBan,
  PutFilter,
  PutUser,
  RebuildDirectory,
  RebuiltDirectory,
  SendServerMessage,
  ServerConversation,
  ServerUser,
  UpdateConversation,
} from "@rocket-chat-api/protocol";
import type { GrantedScope } from "@rocket-chat-api/protocol/facts";
import { type Acting, acting } from "./acting.ts";
import { type Fetch, Http, segment } from "./http.ts";
import { type ServerTokenOptions, serverToken } from "./tokens.ts";

/** How the backend signs in: with one of `key`, `secret` and `token`. */
export interface ChatServerOptions extends Omit<ServerTokenOptions, "secret" | "scopes" | "seconds"> {
  /** The service: `https://chat.example.com`. */
  url: string;
  /** An API key, made by `npm run keys`. */
  key?: string;
  /** `JWT_SECRET` of the service: the library makes server tokens with it. */
  secret?: string;
  /** The scopes of those tokens; all of them. */
  scopes?: readonly GrantedScope[];
  /** A server token, where your identity provider signs it. */
  token?: () => string | Promise<string>;
  /** Instead of the platform's `fetch`. */
  fetch?: Fetch;
}

/** A made token is replaced so long before it ends, in milliseconds. */
const EARLY_MS = 60_000;
const HOUR_MS = 3_600_000;

function credentialOf(options: ChatServerOptions): () => Promise<string> {
  const { key, secret, token, scopes = ["*"], issuer, subject, audience } = options;
  if (key !== undefined) return async () => key;
  if (token !== undefined) return async () => await token();
  if (secret === undefined) throw new TypeError("one of key, secret and token is needed");
  let made: { token: Promise<string>; until: number } | undefined;
  return () => {
    if (!made || made.until < Date.now()) {
      const fresh = serverToken({ secret, scopes, issuer, subject, audience });
      made = { token: fresh, until: Date.now() + HOUR_MS - EARLY_MS };
    }
    return made.token;
  };
}

/** Input of a request, without the fields that the service fills in. */
type Given<T> = { [Key in keyof T]?: T[Key] | undefined };

/** A message as a member, or as the system. */
export type ServerMessage = Given<Omit<SendServerMessage, "content">> & { content: string };

/** A conversation to create. Users are user ids, or `ext:` and the id of your identity provider. */
export type NewConversation = Given<CreateConversation> & Pick<CreateConversation, "type" | "participants">;

/** What changes a conversation. */
export type ConversationPatch = Given<Omit<UpdateConversation, "settings">> & {
  settings?: Given<NonNullable<UpdateConversation["settings"]>>;
};

/** Milliseconds between two looks at a job. */
const LOOK_MS = 500;

export class ChatServer {
  readonly #http: Http;

  constructor(options: ChatServerOptions) {
    this.#http = new Http(options.url, credentialOf(options), options.fetch);
  }

  /** A user, in whose name every route can be asked. @param user a user id, or `ext:<sub>`. */
  as(user: string): Acting {
    return acting(this.#http, user);
  }

  /** Makes a user, or changes one. Repeating it is harmless. */
  putUser(user: string, profile: Given<PutUser> = {}): Promise<ServerUser> {
    return this.#http.request("PUT", `/server/users/${segment(user)}`, { body: profile });
  }

  /** The same for up to 100 users. */
  async putUsers(users: readonly ({ user_id: string } & Given<PutUser>)[]): Promise<ServerUser[]> {
    const body = { users };
    return (await this.#http.request<{ users: ServerUser[] }>("POST", "/server/users/batch", { body })).users;
  }

  /** Closes a user's sockets and refuses their requests, until {@link reactivateUser}. */
  deactivateUser(user: string): Promise<ServerUser> {
    return this.#http.request("POST", `/server/users/${segment(user)}/deactivate`);
  }

  reactivateUser(user: string): Promise<ServerUser> {
    return this.#http.request("POST", `/server/users/${segment(user)}/reactivate`);
  }

  /** Refuses a user's tokens that were issued before a time: now, if none is given. */
  revokeTokens(user: string, issuedBefore?: Date): Promise<ServerUser> {
    const body = { issued_before: issuedBefore?.toISOString() };
    return this.#http.request("POST", `/server/users/${segment(user)}/tokens/revoke`, { body });
  }

  /** Creates a conversation, or finds the one with this `external_id`. */
  createConversation(conversation: NewConversation): Promise<ServerConversation> {
    return this.#http.request("POST", "/server/conversations", { body: conversation });
  }

  /** Finds a conversation. @throws ApiError with `CONVERSATION_NOT_FOUND`. */
  findConversation(externalId: string): Promise<ServerConversation> {
    return this.#http.request("GET", `/server/conversations/by-external-id/${segment(externalId)}`);
  }

  /** Changes a conversation. What is left out stays. */
  updateConversation(conversationId: string, patch: ConversationPatch): Promise<ServerConversation> {
    return this.#http.request("PUT", pathOf(conversationId), { body: patch });
  }

  /** Sends a message as a member (`sender`), or as the system (`system`). Give it a `client_message_id` to repeat it safely. */
  sendMessage(conversationId: string, message: ServerMessage): Promise<Message> {
    return this.#http.request("POST", `${pathOf(conversationId)}/messages`, { body: message });
  }

  addParticipants(conversationId: string, users: readonly string[]): Promise<Conversation> {
    const body = { user_ids: users };
    return this.#http.request("POST", `${pathOf(conversationId)}/participants`, { body });
  }

  removeParticipant(conversationId: string, user: string): Promise<void> {
    return this.#http.request("DELETE", `${pathOf(conversationId)}/participants/${segment(user)}`);
  }

  /** Lets a member of a group read and not write, whatever their role. */
  muteParticipant(
    conversationId: string,
    user: string,
    mute: Given<MuteParticipant> = {},
  ): Promise<Participant> {
    return this.#http.request("PUT", mutePath(conversationId, user), { body: mute });
  }

  unmuteParticipant(conversationId: string, user: string): Promise<void> {
    return this.#http.request("DELETE", mutePath(conversationId, user));
  }

  /** Bans a user from a group: they are out, and nobody can add them. */
  ban(conversationId: string, user: string, ban: Given<BanUser> = {}): Promise<Ban> {
    return this.#http.request("PUT", `${pathOf(conversationId)}/bans/${segment(user)}`, { body: ban });
  }

  unban(conversationId: string, user: string): Promise<void> {
    return this.#http.request("DELETE", `${pathOf(conversationId)}/bans/${segment(user)}`);
  }

  /** A page of a group's bans, the newest first. @param cursor `next_cursor` of the page before. */
  bans(conversationId: string, cursor?: string): Promise<BanPage> {
    const query = cursor === undefined ? "" : `?cursor=${segment(cursor)}`;
    return this.#http.request("GET", `${pathOf(conversationId)}/bans${query}`);
  }

  /** Deletes a conversation for everybody. Its members are out when this resolves; the job deletes the rest. */
  deleteConversation(conversationId: string): Promise<{ job_id: string }> {
    return this.#http.request("DELETE", pathOf(conversationId));
  }

  /** Sends the event `custom.<name>` to the members who are connected. */
  sendEvent(conversationId: string, name: string, data: Record<string, unknown> = {}): Promise<void> {
    return this.#http.request("POST", `${pathOf(conversationId)}/events`, { body: { name, data } });
  }

  /** Sends the event `custom.<name>` to a user who is connected. */
  sendUserEvent(user: string, name: string, data: Record<string, unknown> = {}): Promise<void> {
    return this.#http.request("POST", `/server/users/${segment(user)}/events`, { body: { name, data } });
  }

  /** What would be pushed to a user for a message: the decision for each device, and the three payloads. Nothing is sent. */
  checkPush(user: string, messageId: string): Promise<PushCheck> {
    return this.#http.request("POST", "/server/push/check", { body: { user, message_id: messageId } });
  }

  /** A page of what was reported or flagged, oldest first. @param cursor `next_cursor` of the page before. */
  queue(status: "open" | "done" = "open", cursor?: string): Promise<ModerationQueue> {
    const after = cursor === undefined ? "" : `&cursor=${segment(cursor)}`;
    return this.#http.request("GET", `${MODERATION}/queue?status=${status}${after}`);
  }

  /** Decides about an item of the queue, once. The note is the reason that its person reads. */
  decide(
    itemId: string,
    decision: Given<DecideItem> & Pick<DecideItem, "action" | "note">,
  ): Promise<ModerationItem> {
    return this.#http.request("POST", `${MODERATION}/queue/${segment(itemId)}`, { body: decision });
  }

  /** A page of the log of moderation, newest first. */
  moderationLog(cursor?: string): Promise<ModerationLog> {
    const query = cursor === undefined ? "" : `?cursor=${segment(cursor)}`;
    return this.#http.request("GET", `${MODERATION}/log${query}`);
  }

  /** Bans a user from the app: their sockets close, their requests are refused with the reason. */
  banUser(user: string, ban: Given<PutAppBan> & Pick<PutAppBan, "reason">): Promise<AppBanned> {
    return this.#http.request("PUT", `${MODERATION}/bans/${segment(user)}`, { body: ban });
  }

  unbanUser(user: string): Promise<void> {
    return this.#http.request("DELETE", `${MODERATION}/bans/${segment(user)}`);
  }

  /** Makes a filter of words or domains, or replaces one. It holds everywhere within half a minute. */
  putFilter(
    name: string,
    filter: Given<PutFilter> & Pick<PutFilter, "type" | "action" | "entries">,
  ): Promise<Filter> {
    return this.#http.request("PUT", `${FILTERS}/${segment(name)}`, { body: filter });
  }

  /** A filter with its entries. */
  filter(name: string): Promise<Filter> {
    return this.#http.request("GET", `${FILTERS}/${segment(name)}`);
  }

  /** All filters, without their entries. */
  async filters(): Promise<FilterSummary[]> {
    return (await this.#http.request<{ filters: FilterSummary[] }>("GET", FILTERS)).filters;
  }

  /** Deletes a filter. What it has masked stays masked. */
  deleteFilter(name: string): Promise<void> {
    return this.#http.request("DELETE", `${FILTERS}/${segment(name)}`);
  }

  /**
   * Exports everything of a person: `waitForJob` brings the links to the files. docs/export.md describes them. Needs the scope
   * `export`.
   */
  exportUser(user: string): Promise<{ job_id: string }> {
    return this.#http.request("POST", `/server/users/${segment(user)}/export`);
  }

  /**
   * Erases a person, for good: `waitForJob` brings a certificate. It takes up to half an hour. Needs the scope `export`.
   * @param messages `erase`: they become tombstones. `anonymise`: texts and files stay, without a name.
   */
  eraseUser(user: string, messages: EraseUser["messages"]): Promise<{ job_id: string }> {
    return this.#http.request("POST", `/server/users/${segment(user)}/erase`, { body: { messages } });
  }

  /** Lets conversations or users give a lost directory back what they know. Scope `operate`; see `npm run rebuild`. */
  rebuildDirectory(wanted: Given<RebuildDirectory> & Pick<RebuildDirectory, "kind" | "objects">) {
    return this.#http.request<RebuiltDirectory>("POST", "/server/directory/rebuild", { body: wanted });
  }

  /** Gives a directory that was put back to an earlier state a new identity, so that clients ask for everything. Scope `operate`. */
  renewDirectory(): Promise<void> {
    return this.#http.request("POST", "/server/directory/renew");
  }

  /**
   * Takes a conversation back to a time of the last 30 days, or to a state that an earlier recovery has named. `waitForJob` brings
   * the state from right before, with which it can be undone. Scope `operate`.
   * @param to the time, or the state.
   */
  recoverConversation(conversationId: string, to: Date | { bookmark: string }): Promise<{ job_id: string }> {
    const body = to instanceof Date ? { to: to.toISOString() } : to;
    return this.#http.request("POST", `${pathOf(conversationId)}/recover`, { body });
  }

  job(jobId: string): Promise<Job> {
    return this.#http.request("GET", `/server/jobs/${segment(jobId)}`);
  }

  /** Waits until a job has ended, and returns how. */
  async waitForJob(jobId: string): Promise<Job> {
    for (;;) {
      const job = await this.job(jobId);
      if (job.status !== "running") return job;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

/** Where the app moderates. */
const MODERATION = "/server/moderation";
const FILTERS = "/server/moderation/filters";

function pathOf(conversationId: string): string {
  return `/server/conversations/${segment(conversationId)}`;
}

function mutePath(conversationId: string, user: string): string {
  return `${pathOf(conversationId)}/participants/${segment(user)}/mute`;
}
