/** The people who were erased, and how far that has come (rule 28). */
import { eq } from "drizzle-orm";
import { erasures } from "./schema.ts";
import type { Store } from "./store.ts";

/** How far an erasure has come here. */
export type Erasure = typeof erasures.$inferSelect;

/** The people who were erased here. */
export function erasedIn({ db }: Pick<Store, "db">): Set<string> {
  const rows = db.select({ user_id: erasures.user_id }).from(erasures).all();
  return new Set(rows.map((row) => row.user_id));
}

/** The erasure of a person, if it has begun here. */
export function erasureOf({ db }: Pick<Store, "db">, userId: string): Erasure | undefined {
  return db.select().from(erasures).where(eq(erasures.user_id, userId)).get();
}

/** Notes how far an erasure has come. */
export function putErasure({ db }: Pick<Store, "db">, { user_id, ...rest }: Erasure): void {
  db.insert(erasures)
    .values({ user_id, ...rest })
    .onConflictDoUpdate({ target: erasures.user_id, set: rest })
    .run();
}
