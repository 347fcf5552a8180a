/** Names that cannot be refused. */
import { type FilterSet, maskInstead } from "./filter-set.ts";
import { type FilterNote, judge } from "./verdict.ts";

/** A name with stars where it is rejected or masked, and what is to be noted of it. */
export function withMaskedName<Person extends { display_name: string }>(
  set: FilterSet | undefined,
  person: Person,
): Person & { notes: FilterNote[] } {
  const verdict = judge(set && maskInstead(set), [{ field: "display_name", text: person.display_name }]);
  if (!verdict || verdict.refusal) return { ...person, notes: [] };
  return { ...person, display_name: verdict.texts[0] ?? person.display_name, notes: verdict.notes };
}
