/** How much a user has not read, over all conversations (rule 30). */
import { z } from "zod";

const count = (description: string) => z.int().meta({ description });

/** The sums of what the conversation list says. A muted conversation counts in `muted_messages` alone. */
export const UnreadTotals = z
  .strictObject({
    messages: count("Unread messages in conversations that are not muted."),
    mentions: count("Those of them that mention the caller."),
    conversations: count("Conversations with unread messages that are not muted."),
    muted_messages: count("Unread messages in muted conversations."),
  })
  .meta({ id: "UnreadTotals" });
export type UnreadTotals = z.infer<typeof UnreadTotals>;
