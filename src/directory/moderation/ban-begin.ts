/** When a ban of the app begins (rule 29). */
import { type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";

/** When a ban that is written now begins, as an expression: one that has ended is not its beginning. */
export function beginsAt(now: EpochMs): SQL {
  return sql`iif(banned_at IS NULL OR banned_until <= ${now}, ${now}, banned_at)`;
}
