/** What operators ask of a deployment to keep and mend its data (docs/backup.md). */
import { z } from "zod";
import { optional, Timestamp } from "./common.ts";
import { MAX_REBUILT } from "./limits.ts";

/** An object of the platform: an id of ours, or the platform's own name of the object, 64 hexadecimal digits. */
const ObjectId = z
  .string()
  .max(64)
  .regex(/^(?:[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/)
  .meta({ description: "An id of ours, or the id of the Durable Object (64 hexadecimal digits)." });

export const RebuildDirectory = z
  .strictObject({
    kind: z.enum(["conversations", "users"]),
    objects: z.array(ObjectId).min(1).max(MAX_REBUILT),
    is_begun: z
      .boolean()
      .nullable()
      .default(false)
      .transform((is) => is ?? false)
      .meta({
        description:
          "An earlier request has begun these (`pending` of its answer): they go on, instead of beginning again.",
      }),
  })
  .meta({ id: "RebuildDirectory" });
export type RebuildDirectory = z.output<typeof RebuildDirectory>;

export const RebuiltDirectory = z
  .strictObject({
    done: z.array(ObjectId).meta({ description: "The directory has everything of these." }),
    pending: z.array(ObjectId).meta({
      description: "Large ones that are still being written: ask again with `is_begun`.",
    }),
    empty: z.array(ObjectId).meta({ description: "They hold nothing." }),
    failed: z.array(ObjectId).meta({ description: "They could not be reached: ask again." }),
  })
  .meta({ id: "RebuiltDirectory" });
export type RebuiltDirectory = z.infer<typeof RebuiltDirectory>;

/** The platform's name of a state of an object. */
const Bookmark = z
  .string()
  .regex(/^[0-9a-zA-Z_-]{1,128}$/)
  .meta({
    description: "The platform's name of a state of the conversation, as a job of a recovery has brought it.",
  });

/** Takes a conversation back: to a time, or to a state. */
export const RecoverConversation = z
  .object({
    to: optional(Timestamp).meta({
      description: "A time of the last 30 days at which the conversation existed.",
    }),
    bookmark: optional(Bookmark).meta({
      description: "A state. `undo_bookmark` of an earlier recovery is the one from right before it.",
    }),
  })
  .refine(({ to, bookmark }) => (to === undefined) !== (bookmark === undefined), {
    error: "must have exactly one of to, bookmark",
  })
  .meta({ id: "RecoverConversation" });
export type RecoverConversation = z.output<typeof RecoverConversation>;

/** What a recovery has brought. */
export const RecoveryResult = z
  .strictObject({
    bookmark: z.string().meta({ description: "The state that the conversation went back to." }),
    undo_bookmark: z
      .string()
      .meta({ description: "The state right before. With it the recovery can be undone." }),
  })
  .meta({ id: "RecoveryResult" });
export type RecoveryResult = z.infer<typeof RecoveryResult>;
