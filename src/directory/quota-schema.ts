/** The table of D1 for upload quotas. SQL reads and writes it by its name. */
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Bytes that each user was permitted to upload on the last day of use. */
export const uploadQuotas = sqliteTable("upload_quotas", {
  user_id: text().primaryKey(),
  /** Days since 1970, UTC. */
  day: integer().notNull(),
  bytes: integer().notNull(),
});
