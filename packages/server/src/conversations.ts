/** Routes about conversations, their members and messages. */
import type {
  Ban,
  BanPage,
  BanUser,
  Conversation,
  CreateConversation,
  Message,
  MuteParticipant,
  Participant,
  SendServerMessage,
  ServerConversation,
  UpdateConversation,
} from "@rocket-chat-api/protocol";
import type { Given } from "./given.ts";
import { segment } from "./http.ts";
import { UserRoutes } from "./users.ts";

/** A message as a member, or as the system. */
export type ServerMessage = Given<Omit<SendServerMessage, "content">> & { content: string };

/** A conversation to create. Users are user ids, or `ext:` and the id of your identity provider. */
export type NewConversation = Given<CreateConversation> & Pick<CreateConversation, "type" | "participants">;

/** What changes a conversation. */
export type ConversationPatch = Given<Omit<UpdateConversation, "settings">> & {
  settings?: Given<NonNullable<UpdateConversation["settings"]>>;
};

/** The second layer of `ChatServer`: conversations. */
export class ConversationRoutes extends UserRoutes {
  /** Creates a conversation, or finds the one with this `external_id`. */
  createConversation(conversation: NewConversation): Promise<ServerConversation> {
    return this.http.request("POST", "/server/conversations", { body: conversation });
  }

  /** Finds a conversation. @throws ApiError with `CONVERSATION_NOT_FOUND`. */
  findConversation(externalId: string): Promise<ServerConversation> {
    return this.http.request("GET", `/server/conversations/by-external-id/${segment(externalId)}`);
  }

  /** Changes a conversation. What is left out stays. */
  updateConversation(conversationId: string, patch: ConversationPatch): Promise<ServerConversation> {
    return this.http.request("PUT", pathOf(conversationId), { body: patch });
  }

  /** Sends a message as a member (`sender`), or as the system (`system`). Give it a `client_message_id` to repeat it safely. */
  sendMessage(conversationId: string, message: ServerMessage): Promise<Message> {
    return this.http.request("POST", `${pathOf(conversationId)}/messages`, { body: message });
  }

  addParticipants(conversationId: string, users: readonly string[]): Promise<Conversation> {
    const body = { user_ids: users };
    return this.http.request("POST", `${pathOf(conversationId)}/participants`, { body });
  }

  removeParticipant(conversationId: string, user: string): Promise<void> {
    return this.http.request("DELETE", `${pathOf(conversationId)}/participants/${segment(user)}`);
  }

  /** Lets a member of a group read and not write, whatever their role. */
  muteParticipant(
    conversationId: string,
    user: string,
    mute: Given<MuteParticipant> = {},
  ): Promise<Participant> {
    return this.http.request("PUT", mutePath(conversationId, user), { body: mute });
  }

  unmuteParticipant(conversationId: string, user: string): Promise<void> {
    return this.http.request("DELETE", mutePath(conversationId, user));
  }

  /** Bans a user from a group: they are out, and nobody can add them. */
  ban(conversationId: string, user: string, ban: Given<BanUser> = {}): Promise<Ban> {
    return this.http.request("PUT", `${pathOf(conversationId)}/bans/${segment(user)}`, { body: ban });
  }

  unban(conversationId: string, user: string): Promise<void> {
    return this.http.request("DELETE", `${pathOf(conversationId)}/bans/${segment(user)}`);
  }

  /** A page of a group's bans, the newest first. @param cursor `next_cursor` of the page before. */
  bans(conversationId: string, cursor?: string): Promise<BanPage> {
    const query = cursor === undefined ? "" : `?cursor=${segment(cursor)}`;
    return this.http.request("GET", `${pathOf(conversationId)}/bans${query}`);
  }

  /** Deletes a conversation for everybody. Its members are out when this resolves; the job deletes the rest. */
  deleteConversation(conversationId: string): Promise<{ job_id: string }> {
    return this.http.request("DELETE", pathOf(conversationId));
  }

  /** Sends the event `custom.<name>` to the members who are connected. */
  sendEvent(conversationId: string, name: string, data: Record<string, unknown> = {}): Promise<void> {
    return this.http.request("POST", `${pathOf(conversationId)}/events`, { body: { name, data } });
  }
}

function pathOf(conversationId: string): string {
  return `/server/conversations/${segment(conversationId)}`;
}

function mutePath(conversationId: string, user: string): string {
  return `${pathOf(conversationId)}/participants/${segment(user)}/mute`;
}
