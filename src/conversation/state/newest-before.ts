import { sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import { messages } from "./schema.ts";
import type { Store } from "./store.ts";

/** The newest message from before a time; 0 if there is none. Times of messages never go back. */
export function newestBefore({ db }: Pick<Store, "db">, time: EpochMs): number {
  const rows = db.all<{ seq: number }>(
    sql`SELECT seq FROM ${messages} WHERE created_at < ${time} ORDER BY seq DESC LIMIT 1`,
  );
  return rows[0]?.seq ?? 0;
}
