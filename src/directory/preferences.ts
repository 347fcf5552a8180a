/** A user's own preferences for a conversation (rule 9). */

import {
  type Preferences,
  type PushLevel,
  timestamp,
  type UpdatePreferences,
} from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import { isMuted } from "../domain/preferences.ts";
import type { EpochMs } from "../domain/time.ts";
import { type Directory, runBatch } from "./database.ts";

/** The same in SQL, of a row of `preferences`. */
export function isMutedNow(now: EpochMs): SQL {
  return sql`(is_muted AND coalesce(muted_until > ${now}, 1))`;
}

/** The new mute. Both columns refer to the row before the update. */
interface Mute {
  is_muted: SQL;
  muted_until: SQL;
}

const OFF: Mute = { is_muted: sql`0`, muted_until: sql`NULL` };

/**
 * The rules of muting. A time mutes until then. Muting without a time lasts forever. Unmuting removes the time. A mute
 * that has ended stays ended, even if its time is removed.
 */
function muteAfter(patch: UpdatePreferences, before: Mute): Mute {
  if (patch.is_muted === false) return OFF;
  if (patch.muted_until) return { is_muted: sql`1`, muted_until: sql`${Date.parse(patch.muted_until)}` };
  if (patch.is_muted) return { is_muted: sql`1`, muted_until: sql`NULL` };
  return patch.muted_until === null ? { ...before, muted_until: sql`NULL` } : before;
}

/** The mute of the existing row, if it is still active. */
function muteBefore(now: EpochMs): Mute {
  const holds = sql`(preferences.is_muted AND coalesce(preferences.muted_until > ${now}, 1))`;
  return { is_muted: holds, muted_until: sql`CASE WHEN ${holds} THEN preferences.muted_until END` };
}

/**
 * Merges a patch into a user's preferences. One statement, so that parallel patches keep their fields. Takes a
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
  const level = patch.push_level ?? null;
  const keepsLevel = patch.push_level === undefined ? 1 : 0;
  const [pinned, archived] = [flag(patch.is_pinned), flag(patch.is_archived)];
  const [, rows] = await runBatch(db, [
    sql`INSERT INTO revision (id, value) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET value = value + 1`,
    sql`INSERT INTO preferences (user_id, conversation_id, is_muted, muted_until, is_pinned, is_archived, push_level, rev)
      VALUES (${user_id}, ${conversation_id}, ${first.is_muted}, ${first.muted_until},
        coalesce(${pinned}, 0), coalesce(${archived}, 0), ${level}, (SELECT value FROM revision WHERE id = 1))
      ON CONFLICT (user_id, conversation_id) DO UPDATE SET
        is_muted = ${then.is_muted}, muted_until = ${then.muted_until},
        is_pinned = coalesce(${pinned}, preferences.is_pinned),
        is_archived = coalesce(${archived}, preferences.is_archived),
        push_level = iif(${keepsLevel}, preferences.push_level, excluded.push_level), rev = excluded.rev
      RETURNING is_muted, muted_until, is_pinned, is_archived, push_level`,
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
  push_level: PushLevel | null;
}

/** Converts a row to preferences. */
function toPreferences(conversation_id: string, row: StoredPreferences, now: EpochMs): Preferences {
  const is_muted = isMuted(row, now);
  return {
    conversation_id,
    is_muted,
    muted_until: is_muted && row.muted_until !== null ? timestamp(row.muted_until) : null,
    is_pinned: Boolean(row.is_pinned),
    is_archived: Boolean(row.is_archived),
    push_level: row.push_level,
  };
}
