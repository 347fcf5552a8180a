/** Slow mode: how long members wait between what they write (rule 29). */
import type { Failure } from "@rocket-chat-api/protocol";
import { eq } from "drizzle-orm";
import { checkSlowMode, isSlow } from "../../domain/moderation.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Room } from "../state/room.ts";
import { slowEdits } from "../state/schema.ts";
import type { MemberRow } from "../state/store.ts";
import { lastSentAt } from "./last-sent.ts";

/** Why a member in slow mode has to wait before they send or edit, or undefined. */
export function checkPace(room: Room, member: MemberRow, now: EpochMs): Failure | undefined {
  const { settings } = room.info;
  if (!isSlow(member, settings)) return undefined;
  const seconds = settings.slow_mode_seconds;
  const sent = lastSentAt(room, member.user_id, now - seconds * 1000) ?? 0;
  return checkSlowMode(Math.max(sent, lastEditAt(room, member.user_id)), seconds, now);
}

/** Notes an edit, so that it counts like a message: a text could say something new each second otherwise. */
export function noteEdit(room: Room, member: MemberRow, now: EpochMs): void {
  if (!isSlow(member, room.info.settings)) return;
  const row = { user_id: member.user_id, at: now };
  room.store.db
    .insert(slowEdits)
    .values(row)
    .onConflictDoUpdate({ target: slowEdits.user_id, set: row })
    .run();
}

/** When a member last edited in slow mode; 0 if never. */
function lastEditAt({ store }: Room, userId: string): EpochMs {
  return store.db.select().from(slowEdits).where(eq(slowEdits.user_id, userId)).get()?.at ?? 0;
}
