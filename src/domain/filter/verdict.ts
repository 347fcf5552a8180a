/** Decides what becomes of the texts that a user writes. */
import { type Failure, failure } from "@rocket-chat-api/protocol";
import { type FilterSet, findIn } from "./filter-set.ts";
import { mask } from "./mask.ts";

/** A text that filters look at, and what it is. */
export interface FilteredText {
  field: "content" | "file_name" | "name" | "description" | "display_name";
  text: string;
}

/** What filters have done, for the log of moderation. */
export interface FilterNote {
  action: "filter.mask" | "filter.flag";
  details: {
    /** The names of the filters, with spaces between them. */
    filter: string;
    field: FilteredText["field"];
    /** The text as it was written. */
    original: string;
  };
}

/** What becomes of texts: the refusal, or the texts in their order, and what is to be noted. */
export type Verdict = { refusal: Failure } | { refusal: undefined; texts: string[]; notes: FilterNote[] };

/** The texts of a verdict that is no refusal. */
export type Filtered = Extract<Verdict, { refusal: undefined }>;

/**
 * Holds texts against filters. One that is rejected refuses all of them.
 * @returns undefined if no filter matches anywhere: all texts stay as they are.
 */
export function judge(set: FilterSet | undefined, texts: readonly FilteredText[]): Verdict | undefined {
  if (!set) return undefined;
  const filtered: Filtered = { refusal: undefined, texts: [], notes: [] };
  for (const one of texts) {
    const refusal = judgeOne(set, one, filtered);
    if (refusal) return { refusal };
  }
  return filtered.notes.length > 0 ? filtered : undefined;
}

function judgeOne(set: FilterSet, { field, text }: FilteredText, into: Filtered): Failure | undefined {
  const { filters, spans } = findIn(set, text);
  const matching = filters === 0 ? [] : set.filters.filter((_, i) => (filters & (1 << i)) !== 0);
  const [rejecting] = namesOf(matching, "reject");
  if (rejecting !== undefined) return failure("CONTENT_REJECTED", undefined, { filter: rejecting, field });
  into.texts.push(spans.length > 0 ? mask(text, spans) : text);
  for (const action of ["mask", "flag"] as const) {
    const filter = namesOf(matching, action).join(" ");
    if (filter === "") continue;
    into.notes.push({ action: `filter.${action}`, details: { filter, field, original: text } });
  }
  return undefined;
}

function namesOf(matching: FilterSet["filters"], action: FilterSet["filters"][number]["action"]): string[] {
  return matching.filter((filter) => filter.action === action).map(({ name }) => name);
}
