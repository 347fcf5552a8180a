/**
 * The fields that sections 1 and 2 of the guide name, with the guide's types, copied by hand: nothing here comes from
 * `src`. What an answer has beside them is dropped (rule 31). `orNull` marks where this server says null for what is
 * not set, which the guide never shows: docs/guide-differences.md.
 */
import { z } from "zod";

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const time = z.iso.datetime();
const url = z.url({ protocol: /^https?$/ });
const count = z.int().min(0);
const orNull = <T extends z.ZodType>(type: T) => z.nullable(type);

const conversationType = z.enum(["direct", "group"]);
/** Also of a message: a type that the client does not know is shown as its `content`. */
const messageType = z.string().min(1);
const receiptStatus = z.enum(["sent", "delivered", "read"]);

const sender = z.object({
  user_id: uuid,
  username: z.string(),
  display_name: z.string(),
  profile_photo_url: orNull(url),
});

const participant = z.object({
  ...sender.shape,
  role: z.enum(["admin", "member"]),
  is_online: z.boolean(),
  last_seen_at: orNull(time),
});

const reaction = z.object({ emoji: z.string(), user_id: uuid, username: z.string() });

const listItem = z.object({
  conversation_id: uuid,
  type: conversationType,
  name: orNull(z.string()),
  photo_url: orNull(url),
  last_message: orNull(z.object({ content: z.string(), created_at: time, sender_username: z.string() })),
  unread_count: count,
  is_muted: z.boolean(),
  is_pinned: z.boolean(),
  participants: z.array(participant),
  other_user: orNull(participant),
});

const details = z.object({
  conversation_id: uuid,
  type: conversationType,
  name: orNull(z.string()),
  photo_url: orNull(url),
  description: orNull(z.string()),
  participant_count: count,
  participants: z.array(participant),
  settings: z.object({ only_admins_can_send: z.boolean(), disappearing_messages_enabled: z.boolean() }),
});

const sentMessage = z.object({
  message_id: uuid,
  conversation_id: uuid,
  sender_id: uuid,
  type: messageType,
  content: z.string(),
  created_at: time,
  status: z.literal("sent"),
  sender,
});

const shownMessage = z.object({
  message_id: uuid,
  sender,
  type: messageType,
  content: z.string(),
  created_at: time,
  is_edited: z.boolean(),
  reply_to: orNull(z.object({})),
  attachments: z.array(z.object({})),
  reactions: z.array(reaction),
  receipt_status: receiptStatus,
});

/** The answers of section 1, by the guide's titles. */
export const ANSWERS = {
  "List Conversations": z.object({
    conversations: z.array(listItem),
    total: count,
    page: z.int().min(1),
    has_more: z.boolean(),
  }),
  "Create Direct Conversation": z.object({
    conversation_id: uuid,
    type: z.literal("direct"),
    created_at: time,
    participants: z.array(participant),
  }),
  "Create Group Conversation": z.object({
    conversation_id: uuid,
    type: z.literal("group"),
    name: z.string(),
    created_by: uuid,
    participants: z.array(participant),
  }),
  "Get Conversation Details": details,
  "Send Message": sentMessage,
  "Get upload URL": z.object({ attachment_id: uuid, upload_url: url, expires_in: z.int().positive() }),
  "Get Messages": z.object({ messages: z.array(shownMessage), has_more: z.boolean() }),
  "Get Message": shownMessage,
  "Edit Message": z.object({
    message_id: uuid,
    content: z.string(),
    is_edited: z.literal(true),
    edited_at: time,
  }),
  "Add Reaction": z.object({
    reaction_id: uuid,
    message_id: uuid,
    emoji: z.string(),
    user_id: uuid,
    created_at: time,
  }),
  "Mark Messages as Read": z.object({ marked_read: count, unread_count: count }),
  "Get Message Receipts": z.object({
    receipts: z.array(
      z.object({
        user_id: uuid,
        username: z.string(),
        status: receiptStatus,
        delivered_at: orNull(time),
        read_at: orNull(time),
      }),
    ),
  }),
  "Search Messages": z.object({
    results: z.array(
      z.object({
        message_id: uuid,
        conversation_id: uuid,
        conversation_name: z.string(),
        sender_username: z.string(),
        content: z.string(),
        created_at: time,
        highlight: z.string(),
      }),
    ),
    total: count,
  }),
  "Error Response": z.object({ code: z.string(), message: z.string() }),
} as const;
export type Answers = { [Title in keyof typeof ANSWERS]: z.infer<(typeof ANSWERS)[Title]> };

function event<Type extends string, Data extends z.core.$ZodLooseShape>(type: Type, data: Data) {
  return z.object({ type: z.literal(type), conversation_id: uuid, data: z.object(data) });
}

/** The events of section 2 that a server sends. */
export const EVENTS = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("connection.established"),
    data: z.object({ user_id: uuid, connection_id: z.string().min(1) }),
  }),
  // Of the message the guide names four fields, and dots for the rest: what it says of messages elsewhere.
  event("message.new", {
    ...sentMessage.shape,
    ...shownMessage.pick({ is_edited: true, reply_to: true, attachments: true, reactions: true }).shape,
  }),
  event("message.edited", { message_id: uuid, content: z.string(), edited_at: time }),
  event("message.deleted", { message_id: uuid, deleted_by: uuid }),
  event("message.reaction", {
    message_id: uuid,
    user_id: uuid,
    username: z.string(),
    emoji: z.string(),
    action: z.enum(["add", "remove"]),
  }),
  event("typing.indicator", { user_id: uuid, username: z.string(), is_typing: z.boolean() }),
  event("message.receipt", {
    message_id: uuid,
    user_id: uuid,
    status: z.enum(["delivered", "read"]),
    timestamp: time,
  }),
  z.object({
    type: z.literal("user.presence"),
    data: z.object({
      user_id: uuid,
      status: z.enum(["online", "away", "offline"]),
      last_seen_at: orNull(time),
    }),
  }),
]);
export type GuideEvent = z.infer<typeof EVENTS>;
export type EventOf<Type extends GuideEvent["type"]> = Extract<GuideEvent, { type: Type }>;
