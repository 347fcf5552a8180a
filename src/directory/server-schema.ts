/** The tables of D1 for the app's own backend (rule 28). Times are EpochMs. */

import type { JobKind, JobStatus } from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** API keys of the app's backend (rule 28). Revoked ones stay, so that the log can tell them from unknown ones. */
export const apiKeys = sqliteTable("api_keys", {
  key_id: text().primaryKey(),
  /** SHA-256 of the secret, in hexadecimal digits. The secret itself is stored nowhere. */
  hash: text().notNull(),
  /** Scopes with spaces between them. */
  scopes: text().notNull(),
  /** What the operator calls it. */
  name: text().notNull(),
  created_at: integer().notNull(),
  revoked_at: integer(),
});

/** Conversations that a server has named (rule 28): one for each `external_id`. */
export const externalConversations = sqliteTable(
  "external_conversations",
  {
    external_id: text().primaryKey(),
    conversation_id: text().notNull(),
    /** What was asked for with the first creation, as comparable JSON: the type and the sorted user ids. */
    request: text().notNull(),
  },
  (table) => [index("external_conversations_by_id").on(table.conversation_id)],
);

/** Jobs that may be forgotten: they have ended, and nothing that they have brought is left. */
export const JOB_HAS_ENDED = sql`status <> 'running' AND result IS NULL AND kind <> 'apply_retention'`;

/** Work that outlives its request: deletions, exports, erasures. */
export const jobs = sqliteTable(
  "jobs",
  {
    job_id: text().primaryKey(),
    kind: text().$type<JobKind>().notNull(),
    /** What it is about: the id of a conversation, for a deletion. */
    subject: text().notNull(),
    status: text().$type<JobStatus>().notNull(),
    /** From 0 to 1. */
    progress: real().notNull(),
    /** Why it failed, for the app. */
    error: text(),
    /** What it has brought, as JSON of its kind; null until it is done. */
    result: text(),
    /** How far it has come, in its own words; null at the beginning. */
    cursor: text(),
    created_at: integer().notNull(),
    /** When it last came further. The cron trigger goes on with what has stopped. */
    updated_at: integer().notNull(),
  },
  (table) => [
    index("jobs_running").on(table.updated_at).where(sql`status = 'running'`),
    index("jobs_by_subject").on(table.subject),
    index("jobs_exports").on(table.created_at).where(sql`kind = 'export_user' AND result IS NOT NULL`),
    index("jobs_ended").on(table.updated_at).where(JOB_HAS_ENDED),
  ],
);
export type JobRow = typeof jobs.$inferSelect;

/** What a job has done with each part of its work: a conversation that it has erased, a file that it has written. */
export const jobParts = sqliteTable(
  "job_parts",
  { job_id: text().notNull(), part: text().notNull(), value: text().notNull() },
  (table) => [primaryKey({ columns: [table.job_id, table.part] })],
);
