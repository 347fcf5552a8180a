/** Messages: what a client sends, and what members see. */
import { z } from "zod";
import { Attachment } from "./attachments.ts";
import {
  CleanText,
  holdsCleanText,
  holdsNoProto,
  jsonBytes,
  limitParam,
  numberCursor,
  optional,
  queryInteger,
  Timestamp,
  withDefaults,
  withoutProto,
} from "./common.ts";
import { LEAN_DEFAULTS } from "./lean-defaults.ts";
import {
  DEFAULT_EDITS_LIMIT,
  DEFAULT_LIST_LIMIT,
  DEFAULT_MESSAGES_LIMIT,
  MAX_ATTACHMENTS,
  MAX_CLIENT_MESSAGE_ID_LENGTH,
  MAX_EDITS,
  MAX_MENTIONS,
  MAX_METADATA_BYTES,
} from "./limits.ts";
import { MessageReaction } from "./reactions.ts";
import { ReceiptStatus } from "./receipt-schemas.ts";
import { codePoints } from "./text.ts";
import { UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

/** What a client may send (rule 13). */
export const SendableType = z.enum(["text", "image", "video", "audio", "file"]);
/** Only the server sends `system`. */
export const MessageType = z.enum([...SendableType.options, "system"]);
export type MessageType = z.infer<typeof MessageType>;

/**
 * The sender's own id for a message. To send it again changes nothing (rule 12). The platform replaces bytes of a header
 * that are not UTF-8 by U+FFFD: two ids could become one, so it is refused.
 */
export const ClientMessageId = CleanText.refine(
  (id) => id.length >= 1 && codePoints(id) <= MAX_CLIENT_MESSAGE_ID_LENGTH,
  `must have 1 to ${MAX_CLIENT_MESSAGE_ID_LENGTH} characters`,
).refine((id) => !id.includes("\ufffd"), "must be valid UTF-8");

export const Metadata = withoutProto(
  z
    .looseObject({
      mentions: z
        .array(CleanText.pipe(z.string().max(64)))
        .max(MAX_MENTIONS)
        .nullish(),
    })
    .refine((value) => jsonBytes(value) <= MAX_METADATA_BYTES, {
      error: `must be at most ${MAX_METADATA_BYTES} bytes of JSON`,
      abort: true,
    })
    .refine(holdsCleanText, "must be well-formed Unicode without NUL")
    .refine(holdsNoProto, "must not have the key __proto__"),
);

/** A message as it is sent. Null stays null: {@link optional} would cost one call for each field of each message. */
export const SendMessage = z
  .object({
    type: SendableType,
    content: CleanText.nullable()
      .default("")
      .transform((text) => text ?? ""),
    reply_to_message_id: Uuid.nullish(),
    attachment_id: Uuid.nullish(),
    attachment_ids: z
      .array(Uuid)
      .max(MAX_ATTACHMENTS)
      .refine((ids) => new Set(ids).size === ids.length, "must not contain duplicates")
      .nullish()
      .meta({ description: "Instead of `attachment_id`, for several files in one message, in this order." }),
    client_message_id: ClientMessageId.nullish(),
    metadata: Metadata.nullish(),
  })
  .refine((input) => !input.attachment_id || !input.attachment_ids?.length, {
    error: "must not have both attachment_id and attachment_ids",
    path: ["attachment_ids"],
  })
  .meta({ id: "SendMessage" });
export type SendMessage = z.infer<typeof SendMessage>;

/** The `client_message_id`, for clients that repeat requests by themselves (rule 12). */
export const SendHeaders = z.object({ "idempotency-key": ClientMessageId.optional() });

/** A quoted message (rule 15). */
export const ReplyTo = z
  .strictObject(
    withDefaults(
      {
        message_id: Uuid,
        sender: UserSummary,
        type: MessageType,
        content: z.string(),
        is_deleted: z.boolean(),
      },
      LEAN_DEFAULTS.quote,
    ),
  )
  .meta({ id: "ReplyTo" });
export type ReplyTo = z.infer<typeof ReplyTo>;

/** A member who is mentioned (rule 14). */
export const Mention = z.strictObject({ user_id: Uuid, username: z.string() }).meta({ id: "Mention" });
export type Mention = z.infer<typeof Mention>;

/** What a `system` message reports (rule 8). */
export const SystemNote = z
  .looseObject({ event: z.string(), actor_id: Uuid })
  .meta({ id: "SystemNote", description: "What happened, for clients that use their own words." });
export type SystemNote = z.infer<typeof SystemNote>;

/** The fields of a message. A patch of a message takes them from here: in a patch, what is missing has not changed. */
export const messageShape = {
  message_id: Uuid,
  conversation_id: Uuid,
  seq: z.int().meta({ description: "The position in the conversation. Sort by this." }),
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
  // Unions, because a reference that may be null could have no default of its own.
  reply_to: z.union([ReplyTo, z.null()]),
  attachments: z.array(Attachment),
  reactions: z.array(MessageReaction),
  metadata: z.looseObject({}).nullable(),
  mentions: z.array(Mention),
  mentions_all: z.boolean().meta({ description: "Whether the sender mentioned `@all` and was allowed to." }),
  is_pinned: z.boolean(),
  pinned_at: Timestamp.nullable(),
  pinned_by: Uuid.nullable().meta({ description: "The user who pinned it." }),
  expires_at: Timestamp.nullable().meta({ description: "When this disappearing message will be deleted." }),
  system: z.union([SystemNote, z.null()]),
};

/** A message, the same for every member. */
export const Message = z
  .strictObject(withDefaults(messageShape, LEAN_DEFAULTS.message))
  .meta({ id: "Message" });
export type Message = z.infer<typeof Message>;

/** A message as one member fetches it. */
export const FetchedMessage = z
  .strictObject({
    ...Message.shape,
    ...withDefaults({ receipt_status: ReceiptStatus }, LEAN_DEFAULTS.fetched),
  })
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
    has_more: z.boolean().meta({ description: "Whether there are more (older ones by default)." }),
    has_newer: z.boolean().meta({ description: "Whether there are messages newer than this page." }),
  })
  .meta({ id: "MessagePage" });
