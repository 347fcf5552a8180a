/** What a user decides for themselves about a conversation (rule 9). */

import { type Preferences, timestamp, type UpdatePreferences } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import { type Directory, runBatch } from "./database.ts";

/** Whether a mute holds: until its time, or for good. */
export function isMuted(row: { is_muted: unknown; muted_until: number | null }, now: EpochMs): boolean {
  return Boolean(row.is_muted) && (row.muted_until === null || row.muted_until > now);
}

/** A mute as it becomes: of the row that is there, or of none. Both columns refer to the row as it was. */
interface Mute {
  is_muted: SQL;
  muted_until: SQL;
}

const OFF: Mute = { is_muted: sql`0`, muted_until: sql`NULL` };

/**
 * The rules of muting: a time mutes until then; muting without a time is for good; unmuting forgets the time. A mute
 * whose time has passed is over: taking the time away does not bring it back.
 */
function muteAfter(patch: UpdatePreferences, before: Mute): Mute {
  if (patch.is_muted === false) return OFF;
  if (patch.muted_until) return { is_muted: sql`1`, muted_until: sql`${Date.parse(patch.muted_until)}` };
  if (patch.is_muted) return { is_muted: sql`1`, muted_until: sql`NULL` };
  return patch.muted_until === null ? { ...before, muted_until: sql`NULL` } : before;
}

/** The mute of the row that is there, if it still holds. */
function muteBefore(now: EpochMs): Mute {
  const holds = sql`(preferences.is_muted AND coalesce(preferences.muted_until > ${now}, 1))`;
  return { is_muted: holds, muted_until: sql`CASE WHEN ${holds} THEN preferences.muted_until END` };
}

/**
 * Merges a patch into one's preferences, in one statement: another patch at the same moment keeps its fields. Takes a
 * revision, so that `/sync` shows the change.
 */
export async function updatePreferences(
  db: Directory,
  user_id: string,
  conversation_id: string,
  patch: UpdatePreferences,
  now: EpochMs,
): Promise<Preferences> {
  const [first, then] = [muteAfter(patch, OFF), muteAfter(patch, muteBefore(now))];
  const flag = (value: boolean | undefined) => (value === undefined ? null : Number(value));
  const [pinned, archived] = [flag(patch.is_pinned), flag(patch.is_archived)];
  const [, rows] = await runBatch(db, [
    sql`INSERT INTO revision (id, value) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET value = value + 1`,
    sql`INSERT INTO preferences (user_id, conversation_id, is_muted, muted_until, is_pinned, is_archived, rev)
      VALUES (${user_id}, ${conversation_id}, ${first.is_muted}, ${first.muted_until},
        coalesce(${pinned}, 0), coalesce(${archived}, 0), (SELECT value FROM revision WHERE id = 1))
      ON CONFLICT (user_id, conversation_id) DO UPDATE SET
        is_muted = ${then.is_muted}, muted_until = ${then.muted_until},
        is_pinned = coalesce(${pinned}, preferences.is_pinned),
        is_archived = coalesce(${archived}, preferences.is_archived), rev = excluded.rev
      RETURNING is_muted, muted_until, is_pinned, is_archived`,
  ]);
  const [row] = (rows ?? []) as unknown as StoredPreferences[];
  if (!row) throw new Error("the preferences vanished inside a batch");
  return toPreferences(conversation_id, row, now);
}

/** A row as SQLite returns it. */
interface StoredPreferences {
  is_muted: number;
  muted_until: number | null;
  is_pinned: number;
  is_archived: number;
}

/** Preferences as their owner sees them. */
function toPreferences(conversation_id: string, row: StoredPreferences, now: EpochMs): Preferences {
  const is_muted = isMuted(row, now);
  return {
    conversation_id,
    is_muted,
    muted_until: is_muted && row.muted_until !== null ? timestamp(row.muted_until) : null,
    is_pinned: Boolean(row.is_pinned),
    is_archived: Boolean(row.is_archived),
  };
}
