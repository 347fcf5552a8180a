/** Tables of messages that were deleted, or are withheld, until nobody may report or restore them any more (rule 29). */
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** A message as it was before its tombstone, and what the parts keep beside its row. */
export interface KeptMessage {
  /** Its columns in `messages`. */
  row: Record<string, unknown>;
  /** What each part keeps. Only of withheld messages, which may come back. */
  parts: Record<string, unknown> | null;
}

export const evidence = sqliteTable(
  "evidence",
  {
    seq: integer().primaryKey(),
    kept: text({ mode: "json" }).$type<KeptMessage>().notNull(),
    /** When it is deleted here; null while the message is withheld. */
    expires_at: integer(),
  },
  (table) => [index("evidence_expiring").on(table.expires_at).where(sql`expires_at IS NOT NULL`)],
);

/** Earlier versions of those messages: the rows of `edits`, elsewhere, since nobody but a report reads them. */
export const evidenceVersions = sqliteTable(
  "evidence_versions",
  {
    seq: integer().notNull(),
    version: integer().notNull(),
    content: text().notNull(),
    metadata: text(),
    written_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.seq, table.version] })],
);
