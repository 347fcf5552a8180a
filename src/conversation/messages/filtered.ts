/** What filters of the app make of texts in a conversation, and what is noted of it (rule 29). */
import { openDirectory } from "../../directory/database.ts";
import { FILTERS } from "../../directory/filters/cache.ts";
import type { Filtered } from "../../domain/filter/verdict.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Env } from "../../env.ts";
import type { Filters } from "../state/handler.ts";
import { noteModeration } from "../state/moderation-notes.ts";
import type { Room } from "../state/room.ts";

/** Notes what filters have masked or flagged, in the turn of the change. @param seq of the message, or null. */
export function noteFiltered(
  room: Room,
  notes: Filtered["notes"],
  { target_id, seq }: { target_id: string; seq: number | null },
  at: EpochMs,
): void {
  for (const { action, details } of notes) {
    noteModeration(room, {
      action,
      at,
      actor_id: null,
      target_id,
      seq,
      reason: null,
      details: { ...details },
    });
  }
}

/** The filters of the isolate, read and kept alive by this object. */
export function filtersOf(ctx: DurableObjectState, env: Env): Filters {
  const directory = () => openDirectory(env.DB);
  return {
    get isReady() {
      return FILTERS.isReady;
    },
    ready: (now) => FILTERS.ready(directory(), now),
    current: (now) => FILTERS.current(directory, now, (work) => ctx.waitUntil(work)),
  };
}
