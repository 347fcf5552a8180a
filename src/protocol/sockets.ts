/** What travels over a socket: commands from clients, events from the server. */
import { z } from "zod";
import { Features } from "./capabilities.ts";
import { optional, Timestamp, withoutProto } from "./common.ts";
import { ConversationSnapshot, Member, Preferences } from "./conversations.ts";
import { ErrorCode } from "./errors.ts";
import { Uuid } from "./ids.ts";
import { MAX_SYNC_CONVERSATIONS } from "./limits.ts";
import { FetchedMessage, Mention, Message, SendMessage } from "./messages.ts";
import { PresenceStatus, UserSummary } from "./users.ts";

const requestIdValue = z.union([z.string().max(64), z.int()]);
/** As answers carry it. */
export const requestId = requestIdValue.optional();
export type RequestId = z.infer<typeof requestId>;

/** A command: what clients send. */
function command<Type extends string, Shape extends z.core.$ZodLooseShape>(
  type: Type,
  id: string,
  shape: Shape,
) {
  return z.object({ type: z.literal(type), request_id: optional(requestIdValue), ...shape }).meta({ id });
}

/** How far a client has come in each conversation: the highest `seq` up to which it has everything. */
const SyncCursors = withoutProto(
  z.record(Uuid, z.int().min(0)).refine((cursors) => Object.keys(cursors).length <= MAX_SYNC_CONVERSATIONS, {
    message: `at most ${MAX_SYNC_CONVERSATIONS} conversations`,
  }),
);

/** Client -> server. Each is answered by `ack` or `error` if it carries a `request_id`, `ping` by `pong` (rule 20). */
export const ClientCommand = z.discriminatedUnion("type", [
  command("message.send", "MessageSendCommand", { conversation_id: Uuid, data: SendMessage }),
  command("typing.start", "TypingStartCommand", { conversation_id: Uuid }),
  command("typing.stop", "TypingStopCommand", { conversation_id: Uuid }),
  command("message.read", "MessageReadCommand", { message_id: Uuid }),
  command("message.delivered", "MessageDeliveredCommand", { message_id: Uuid }),
  command("presence.update", "PresenceUpdateCommand", { status: PresenceStatus }),
  command("sync", "SyncCommand", { conversations: SyncCursors }),
  command("flow.ack", "FlowAckCommand", {
    received: z
      .int()
      .min(0)
      .meta({ description: "Characters received in frames since the last flow.ack. Never answered." }),
  }),
  command("auth.refresh", "AuthRefreshCommand", { token: z.string() }),
  command("ping", "PingCommand", {}),
]);
export type ClientCommand = z.infer<typeof ClientCommand>;

export const ConnectionEstablished = z
  .strictObject({
    type: z.literal("connection.established"),
    data: z.strictObject({ user_id: Uuid, connection_id: z.string(), features: Features }),
  })
  .meta({ id: "ConnectionEstablished" });

export const Ack = z
  .strictObject({ type: z.literal("ack"), request_id: requestId, data: z.unknown().optional() })
  .meta({ id: "Ack" });

export const ErrorEvent = z
  .strictObject({
    type: z.literal("error"),
    request_id: requestId,
    client_message_id: z
      .string()
      .optional()
      .meta({ description: "Of the `message.send` that is refused, where it had one." }),
    code: ErrorCode,
    message: z.string(),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: "`close_code`: the server closes the socket with it, and takes no more frames." }),
  })
  .meta({ id: "ErrorEvent" });
export type ErrorEvent = z.infer<typeof ErrorEvent>;

export const Pong = z.strictObject({ type: z.literal("pong"), request_id: requestId }).meta({ id: "Pong" });

const numbered = { seq: z.int().meta({ description: "The conversation's number of this change." }) };
/** Deleted for oneself, a message is gone from one's own devices only, and that takes no number (rule 17). */
const deletionOrder = { seq: numbered.seq.optional() };
/** Seen by some members only, so it takes no number of the conversation. */
const unnumbered = {};

/** What an event carries: its own fields, or a schema that REST answers with too. */
type EventData = z.core.$ZodLooseShape | z.ZodObject;
type DataSchema<Data> = Data extends z.ZodObject
  ? Data
  : Data extends z.core.$ZodLooseShape
    ? z.ZodObject<Data, z.core.$strict>
    : never;

