/** What a user decides for themselves about a conversation (rule 9). */
import { and, eq, sql } from "drizzle-orm";
import { type Preferences, timestamp, type UpdatePreferences } from "../protocol/index.ts";
import { type Directory, runBatch } from "./database.ts";
import { preferences } from "./schema.ts";

type PreferencesRow = typeof preferences.$inferSelect;

/** Whether a mute holds: until its time, or for good. */
export function isMuted(row: { is_muted: unknown; muted_until: number | null }, now: number): boolean {
  return Boolean(row.is_muted) && (row.muted_until === null || row.muted_until > now);
}

/** Preferences as their owner sees them; undefined is somebody who never set any. */
function toPreferences(conversation_id: string, row: PreferencesRow | undefined, now: number): Preferences {
  const muted = row !== undefined && isMuted(row, now);
  return {
    conversation_id,
    is_muted: muted,
    muted_until: muted && row.muted_until !== null ? timestamp(row.muted_until) : null,
    is_pinned: row?.is_pinned ?? false,
    is_archived: row?.is_archived ?? false,
  };
}

/** The rules of muting: a time mutes until then; muting without a time is for good; unmuting forgets the time. */
function mutePatch(patch: UpdatePreferences): Partial<Pick<PreferencesRow, "is_muted" | "muted_until">> {
  if (patch.is_muted === false) return { is_muted: false, muted_until: null };
  if (patch.muted_until) return { is_muted: true, muted_until: Date.parse(patch.muted_until) };
  if (patch.muted_until === null || patch.is_muted) {
    return { ...(patch.is_muted ? { is_muted: true } : {}), muted_until: null };
  }
  return {};
}

/** Merges a patch into one's preferences. Takes a revision, so that `/sync` shows the change. */
export async function updatePreferences(
  db: Directory,
  user_id: string,
  conversation_id: string,
  patch: UpdatePreferences,
  now: number,
): Promise<Preferences> {
  const where = and(eq(preferences.user_id, user_id), eq(preferences.conversation_id, conversation_id));
  const before = await db.query.preferences.findFirst({ where });
  const merged = {
    is_muted: before?.is_muted ?? false,
    muted_until: before?.muted_until ?? null,
    ...mutePatch(patch),
    is_pinned: patch.is_pinned ?? before?.is_pinned ?? false,
    is_archived: patch.is_archived ?? before?.is_archived ?? false,
  };
  await runBatch(db, [
    sql`INSERT INTO revision (id, value) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET value = value + 1`,
    sql`INSERT OR REPLACE INTO preferences
      (user_id, conversation_id, is_muted, muted_until, is_pinned, is_archived, rev)
      VALUES (${user_id}, ${conversation_id}, ${merged.is_muted ? 1 : 0}, ${merged.muted_until},
        ${merged.is_pinned ? 1 : 0}, ${merged.is_archived ? 1 : 0}, (SELECT value FROM revision WHERE id = 1))`,
  ]);
  return toPreferences(conversation_id, { user_id, conversation_id, ...merged, rev: 0 }, now);
}
