/** Search: its parameters and results. */
import { z } from "zod";
import { boundedText, limitParam, Timestamp } from "./common.ts";
import { parseMessageId } from "./ids.ts";
import { DEFAULT_LIST_LIMIT } from "./limits.ts";
import { Uuid } from "./uuid.ts";

/** Code points of a search. */
export const MAX_SEARCH_LENGTH = 256;

/** Matches are counted up to here: to count a common word would slow down the directory for all. */
export const MAX_SEARCH_TOTAL = 100;

/** A position in the results: the message's time and id. Opaque to clients. */
export interface SearchPlace {
  created_at: number;
  conversation_id: string;
  seq: number;
}

/** ISO 8601 with any offset, as {@link EpochMs}. */
const Time = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine(Number.isFinite, "must be an ISO 8601 time");

const SearchCursor = z
  .string()
  .regex(/^[0-9]{1,15}_[0-9a-f-]{36}$/, "must be the next_cursor of an answer")
  .transform((cursor, context): SearchPlace => {
    const [time, id] = cursor.split("_");
    const place = parseMessageId(id ?? "");
    if (place) return { created_at: Number(time), ...place };
    context.addIssue("must be the next_cursor of an answer");
    return z.NEVER;
  });

/** The cursor of the page after a result. */
export function searchCursor(result: Pick<SearchResult, "message_id" | "created_at">): string {
  return `${Date.parse(result.created_at)}_${result.message_id}`;
}

export const SearchQuery = z.object({
  q: boundedText(1, MAX_SEARCH_LENGTH).meta({
    description: "Words. The last one may be the beginning of a word.",
  }),
  conversation_id: Uuid.optional(),
  sender_id: Uuid.optional(),
  before: Time.optional().meta({ description: "Only messages created before this time (ISO 8601)." }),
  after: Time.optional().meta({ description: "Only messages created after this time (ISO 8601)." }),
  limit: limitParam(DEFAULT_LIST_LIMIT),
  cursor: SearchCursor.optional().meta({ description: "`next_cursor` of the last page." }),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

export const SearchResult = z
  .strictObject({
    message_id: Uuid,
    conversation_id: Uuid,
    conversation_name: z.string().meta({ description: "In a direct chat: the other person's name." }),
    sender_username: z.string(),
    content: z.string(),
    created_at: Timestamp,
    highlight: z.string().meta({
      description:
        "The content, or the part around the first match, as HTML: escaped, `<mark>` around matches.",
    }),
  })
  .meta({ id: "SearchResult" });
export type SearchResult = z.infer<typeof SearchResult>;

export const SearchResults = z
  .strictObject({
    results: z.array(SearchResult).meta({ description: "Newest first." }),
    total: z.int().meta({ description: `The matches of all pages, counted up to ${MAX_SEARCH_TOTAL}.` }),
    total_is_exact: z.boolean().meta({
      description:
        `False if there are more than ${MAX_SEARCH_TOTAL} matches: then \`total\` is ${MAX_SEARCH_TOTAL}. Also false if a long ` +
        "search takes several pages: then there may be fewer.",
    }),
    next_cursor: z.string().nullable().meta({
      description: "`cursor` for the next page. A page of a long search may have fewer results than `limit`.",
    }),
  })
  .meta({ id: "SearchResults" });
export type SearchResults = z.infer<typeof SearchResults>;