/** An event of one conversation. */
function event<Type extends string, Order extends { seq?: z.ZodType }, Data extends EventData>(
  type: Type,
  id: string,
  order: Order,
  data: Data,
) {
  const schema = data instanceof z.ZodObject ? data : z.strictObject(data as z.core.$ZodLooseShape);
  return z
    .strictObject({
      type: z.literal(type),
      conversation_id: Uuid,
      ...order,
      data: schema as DataSchema<Data>,
    })
    .meta({ id });
}

/** Events that everybody in a conversation hears; each takes the next `seq` (rule 11). */
export const NumberedEvent = z.discriminatedUnion("type", [
  event("message.new", "MessageNew", numbered, Message),
  event("message.edited", "MessageEdited", numbered, {
    message_id: Uuid,
    content: z.string(),
    is_edited: z.literal(true),
    edited_at: Timestamp,
    metadata: Message.shape.metadata,
    mentions: z.array(Mention),
    mentions_all: z.boolean(),
  }),
  event("message.deleted", "MessageDeleted", deletionOrder, {
    message_id: Uuid,
    deleted_by: Uuid,
    for_everyone: z.boolean(),
    reason: z.enum(["deleted", "expired"]),
  }),
  event("message.reaction", "MessageReactionEvent", numbered, {
    message_id: Uuid,
    user_id: Uuid,
    username: z.string(),
    emoji: z.string(),
    action: z.enum(["add", "remove"]),
  }),
  event("conversation.created", "ConversationCreated", numbered, ConversationSnapshot),
  event("conversation.updated", "ConversationUpdated", numbered, {
    ...ConversationSnapshot.pick({ name: true, description: true, photo_url: true, settings: true }).shape,
    updated_by: Uuid,
  }),
  event("participant.added", "ParticipantAdded", numbered, {
    participants: z.array(Member),
    participant_count: z.int(),
    added_by: Uuid,
  }),
  event("participant.removed", "ParticipantRemoved", numbered, {
    user_id: Uuid,
    username: z.string(),
    participant_count: z.int(),
    removed_by: Uuid.meta({ description: "The same as `user_id` when they left by themselves." }),
  }),
  event("participant.updated", "ParticipantUpdated", numbered, {
    participants: z.array(Member).meta({ description: "The members that changed, as they are now." }),
    updated_by: Uuid,
  }),
]);
export type NumberedEvent = z.infer<typeof NumberedEvent>;

export const TypingIndicator = event("typing.indicator", "TypingIndicator", unnumbered, {
  user_id: Uuid,
  username: z.string(),
  is_typing: z.boolean(),
});

/** `read` goes to every member, `delivered` to the senders of the messages that the watermark passed (rules 19 and 33). */
export const MessageReceipt = event("message.receipt", "MessageReceiptEvent", unnumbered, {
  message_id: Uuid.meta({ description: "The newest message that the watermark passed." }),
  up_to: z.literal(true).meta({ description: "It holds for this message and all before it." }),
  user_id: Uuid,
  status: z.enum(["delivered", "read"]),
  timestamp: Timestamp,
});

/** The caller's own preferences, for their other devices. */
export const PreferencesUpdated = event("preferences.updated", "PreferencesUpdated", unnumbered, Preferences);

/** Somebody who has left goes by another name: so do their messages. It takes no number, for they are no member. */
export const FormerMemberUpdated = event(
  "former_member.updated",
  "FormerMemberUpdated",
  unnumbered,
  UserSummary.shape,
);

/** The caller has left a direct conversation, for their other devices (rule 8). */
export const ConversationHidden = event("conversation.hidden", "ConversationHidden", unnumbered, {
  up_to_seq: z
    .int()
    .meta({ description: "It is out of the list until a message with a higher `seq` comes." }),
});

/** Somebody's watermarks. */
export const ReadState = z
  .strictObject({
    user_id: Uuid,
    joined_seq: z.int().meta({ description: "Where the membership began: no message before it counts." }),
    last_read_seq: z.int(),
    last_delivered_seq: z.int(),
  })
  .meta({ id: "ReadState" });
export type ReadState = z.infer<typeof ReadState>;

