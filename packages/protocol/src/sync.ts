/** `GET /sync`: what has changed in all conversations since a token, for a client that was away (rule 21). */
import { z } from "zod";
import { ConversationChanges } from "./changes.ts";
import { limitParam } from "./common.ts";
import { ConversationListItem } from "./conversations.ts";
import { DEFAULT_LIST_LIMIT } from "./limits.ts";
import { UnreadTotals } from "./unread.ts";
import { Uuid } from "./uuid.ts";

/**
 * The position of a client in the revisions of a directory. A round is as many pages as it takes to catch up. What
 * changes during a round is in its last pages, again if it was in an earlier page.
 */
export interface SyncPlace {
  /** The directory that gave it. */
  epoch: string;
  /** Before the round, the client had everything up to this revision; 0 for a client that has nothing. */
  start: number;
  /** The pages of the round have reached this revision. */
  position: number;
  /** The newest revision when the round began. */
  begun: number;
}

/** Four parts, the numbers in base 36. Tokens from before there were epochs are one number. */
const TOKEN = /^s([0-9a-f]{16})\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})$/;
const FORMER_TOKEN = /^s[0-9a-z]{1,11}$/;

/** A place as clients hold it. */
export function syncToken({ epoch, start, position, begun }: SyncPlace): string {
  return `s${epoch}.${[start, position, begun].map((rev) => rev.toString(36)).join(".")}`;
}

/** Reads a token; undefined if it is invalid. A token from before there were epochs belongs to no known directory. */
export function parseSyncToken(token: string): SyncPlace | undefined {
  if (FORMER_TOKEN.test(token)) return { epoch: "", start: 0, position: 0, begun: 0 };
  const [, epoch, ...numbers] = TOKEN.exec(token) ?? [];
  const [start, position, begun] = numbers.map((rev) => Number.parseInt(rev, 36));
  if (epoch === undefined || start === undefined || position === undefined || begun === undefined) {
    return undefined;
  }
  return { epoch, start, position, begun };
}

export const SyncQuery = z.object({
  since: z
    .string()
    .max(60)
    .transform((token, context): SyncPlace => {
      const place = parseSyncToken(token);
      if (place) return place;
      context.addIssue("is not a token of ours");
      return z.NEVER;
    })
    .optional()
    .meta({ description: "`next_token` of the last page. Without it, everything." }),
  limit: limitParam(DEFAULT_LIST_LIMIT),
});

export const SyncItem = z
  .strictObject({ conversation: ConversationListItem, changes: ConversationChanges })
  .meta({ id: "SyncItem" });
export type SyncItem = z.infer<typeof SyncItem>;

export const SyncPage = z
  .strictObject({
    conversations: z.array(SyncItem).meta({
      description:
        "Conversations that have changed, oldest change first. One that changes between two pages is sent again.",
    }),
    removed_conversation_ids: z
      .array(Uuid)
      .meta({ description: "No longer in the caller's list: the caller was removed, or has left." }),
    next_token: z.string().meta({ description: "`since` for the next call." }),
    unread: UnreadTotals.meta({ description: "The unread totals of all conversations." }),
    has_more: z.boolean().meta({ description: "Whether there are more pages: call again at once." }),
    limited: z.boolean().meta({
      description:
        "The token is no longer valid: from this page on you get everything, as a new client does. When `has_more` is false, drop what no page of this round has listed.",
    }),
  })
  .meta({ id: "SyncPage" });
export type SyncPage = z.infer<typeof SyncPage>;
