/** What has changed in a conversation since a client was last there (rule 21). */
import { z } from "zod";
import { withDefaults } from "./common.ts";
import { ConversationSnapshot, Member } from "./conversations.ts";
import { LEAN_DEFAULTS } from "./lean-defaults.ts";
import { FetchedMessage } from "./messages.ts";
import { UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

/** The watermarks of one member. */
export const ReadState = z
  .strictObject({
    user_id: Uuid,
    joined_seq: z.int().meta({ description: "Where the membership began. Messages before it do not count." }),
    last_read_seq: z.int(),
    last_delivered_seq: z.int(),
  })
  .meta({ id: "ReadState" });
export type ReadState = z.infer<typeof ReadState>;

/** What has changed in a conversation since a client's `since` (rule 21). Applying it twice is harmless. */
export const ConversationChanges = z
  .strictObject(
    withDefaults(
      {
        conversation_id: Uuid,
        since: z.int(),
        seq: z.int().meta({ description: "After the last frame, the client has everything up to here." }),
        is_last: z.boolean().meta({ description: "Whether this is the last frame of this answer." }),
        limited: z.boolean().meta({
          description:
            "The client was too far behind: drop what you have of this conversation. This is its newest page.",
        }),
        reset: z.literal(true).optional().meta({
          description:
            "With `limited`: what the user may see has changed. Drop what you have even if it is as new as this page.",
        }),
        membership: z.enum(["member", "removed"]),
        conversation: ConversationSnapshot.omit({
          participants: true,
          seq: true,
          is_request: true,
        }).nullable(),
        messages: z
          .array(FetchedMessage)
          .meta({ description: "New and changed ones, in the order of change." }),
        has_more: z.boolean().meta({ description: "If `limited`: whether there are older messages." }),
        members: z.array(Member),
        removed_user_ids: z.array(Uuid),
        former_members: z
          .array(UserSummary)
          .meta({ description: "People who have left, with the names to show on their messages." }),
        hidden_message_ids: z
          .array(Uuid)
          .meta({ description: "Messages that the caller has deleted for themselves." }),
        is_hidden: z.boolean().meta({
          description:
            "Whether the caller has left this direct conversation: it is not in the list until the next message.",
        }),
        is_request: z.boolean().meta({
          description: "Whether this is a stranger's direct chat that the caller has not accepted.",
        }),
        read_states: z.array(ReadState),
        unread_count: z.int(),
        unread_mentions: z.int(),
      },
      LEAN_DEFAULTS.changes,
    ),
  )
  .meta({ id: "ConversationChanges" });
export type ConversationChanges = z.infer<typeof ConversationChanges>;
