import { type SQL, sql } from "drizzle-orm";

/** A list as one parameter of a statement, which takes at most 100 of them. */
export function oneOf(values: readonly (number | string)[]): SQL {
  return sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;
}
