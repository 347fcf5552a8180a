/**
 * The search index, written in the same batch as the projection.
 *
 * Each token is prefixed with the start of its conversation's id. So a search reads only the lists of the searcher's
 * own conversations, also for a prefix, however much is written elsewhere. Two conversations with the same start share
 * lists. That costs little and reveals nothing, because membership is checked on the message.
 */
import { type SQL, sql } from "drizzle-orm";
import { indexedTokens, type Phrase } from "../../domain/tokens.ts";
import type { BoundStatement, Directory } from "../database.ts";
import type { messages } from "../schema.ts";

type IndexedRow = Pick<
  typeof messages.$inferSelect,
  "seq" | "changed_seq" | "type" | "content" | "deleted_at"
>;

/** Digits of the conversation id before a token. */
const SCOPE_LENGTH = 8;
/** Placeholder of the scope in a pattern. No token contains it. */
const SCOPE = "@";
/** Approximate characters of one parameter. D1 takes 2 MB. A message of 4,096 Chinese characters makes about 45,000. */
const MAX_PARAMETER = 250_000;
/** Index pages (4 KB) written by one merge step. The database is busy for less than 0.1 s. */
const MERGE_PAGES = 500;

/** The condition that a row of the index matches, in the conversation of `conversationId`. */
export function matchesWithin(conversationId: SQL, phrases: readonly Phrase[]): SQL {
  return sql`search_index MATCH replace(${matchPattern(phrases)}, ${SCOPE}, substr(${conversationId}, 1, ${SCOPE_LENGTH}))`;
}

/**
 * An FTS5 expression. Everything is quoted, and tokens contain only letters, marks and digits, so nothing is parsed as
 * syntax.
 */
function matchPattern(phrases: readonly Phrase[]): string {
  const scoped = (token: string) => SCOPE + token;
  return phrases
    .map((phrase) => `"${phrase.tokens.map(scoped).join(" ")}"${phrase.prefix ? " *" : ""}`)
    .join(" AND ");
}

/**
 * The statements that update the index for these messages. Run them after the messages are written. They only touch
 * messages that still have this version, so they may run twice or late.
 */
export function indexStatements(conversationId: string, rows: readonly IndexedRow[]): BoundStatement[] {
  const scope = conversationId.slice(0, SCOPE_LENGTH);
  const entries = rows
    .filter((row) => row.type !== "system")
    .map(({ seq, changed_seq, content, deleted_at }) => ({
      seq,
      changed_seq,
      tokens: deleted_at === null ? withScope(scope, indexedTokens(content)) : "",
    }));
  const gone = entries.filter((entry) => entry.tokens === "");
  const found = entries.filter((entry) => entry.tokens !== "");
  const parts = [
    ...(gone.length === 0 ? [] : [{ sql: DELETE_ENTRIES, entries: gone }]),
    ...chunks(found).map((chunk) => ({ sql: PUT_ENTRIES, entries: chunk })),
  ];
  return parts.map(({ sql: text, entries: some }) => ({
    sql: text,
    params: [conversationId, JSON.stringify(some)],
  }));
}

function withScope(scope: string, found: string[]): string {
  return found.map((word) => scope + word).join(" ");
}

const IN_THIS_VERSION = `
  FROM json_each(?2) AS entry CROSS JOIN messages AS x
  WHERE x.conversation_id = ?1 AND x.seq = entry.value->>'seq' AND x.changed_seq = entry.value->>'changed_seq'`;
const DELETE_ENTRIES = `DELETE FROM search_index WHERE rowid IN (SELECT x.id ${IN_THIS_VERSION})`;
const PUT_ENTRIES = `
  INSERT OR REPLACE INTO search_index (rowid, tokens) SELECT x.id, entry.value->>'tokens' ${IN_THIS_VERSION}`;

/** Splits entries into parts that fit into a parameter. */
function chunks<T extends { tokens: string }>(entries: T[]): T[][] {
  const parts: T[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    if (size + entry.tokens.length > MAX_PARAMETER) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(entry);
    size += entry.tokens.length;
  }
  return parts;
}

/**
 * Merges index segments. A search looks into each segment, so merging makes a search for many words in many
 * conversations several times faster.
 * @param steps at most; the next run continues.
 * @returns whether nothing is left to merge.
 */
export async function mergeSegments(db: Directory, steps = 100): Promise<boolean> {
  const merge = db.$client.prepare("INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)");
  for (let step = 0; step < steps; step++) {
    // A negative number starts a full merge, a positive one continues it.
    const { meta } = await merge.bind(step === 0 ? -MERGE_PAGES : MERGE_PAGES).run();
    // FTS5 changes one row even if there is nothing to do.
    if (meta.changes < 2) return true;
  }
  return false;
}
