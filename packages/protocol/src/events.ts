/** What the server sends over a socket. */
import { z } from "zod";
import { BlocksUpdated } from "./blocks.ts";
import { ConversationChanges } from "./changes.ts";
import { Timestamp } from "./common.ts";
import { ConversationSnapshot, Member, Preferences } from "./conversations.ts";
import { deletionOrder, event, numbered, unnumbered } from "./event-schema.ts";
import { LEAN_DEFAULTS } from "./lean-defaults.ts";
import { Mention, Message, messageShape } from "./messages.ts";
import { MessagesDeleted, PersonErased } from "./range-events.ts";
import { ModerationNoticeEvent } from "./reports.ts";
import { Ack, ConnectionEstablished, ErrorEvent, Pong, Profiles, UnreadTotal } from "./socket-events.ts";
import { PrivacyUpdated, UserPresence, UserUpdated } from "./user-events.ts";
import { UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

/** The fields of a message that can change without an event of their own: all but those that identify it. */
const MessagePatch = z
  .strictObject(messageShape)
  .omit({
    message_id: true,
    conversation_id: true,
    seq: true,
    changed_seq: true,
    sender_id: true,
    sender: true,
  })
  .partial();

/** Events that every member receives. Each takes the next `seq` of the conversation (rule 11). */
export const NumberedEvent = z.discriminatedUnion("type", [
  event("message.new", "MessageNew", numbered, Message),
  event(
    "message.edited",
    "MessageEdited",
    numbered,
    {
      message_id: Uuid,
      content: z.string(),
      is_edited: z.literal(true),
      edited_at: Timestamp,
      metadata: Message.shape.metadata,
      mentions: z.array(Mention),
      mentions_all: z.boolean(),
    },
    LEAN_DEFAULTS.edited,
  ),
  event(
    "message.deleted",
    "MessageDeleted",
    deletionOrder,
    {
      message_id: Uuid,
      deleted_by: Uuid,
      for_everyone: z.boolean(),
      reason: z.enum(["deleted", "expired"]),
    },
    LEAN_DEFAULTS.deleted,
  ),
  event(
    "message.reaction",
    "MessageReactionEvent",
    numbered,
    {
      message_id: Uuid,
      user_id: Uuid,
      username: z.string(),
      emoji: z.string(),
      action: z.enum(["add", "remove"]),
    },
    LEAN_DEFAULTS.reaction,
  ),
  event("message.updated", "MessageUpdated", numbered, {
    message_id: Uuid,
    changed_seq: Message.shape.changed_seq,
    patch: MessagePatch.meta({
      description: "The fields of the message that have changed, as they are now.",
    }),
  }),
  MessagesDeleted,
  PersonErased,
  event("conversation.created", "ConversationCreated", numbered, ConversationSnapshot),
  event("conversation.updated", "ConversationUpdated", numbered, {
    ...ConversationSnapshot.pick({
      name: true,
      description: true,
      photo_url: true,
      settings: true,
      metadata: true,
    }).shape,
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
    removed_by: Uuid.meta({ description: "The same as `user_id` if they left." }),
  }),
  event("participant.updated", "ParticipantUpdated", numbered, {
    participants: z.array(Member).meta({ description: "The members that have changed, as they are now." }),
    updated_by: Uuid,
  }),
]);
export type NumberedEvent = z.infer<typeof NumberedEvent>;

export const TypingIndicator = event(
  "typing.indicator",
  "TypingIndicator",
  unnumbered,
  {
    user_id: Uuid,
    username: z.string(),
    is_typing: z.boolean(),
  },
  LEAN_DEFAULTS.typing,
);

/** `read` goes to every member, `delivered` to the senders of the messages that the watermark passed (rules 19 and 33). */
export const MessageReceipt = event(
  "message.receipt",
  "MessageReceiptEvent",
  unnumbered,
  {
    message_id: Uuid.meta({ description: "The newest message that the watermark passed." }),
    up_to: z.literal(true).meta({ description: "The status is that of this message and all before it." }),
    user_id: Uuid,
    status: z.enum(["delivered", "read"]),
    timestamp: Timestamp,
  },
  LEAN_DEFAULTS.receipt,
);

/** For the caller's other devices: their preferences have changed. */
export const PreferencesUpdated = event("preferences.updated", "PreferencesUpdated", unnumbered, Preferences);

/** A former member has changed their name or photo: update their messages. It takes no number, as they are no member. */
export const FormerMemberUpdated = event(
  "former_member.updated",
  "FormerMemberUpdated",
  unnumbered,
  UserSummary.shape,
);

/** For the caller's other devices: the caller has left a direct conversation (rule 8). */
export const ConversationHidden = event("conversation.hidden", "ConversationHidden", unnumbered, {
  up_to_seq: z
    .int()
    .meta({ description: "It is not in the list until there is a message with a higher `seq`." }),
});

/** For the caller's own devices: they have accepted or declined a stranger's direct chat (rule 29). */
export const RequestUpdated = event("request.updated", "RequestUpdated", unnumbered, {
  status: z.enum(["accepted", "declined"]).meta({
    description: "`accepted`: it is a chat like any other. `declined`: it is no longer in the list.",
  }),
});

export const ConversationSync = z
  .strictObject({ type: z.literal("conversation.sync"), conversation_id: Uuid, data: ConversationChanges })
  .meta({ id: "ConversationSync" });

/** Something may not have reached the client, or the client may not know the conversation at all: ask with `sync`. */
export const SyncRequired = z
  .strictObject({
    type: z.literal("sync.required"),
    conversation_id: Uuid,
    up_to_seq: z.int().optional().meta({ description: "Who has everything up to here need not ask." }),
    reset: z.literal(true).optional().meta({
      description: "What the user may see has changed: forget the copy of the conversation, and ask from 0.",
    }),
  })
  .meta({ id: "SyncRequired" });

/** Events of one conversation that take no number. */
export const UnnumberedEvent = z.discriminatedUnion("type", [
  TypingIndicator,
  MessageReceipt,
  PreferencesUpdated,
  ConversationHidden,
  FormerMemberUpdated,
  RequestUpdated,
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
  PrivacyUpdated,
  BlocksUpdated,
  UnreadTotal,
  ModerationNoticeEvent,
  ConversationSync,
  SyncRequired,
  Profiles,
  ...NumberedEvent.options,
  ...UnnumberedEvent.options,
]);
export type ServerEvent = z.infer<typeof ServerEvent>;
