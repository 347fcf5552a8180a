/** Events about many messages at once: each says which by ranges of places, and takes one number. */
import { z } from "zod";
import { event, numbered } from "./event-schema.ts";
import { MAX_EVENT_RANGES } from "./limits.ts";
import { Uuid } from "./uuid.ts";

/** Places of messages, both ends included. Places between them that no message has mean nothing. */
export const SeqRange = z
  .strictObject({ from_seq: z.int().positive(), to_seq: z.int().positive() })
  .meta({ id: "SeqRange" });
export type SeqRange = z.infer<typeof SeqRange>;

/** What becomes of a person's messages when the person is erased. */
export const ErasedMessages = z.enum(["erase", "anonymise"]);
export type ErasedMessages = z.infer<typeof ErasedMessages>;

/**
 * Many messages were deleted for everyone. Each is a tombstone now whose `changed_seq` is the `seq` of this event, exactly as after
 * `message.deleted`.
 */
export const MessagesDeleted = event("messages.deleted", "MessagesDeleted", numbered, {
  ranges: z.array(SeqRange).max(MAX_EVENT_RANGES),
  sender_id: Uuid.nullable().meta({
    description:
      "Of the messages in these ranges those of this sender, but no system messages. Null: all messages there.",
  }),
  deleted_by: Uuid,
  reason: z.enum(["deleted", "expired", "erased"]).meta({
    description: "`expired`: older than messages are kept. `erased`: with the person who has sent them.",
  }),
});

/**
 * A person was erased (rule 28). In the messages of this range nothing is left of what they did beside texts: no reaction, no
 * mention of them. Their own messages there were deleted before (`erase`), or have lost their metadata and the names of files
 * (`anonymise`).
 */
export const PersonErased = event("person.erased", "PersonErased", numbered, {
  user_id: Uuid,
  ...SeqRange.shape,
  messages: ErasedMessages,
});
