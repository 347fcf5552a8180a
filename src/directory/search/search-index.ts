/**
 * The search index, kept with the projection and in its batch.
 *
 * Each token stands behind the beginning of its conversation's id. A search then reads the lists of the searcher's
 * own conversations and no others, also for a prefix, whatever the rest of the world has written. Two conversations
 * with the same beginning share lists, which costs a little and shows nothing: membership is checked on the message.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Directory } from "../database.ts";
import type { messages } from "../schema.ts";
import { type Phrase, tokens } from "./text.ts";

type IndexedRow = Pick<
  typeof messages.$inferSelect,
  "seq" | "changed_seq" | "type" | "content" | "deleted_at"
>;

/** Digits of a conversation's id before its tokens. */
const SCOPE_LENGTH = 8;
/** Where the scope goes in a pattern; no token contains it. */
const SCOPE = "@";
/** Characters of one parameter, about: D1 takes 2 MB. A message of 4,096 Chinese characters makes some 45,000. */
const MAX_PARAMETER = 250_000;
/** Pages (4 KB) of the index that one step of a merge writes: the database is busy for less than a tenth of a second. */
const MERGE_PAGES = 500;

/** The condition that a row of the index matches, within the conversation that `conversationId` names. */
export function matchesWithin(conversationId: SQL, phrases: readonly Phrase[]): SQL {
  return sql`search_index MATCH replace(${matchPattern(phrases)}, ${SCOPE}, substr(${conversationId}, 1, ${SCOPE_LENGTH}))`;
}

/** An FTS5 expression. All is quoted, and a token has letters, marks and digits only: nothing in it is syntax. */
function matchPattern(phrases: readonly Phrase[]): string {
  const scoped = (token: string) => SCOPE + token;
  return phrases
    .map((phrase) => `"${phrase.tokens.map(scoped).join(" ")}"${phrase.prefix ? " *" : ""}`)
    .join(" AND ");
}

/**
 * The statements that bring the index up to these messages; to be run after the messages are written.
 * They touch only messages that are now in this very version, so they may run twice, or late.
 */
export function indexStatements(conversationId: string, rows: readonly IndexedRow[]): SQL[] {
  const scope = conversationId.slice(0, SCOPE_LENGTH);
  const entries = rows
    .filter((row) => row.type !== "system")
    .map(({ seq, changed_seq, content, deleted_at }) => ({
      seq,
      changed_seq,
      tokens:
        deleted_at === null
          ? tokens(content)
              .map(({ token }) => scope + token)
              .join(" ")
          : "",
    }));
  const gone = entries.filter((entry) => entry.tokens === "");
  const found = entries.filter((entry) => entry.tokens !== "");
  return [
    ...(gone.length === 0
      ? []
      : [sql`DELETE FROM search_index WHERE rowid IN (SELECT x.id ${inThisVersion(conversationId, gone)})`]),
    ...chunks(found).map(
      (chunk) => sql`
        INSERT OR REPLACE INTO search_index (rowid, tokens)
        SELECT x.id, entry.value->>'tokens' ${inThisVersion(conversationId, chunk)}`,
    ),
  ];
}

function inThisVersion(conversationId: string, entries: { seq: number; changed_seq: number }[]): SQL {
  return sql`
    FROM json_each(${JSON.stringify(entries)}) AS entry CROSS JOIN messages AS x
    WHERE x.conversation_id = ${conversationId} AND x.seq = entry.value->>'seq'
      AND x.changed_seq = entry.value->>'changed_seq'`;
}

/** Splits entries so that each part fits into a parameter. */
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
 * Merges the segments that writing leaves behind; to be run now and then. A search looks into each of them, so
 * afterwards one of many words in many conversations is several times as fast.
 * @param steps at most; the next run goes on from there.
 * @returns whether nothing was left to merge.
 */
export async function mergeSegments(db: Directory, steps = 100): Promise<boolean> {
  const merge = db.$client.prepare("INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)");
  for (let step = 0; step < steps; step++) {
    // A negative number begins to merge everything, a positive one goes on.
    const { meta } = await merge.bind(step === 0 ? -MERGE_PAGES : MERGE_PAGES).run();
    // FTS5 changes one row also when there is nothing to do.
    if (meta.changes < 2) return true;
  }
  return false;
}
