/** Reactions: as a message shows them, and as they are added and removed (rule 18). */
import { z } from "zod";
import { Timestamp } from "./common.ts";
import { Emoji } from "./emoji.ts";
import { Uuid } from "./uuid.ts";

/** A reaction as part of a message. */
export const MessageReaction = z
  .strictObject({ emoji: z.string(), user_id: Uuid, username: z.string() })
  .meta({ id: "MessageReaction" });
export type MessageReaction = z.infer<typeof MessageReaction>;

export const ReactionParams = z.object({ emoji: Emoji });

export const AddReaction = z.object({ emoji: Emoji }).meta({ id: "AddReaction" });

export const Reaction = z
  .strictObject({
    reaction_id: Uuid,
    message_id: Uuid,
    emoji: z.string(),
    user_id: Uuid,
    created_at: Timestamp,
  })
  .meta({ id: "Reaction" });
export type Reaction = z.infer<typeof Reaction>;
