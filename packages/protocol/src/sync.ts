/** `GET /sync`: everything of all conversations since a token, for a client that was away (rule 21). */
import { z } from "zod";
import { ConversationChanges } from "./changes.ts";
import { limitParam } from "./common.ts";
import { ConversationListItem } from "./conversations.ts";
import { DEFAULT_LIST_LIMIT } from "./limits.ts";
import { Uuid } from "./uuid.ts";

/**
 * Where a client is in the revisions of a directory. A round is as many pages as it takes to catch up; whatever changes
 * while it lasts comes in its last pages, once more if it has come before.
 */
export interface SyncPlace {
  /** The directory that has given it. */
  epoch: string;
  /** The client has everything up to this revision since before the round; 0 is a client that has nothing. */
  start: number;
  /** The pages of the round have come up to here. */
  position: number;
  /** The newest revision when the round began. */
  begun: number;
}

/** Four parts, the numbers in base 36; before there were epochs it was one number. */
const TOKEN = /^s([0-9a-f]{16})\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})$/;
const FORMER_TOKEN = /^s[0-9a-z]{1,11}$/;

/** A place as clients hold it. */
export function syncToken({ epoch, start, position, begun }: SyncPlace): string {
  return `s${epoch}.${[start, position, begun].map((rev) => rev.toString(36)).join(".")}`;
}

/** Reads a token; undefined if it is none. One from before there were epochs is of no directory that is known. */
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
    .meta({ description: "`next_token` of the page before; without it, everything." }),
  limit: limitParam(DEFAULT_LIST_LIMIT),
});

export const SyncItem = z
  .strictObject({ conversation: ConversationListItem, changes: ConversationChanges })
  .meta({ id: "SyncItem" });
export type SyncItem = z.infer<typeof SyncItem>;

export const SyncPage = z
  .strictObject({
    conversations: z.array(SyncItem).meta({
      description: "Changed ones, oldest change first. One that changes between two pages comes again.",
    }),
    removed_conversation_ids: z
      .array(Uuid)
      .meta({ description: "No longer in the caller's list: removed from it, or left." }),
    next_token: z.string().meta({ description: "`since` of the next call." }),
    has_more: z.boolean().meta({ description: "Whether to call again at once." }),
    limited: z.boolean().meta({
      description:
        "The token cannot be continued: from this page on everything comes as to a client that has nothing. What you know and no page until `has_more` is false lists is gone.",
    }),
  })
  .meta({ id: "SyncPage" });
export type SyncPage = z.infer<typeof SyncPage>;
