/** The part of a conversation's alarm that deletes what is older than messages are kept (rule 10). */
import { openDirectory } from "../directory/database.ts";
import { openMessagesOf } from "../directory/moderation/open-items.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import type { AlarmClock } from "../realtime/alarm-clock.ts";
import type { MessageLimits } from "../settings.ts";
import type { Engine } from "./engine.ts";
import { deleteOld, nextRetention, type Retaining } from "./messages/retention.ts";
import type { Retention } from "./state/retained.ts";
import { answer, type Room } from "./state/room.ts";

/**
 * Between two turns, in milliseconds. A turn of a thousand messages holds up what is said for some ten milliseconds: so it meets
 * less than one message in a hundred, and the directory has written the last one.
 */
const PAUSE_MS = 3_000;
/** When the directory does not say what is reported, in milliseconds. */
const RETRY_MS = 300_000;

/** What retention needs of its object. */
export interface RetainHost {
  env: Pick<Env, "DB">;
  engine: Engine;
  clock: Pick<AlarmClock, "ringBy">;
  retention: Retention;
  limits: MessageLimits;
}

/** Deletes one turn of old messages, if there are any, and sets the alarm for the next. */
export async function retain(its: RetainHost, room: Room, now: EpochMs): Promise<void> {
  const due = nextRetention(retainingOf(its, room));
  if (due === undefined || due > now) return its.clock.ringBy(due);
  let reported: ReadonlySet<number>;
  try {
    reported = await openMessagesOf(openDirectory(its.env.DB), room.id);
  } catch (error) {
    log("warn", "retention.postponed", { ...errorFields(error) });
    return its.clock.ringBy(now + RETRY_MS);
  }
  const hasMore = await deleteTurn(its, reported);
  const next = its.engine.room && nextRetention(retainingOf(its, its.engine.room));
  its.clock.ringBy(hasMore ? now + PAUSE_MS : next && Math.max(next, now + PAUSE_MS));
}

function retainingOf({ retention, limits }: RetainHost, room: Room): Retaining {
  return { room, retention, deploymentDays: limits.retentionDays };
}

async function deleteTurn(its: RetainHost, reported: ReadonlySet<number>): Promise<boolean> {
  const { engine, retention } = its;
  try {
    const outcome = await engine.change((at) => {
      const { room } = engine;
      if (!room) return answer({ more: false });
      return engine.store.atomically(() => deleteOld(retainingOf(its, room), reported, at));
    });
    return outcome.ok && outcome.body.more;
  } catch (error) {
    retention.forget();
    throw error;
  }
}
