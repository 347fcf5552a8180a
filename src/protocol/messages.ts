/** Messages: what a client sends, and what everybody sees. */
import { z } from "zod";
import { CleanText, codePoints, holdsCleanText, jsonBytes, limitParam, Timestamp } from "./common.ts";
import { Uuid } from "./ids.ts";
import {
  DEFAULT_MESSAGES_LIMIT,
  MAX_CLIENT_MESSAGE_ID_LENGTH,
  MAX_MENTIONS,
  MAX_METADATA_BYTES,
} from "./limits.ts";
import { UserSummary } from "./users.ts";

/** What a client may send (rule 13). */
export const SendableType = z.enum(["text", "image", "video", "audio", "file"]);
/** `system` is the server's alone. */
export const MessageType = z.enum([...SendableType.options, "system"]);
export type MessageType = z.infer<typeof MessageType>;

export const ReceiptStatus = z.enum(["sent", "delivered", "read"]);
export type ReceiptStatus = z.infer<typeof ReceiptStatus>;

/** The sender's own id for a message; sending it again changes nothing (rule 12). */
export const ClientMessageId = CleanText.refine(
  (id) => id.length >= 1 && codePoints(id) <= MAX_CLIENT_MESSAGE_ID_LENGTH,
  `must have 1 to ${MAX_CLIENT_MESSAGE_ID_LENGTH} characters`,
);

export const Metadata = z
  .looseObject({
    mentions: z
      .array(CleanText.pipe(z.string().max(64)))
      .max(MAX_MENTIONS)
      .optional(),
  })
  .refine((value) => jsonBytes(value) <= MAX_METADATA_BYTES, {
    error: `must be at most ${MAX_METADATA_BYTES} bytes of JSON`,
    abort: true,
  })
  .refine(holdsCleanText, "must be well-formed Unicode without NUL");

export const SendMessage = z
  .object({
    type: SendableType,
    content: CleanText.default(""),
    reply_to_message_id: Uuid.nullish(),
    attachment_id: Uuid.nullish(),
    client_message_id: ClientMessageId.optional(),
    metadata: Metadata.nullish(),
  })
  .meta({ id: "SendMessage" });
export type SendMessage = z.infer<typeof SendMessage>;

/** A quoted message (rule 15). */
export const ReplyTo = z
  .strictObject({
    message_id: Uuid,
    sender: UserSummary,
    type: MessageType,
    content: z.string(),
    is_deleted: z.boolean(),
  })
  .meta({ id: "ReplyTo" });
export type ReplyTo = z.infer<typeof ReplyTo>;

export const MessageReaction = z
  .strictObject({ emoji: z.string(), user_id: Uuid, username: z.string() })
  .meta({ id: "MessageReaction" });

/** What a `system` message reports (rule 8). */
export const SystemNote = z
  .looseObject({ event: z.string(), actor_id: Uuid })
  .meta({ id: "SystemNote", description: "What happened, for clients that word it themselves." });
export type SystemNote = z.infer<typeof SystemNote>;

/** A message, the same for every member. */
export const Message = z
  .strictObject({
    message_id: Uuid,
    conversation_id: Uuid,
    seq: z.int().meta({ description: "The message's place in the conversation. Order is by this." }),
    changed_seq: z.int().meta({ description: "The number of the newest change to this message." }),
    sender_id: Uuid,
    sender: UserSummary,
    type: MessageType,
    content: z.string(),
    created_at: Timestamp,
    status: ReceiptStatus,
    client_message_id: z.string().nullable(),
    is_edited: z.boolean(),
    edited_at: Timestamp.nullable(),
    is_deleted: z.boolean(),
    reply_to: ReplyTo.nullable(),
    attachments: z.array(z.unknown()),
    reactions: z.array(MessageReaction),
    metadata: z.looseObject({}).nullable(),
    system: SystemNote.nullable(),
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof Message>;

/** A message as one member fetches it. */
export const FetchedMessage = z
  .strictObject({ ...Message.shape, receipt_status: ReceiptStatus })
  .meta({ id: "FetchedMessage" });
export type FetchedMessage = z.infer<typeof FetchedMessage>;

export const HistoryQuery = z
  .object({
    before_id: Uuid.optional(),
    after_id: Uuid.optional(),
    around_id: Uuid.optional(),
    limit: limitParam(DEFAULT_MESSAGES_LIMIT),
  })
  .refine(
    (query) =>
      [query.before_id, query.after_id, query.around_id].filter((id) => id !== undefined).length <= 1,
    "only one of before_id, after_id and around_id",
  );
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const MessagePage = z
  .strictObject({
    messages: z.array(FetchedMessage).meta({ description: "Newest first." }),
    has_more: z
      .boolean()
      .meta({ description: "Whether the direction asked for goes on (older by default)." }),
    has_newer: z.boolean().meta({ description: "Whether messages newer than this page exist." }),
  })
  .meta({ id: "MessagePage" });
export type MessagePage = z.infer<typeof MessagePage>;

export const MessageParams = z.object({ message_id: Uuid });
