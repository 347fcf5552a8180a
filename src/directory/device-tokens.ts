/** Who has each push token (rule 27). */
import { sql } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import { type Directory, runBatch } from "./database.ts";

/** A token after its registration. */
export interface ClaimedToken {
  token_hash: string;
  /** Of its newest registration: the higher one wins. At least its time in milliseconds. */
  version: number;
  /** Users whose hubs may still have it. They must release it before the new owner gets it. */
  former: string[];
}

/**
 * Makes a user the owner of a token. Earlier owners lose it.
 * @param now versions begin here, so that they rise also where the token was forgotten in between.
 */
export async function claimToken(
  db: Directory,
  token_hash: string,
  user_id: string,
  device_id: string,
  now: EpochMs,
): Promise<ClaimedToken> {
  const [rows = []] = await runBatch(db, [
    sql`INSERT INTO device_tokens AS t (token_hash, user_id, device_id, version, former)
      VALUES (${token_hash}, ${user_id}, ${device_id}, ${now}, '[]')
      ON CONFLICT (token_hash) DO UPDATE SET version = max(t.version + 1, excluded.version),
        former = iif(t.user_id = excluded.user_id, t.former, json_insert(t.former, '$[#]', t.user_id)),
        user_id = excluded.user_id, device_id = excluded.device_id
      RETURNING version, former`,
  ]);
  const [row] = rows;
  if (!row) throw new Error("the token vanished in its own statement");
  return { token_hash, version: Number(row.version), former: formerOf(row, user_id) };
}

/** The earlier owners in a row: each once, and not the owner itself, who may have had it before. */
function formerOf(row: Record<string, unknown>, owner: string): string[] {
  return [...new Set(JSON.parse(String(row.former)) as string[])].filter((id) => id !== owner);
}

/** Notes that all earlier owners have released a token. Not if it was registered again since. */
export async function markReleased(db: Directory, { token_hash, version }: ClaimedToken): Promise<void> {
  await runBatch(db, [
    sql`UPDATE device_tokens SET former = '[]' WHERE token_hash = ${token_hash} AND version = ${version}`,
  ]);
}

/** A token, and the registration that brought it to a device. */
type RegisteredToken = Pick<ClaimedToken, "token_hash" | "version">;

/** Whether a user owns a token, and has not registered it again since. */
export async function ownsToken(
  db: Directory,
  { token_hash, version }: RegisteredToken,
  user_id: string,
): Promise<boolean> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT 1 FROM device_tokens
      WHERE token_hash = ${token_hash} AND user_id = ${user_id} AND version = ${version}`,
  ]);
  return rows.length > 0;
}

/**
 * Deletes tokens that their owner's devices no longer have. Those that anybody has registered since stay.
 * @returns the hashes of those that are still to be deleted: an earlier owner must release them first.
 */
export async function forgetTokens(
  db: Directory,
  tokens: readonly RegisteredToken[],
  user_id: string,
): Promise<string[]> {
  const is = ({ token_hash, version }: RegisteredToken) =>
    sql`token_hash = ${token_hash} AND user_id = ${user_id} AND version = ${version}`;
  const results = await runBatch(db, [
    ...tokens.map((token) => sql`DELETE FROM device_tokens WHERE ${is(token)} AND former = '[]'`),
    ...tokens.map((token) => sql`SELECT token_hash FROM device_tokens WHERE ${is(token)}`),
  ]);
  return results.slice(tokens.length).flatMap((rows) => rows.map((row) => String(row.token_hash)));
}

/** Tokens that an earlier owner may still have, because their hub could not be reached. */
export async function unreleasedTokens(db: Directory, limit: number): Promise<ClaimedToken[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT token_hash, version, former, user_id FROM device_tokens WHERE former <> '[]'
      ORDER BY token_hash LIMIT ${limit}`,
  ]);
  return rows.map((row) => ({
    token_hash: String(row.token_hash),
    version: Number(row.version),
    former: formerOf(row, String(row.user_id)),
  }));
}

/** What a user has set for one of their conversations. */
export interface PushChoice {
  conversation_id: string;
  is_muted: number;
  muted_until: number | null;
  push_level: "all" | "mentions" | "none" | null;
}

/** A user's conversations, with what they have set there. */
export async function pushChoicesOf(db: Directory, userId: string): Promise<PushChoice[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT m.conversation_id, coalesce(p.is_muted, 0) AS is_muted, p.muted_until, p.push_level
      FROM members AS m
      LEFT JOIN preferences AS p ON p.user_id = m.user_id AND p.conversation_id = m.conversation_id
      WHERE m.user_id = ${userId} AND m.left_seq IS NULL`,
  ]);
  return rows as unknown as PushChoice[];
}