/** What has changed in a conversation since a client's `since` (rule 21). Applying it twice is harmless. */
export const ConversationChanges = z
  .strictObject({
    conversation_id: Uuid,
    since: z.int(),
    seq: z
      .int()
      .meta({ description: "Once the last frame is applied, the client has everything up to here." }),
    is_last: z.boolean().meta({ description: "Whether this is the last frame of this answer." }),
    limited: z.boolean().meta({
      description: "Too far behind: forget what you have of this conversation, this is its newest page.",
    }),
    membership: z.enum(["member", "removed"]),
    conversation: ConversationSnapshot.omit({ participants: true, seq: true }).nullable(),
    messages: z.array(FetchedMessage).meta({ description: "New and changed ones, in the order of change." }),
    has_more: z
      .boolean()
      .meta({ description: "Where `limited`: whether there are older messages than these." }),
    members: z.array(Member),
    removed_user_ids: z.array(Uuid),
    former_members: z
      .array(UserSummary)
      .meta({ description: "Those who left, by the names that their messages now go by." }),
    hidden_message_ids: z.array(Uuid).meta({ description: "Deleted for oneself." }),
    is_hidden: z.boolean().meta({
      description: "A direct conversation that the caller has left: out of the list until the next message.",
    }),
    read_states: z.array(ReadState),
    unread_count: z.int(),
    unread_mentions: z.int(),
  })
  .meta({ id: "ConversationChanges" });
export type ConversationChanges = z.infer<typeof ConversationChanges>;

export const ConversationSync = z
  .strictObject({ type: z.literal("conversation.sync"), conversation_id: Uuid, data: ConversationChanges })
  .meta({ id: "ConversationSync" });

/** The server could not be sure that everything was heard: ask with `sync`. */
export const SyncRequired = z
  .strictObject({ type: z.literal("sync.required"), conversation_id: Uuid })
  .meta({ id: "SyncRequired" });

export const UserPresence = z
  .strictObject({
    type: z.literal("user.presence"),
    data: z.strictObject({
      user_id: Uuid,
      status: PresenceStatus,
      last_seen_at: Timestamp.nullable(),
    }),
  })
  .meta({ id: "UserPresence" });

/** The user's own profile has changed: for their other devices. */
export const UserUpdated = z
  .strictObject({ type: z.literal("user.updated"), data: UserSummary })
  .meta({ id: "UserUpdated" });

/** Events of one conversation that take no number. */
export const UnnumberedEvent = z.discriminatedUnion("type", [
  TypingIndicator,
  MessageReceipt,
  PreferencesUpdated,
  ConversationHidden,
  FormerMemberUpdated,
]);
export type UnnumberedEvent = z.infer<typeof UnnumberedEvent>;

/** Events of one conversation. */
export type ConversationEvent = NumberedEvent | UnnumberedEvent;

/** Everything that a server sends. */
export const ServerEvent = z.discriminatedUnion("type", [
  ConnectionEstablished,
  Ack,
  ErrorEvent,
  Pong,
  UserPresence,
  UserUpdated,
  ConversationSync,
  SyncRequired,
  ...NumberedEvent.options,
  ...UnnumberedEvent.options,
]);
export type ServerEvent = z.infer<typeof ServerEvent>;

export const Ticket = z
  .strictObject({ ticket: z.string(), expires_in: z.int().meta({ description: "Seconds." }) })
  .meta({ id: "Ticket" });

/** How a socket is opened (rules 4 and 20); a token may also come in the `Authorization` header. */
export const SocketQuery = z.object({
  token: z.string().optional().meta({ description: "A bearer token. URLs end up in logs: prefer a ticket." }),
  ticket: z.string().optional().meta({ description: "A ticket from `POST /api/v1/ws/ticket`." }),
  batch: z
    .enum(["0", "1"])
    .optional()
    .meta({ description: "`1`: many events may come in one frame, as a JSON array." }),
});
export type SocketQuery = z.infer<typeof SocketQuery>;

export const ConversationSocketQuery = SocketQuery.extend({
  since: z
    .string()
    .regex(/^[0-9]{1,15}$/, "must be a whole number")
    .transform(Number)
    .optional()
    .meta({
      description: "The highest `seq` up to which the client has everything: what came after is sent first.",
    }),
});
export type ConversationSocketQuery = z.infer<typeof ConversationSocketQuery>;
