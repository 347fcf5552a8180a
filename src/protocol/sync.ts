/** `GET /sync`: everything of all conversations since a token, for a client that was away (rule 21). */
import { z } from "zod";
import { limitParam } from "./common.ts";
import { ConversationListItem } from "./conversations.ts";
import { Uuid } from "./ids.ts";
import { DEFAULT_LIST_LIMIT } from "./limits.ts";
import { ConversationChanges } from "./sockets.ts";

const TOKEN = /^s[0-9a-z]{1,11}$/;

/** A place in the directory's revisions, as clients hold it. */
export function syncToken(rev: number): string {
  return `s${rev.toString(36)}`;
}

export const SyncQuery = z.object({
  since: z
    .string()
    .regex(TOKEN, "is not a token of ours")
    .transform((token) => Number.parseInt(token.slice(1), 36))
    .optional(),
  limit: limitParam(DEFAULT_LIST_LIMIT),
});

export const SyncItem = z
  .strictObject({ conversation: ConversationListItem, changes: ConversationChanges })
  .meta({ id: "SyncItem" });
export type SyncItem = z.infer<typeof SyncItem>;

export const SyncPage = z
  .strictObject({
    conversations: z.array(SyncItem).meta({ description: "Changed ones, oldest change first." }),
    removed_conversation_ids: z
      .array(Uuid)
      .meta({ description: "No longer in the caller's list: removed from it, or left." }),
    next_token: z.string().meta({ description: "`since` of the next call." }),
    has_more: z.boolean().meta({ description: "Whether to call again at once." }),
  })
  .meta({ id: "SyncPage" });
export type SyncPage = z.infer<typeof SyncPage>;
