/**
 * The identity of the directory, its epoch. Revisions that a client or a conversation remembers are valid for one epoch only. A new
 * database has a new epoch. One that was put back to an earlier state gets a new one from an operator, or from the first conversation
 * that finds itself ahead of it.
 */
import { type SQL, sql } from "drizzle-orm";
import type { DirectoryState } from "../domain/sync.ts";
import { type BoundStatement, type Directory, runBatch } from "./database.ts";

/** Reads the state. No row: nothing was ever written. */
export const stateStatement = sql`SELECT epoch, value AS rev FROM revision WHERE id = 1`;

/** The state among the rows of {@link stateStatement}. */
export function stateOf(rows: Record<string, unknown>[]): DirectoryState | undefined {
  return rows[0] as DirectoryState | undefined;
}

/** Creates the state. An emptied directory gets a new identity. */
export async function makeState(db: Directory): Promise<DirectoryState> {
  const [, rows = []] = await runBatch(db, [
    sql`INSERT OR IGNORE INTO revision (id, value) VALUES (1, 0)`,
    stateStatement,
  ]);
  const state = stateOf(rows);
  if (!state) throw new Error("the revision vanished between two statements");
  return state;
}

const NEW_EPOCH = sql`UPDATE revision SET epoch = lower(hex(randomblob(8))) WHERE id = 1`;

/**
 * Gives the directory another identity: from now on clients get everything again.
 * @param seen only if it is still this one; for every, if it is left out.
 */
export async function renewEpoch(db: Directory, seen?: string): Promise<void> {
  await makeState(db);
  await runBatch(db, [seen === undefined ? NEW_EPOCH : sql`${NEW_EPOCH} AND epoch = ${seen}`]);
}

/** What the directory has of a conversation that is about to write. */
export interface Known {
  epoch: string;
  /** Up to which `seq`; 0 if it has nothing. */
  seq: number;
}

/**
 * The statement of a flush that says the epoch, and lets the whole flush fail if the directory has less of the conversation
 * than was written before. `json` of no JSON is the one way to fail that a query has.
 */
export function guardStatement(conversationId: string, seq: number): BoundStatement {
  return {
    sql: `SELECT CASE WHEN ?2 <= coalesce((SELECT seq FROM conversations WHERE conversation_id = ?1), 0)
      THEN (SELECT epoch FROM revision WHERE id = 1) ELSE json('behind ' || ?1) END AS epoch`,
    params: [conversationId, seq],
  };
}

/** What the directory has of a conversation. */
export async function knownOf(db: Directory, conversationId: string): Promise<Known> {
  const { epoch } = await makeState(db);
  const [rows = []] = await runBatch(db, [
    sql`SELECT seq FROM conversations WHERE conversation_id = ${conversationId}`,
  ]);
  return { epoch, seq: Number(rows[0]?.seq ?? 0) };
}

/** A revision that a user's hub remembers, in SQL; zero if this directory has not come so far, because it was put back. */
export function reached(rev: number): SQL {
  return sql`iif((SELECT value FROM revision WHERE id = 1) < ${rev}, 0, ${rev})`;
}