export type MessagePage = z.infer<typeof MessagePage>;

export const PinsQuery = z.object({
  cursor: numberCursor,
  limit: limitParam(DEFAULT_LIST_LIMIT),
});

export const PinPage = z
  .strictObject({
    messages: z.array(FetchedMessage).meta({ description: "The newest pin first." }),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "PinPage" });
export type PinPage = z.infer<typeof PinPage>;

export const EditMessage = z
  .object({ content: CleanText, metadata: optional(Metadata) })
  .meta({ id: "EditMessage" });
export type EditMessage = z.infer<typeof EditMessage>;

export const DeleteQuery = z.object({
  delete_for_everyone: z
    .enum(["true", "false"])
    .default("false")
    .transform((value) => value === "true"),
});

export const EditsQuery = z.object({
  before: queryInteger(1, MAX_EDITS * 1_000, MAX_EDITS * 1_000).meta({
    description: "Only versions before this one: the `version` of the first one of the last page.",
  }),
  limit: limitParam(DEFAULT_EDITS_LIMIT),
});
export type EditsQuery = z.infer<typeof EditsQuery>;

/** A page of the versions of a message, oldest first. Without `before` the last one is the current text (rule 16). */
export const MessageEdits = z
  .strictObject({
    message_id: Uuid,
    edits: z.array(
      z.strictObject({
        version: z.int().meta({ description: "1 is the message as it was sent." }),
        content: z.string(),
        created_at: Timestamp,
      }),
    ),
    has_more: z.boolean().meta({ description: "Whether there are older versions." }),
  })
  .meta({ id: "MessageEdits" });
export type MessageEdits = z.infer<typeof MessageEdits>;

export const MessageParams = z.object({ message_id: Uuid });
