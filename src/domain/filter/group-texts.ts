/** The texts of a group that filters look at. */
import type { Filtered, FilteredText } from "./verdict.ts";

/** A group's name and description, or what a change sets of them. */
interface GroupTexts {
  name?: string | null | undefined;
  description?: string | null | undefined;
}

const FIELDS = ["name", "description"] as const;

/** The texts that are there. */
export function textsOfGroup(group: GroupTexts): FilteredText[] {
  return FIELDS.flatMap((field) => {
    const text = group[field];
    return typeof text === "string" ? [{ field, text }] : [];
  });
}

/** The same texts as filters have left them. */
export function toGroup(group: GroupTexts, { texts }: Pick<Filtered, "texts">): Record<string, string> {
  const fields = textsOfGroup(group).map(({ field }) => field);
  return Object.fromEntries(fields.map((field, i) => [field, texts[i] ?? ""]));
}
