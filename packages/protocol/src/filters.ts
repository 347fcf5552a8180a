/** Filters of the app: words and domains that are rejected, masked or flagged in what users write (rule 29). */
import { z } from "zod";
import { boundedText, optional, Timestamp } from "./common.ts";
import { MAX_FILTER_ENTRIES, MAX_FILTER_ENTRY_LENGTH } from "./limits.ts";

/** The name of a filter. Users see it where a text is rejected. */
export const FilterName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "must be 1 to 64 of a-z, 0-9, _ -, and begin with a letter or digit")
  .meta({ minLength: 1, maxLength: 64 });

export const FilterParams = z.object({ name: FilterName });

export const FilterType = z.enum(["words", "domains"]);
export type FilterType = z.infer<typeof FilterType>;

export const FilterMatch = z.enum(["whole_word", "anywhere"]);
export type FilterMatch = z.infer<typeof FilterMatch>;

export const FilterAction = z.enum(["reject", "mask", "flag"]);
export type FilterAction = z.infer<typeof FilterAction>;

const about = {
  type: "`domains` are names such as `example.com`, which stand for their subdomains too.",
  match: "`anywhere` also finds a word inside of other words. Domains always match as names.",
  action:
    "`reject` refuses the text (400 `CONTENT_REJECTED`), `mask` puts stars in the place of what matches, `flag` puts it into the queue.",
};

/** Makes a filter, or replaces one. */
export const PutFilter = z
  .object({
    type: FilterType.meta({ description: about.type }),
    match: optional(FilterMatch).meta({ description: about.match, default: "whole_word" }),
    action: FilterAction.meta({ description: about.action }),
    entries: z
      .array(boundedText(1, MAX_FILTER_ENTRY_LENGTH))
      .min(1)
      .max(MAX_FILTER_ENTRIES)
      .meta({ description: "Words, groups of words, or names of domains. No patterns." }),
  })
  .refine(({ type, match }) => type === "words" || match !== "anywhere", {
    path: ["match"],
    error: "domains match as names: leave it out",
  })
  .meta({ id: "PutFilter" });
export type PutFilter = z.infer<typeof PutFilter>;

const shape = {
  name: z.string(),
  type: FilterType,
  match: FilterMatch,
  action: FilterAction,
  entry_count: z.int(),
  created_at: Timestamp,
  updated_at: Timestamp,
};

/** A filter without its entries. */
export const FilterSummary = z.strictObject(shape).meta({ id: "FilterSummary" });
export type FilterSummary = z.infer<typeof FilterSummary>;

export const Filter = z.strictObject({ ...shape, entries: z.array(z.string()) }).meta({ id: "Filter" });
export type Filter = z.infer<typeof Filter>;

export const FilterList = z.strictObject({ filters: z.array(FilterSummary) }).meta({ id: "FilterList" });
export type FilterList = z.infer<typeof FilterList>;
