/** What a conversation does when its alarm rings. */
import { earliest } from "../domain/deadlines.ts";
import type { EpochMs } from "../domain/time.ts";
import { type Assembly, saveProgress } from "./assembly.ts";
import { deleteExpired } from "./messages/delete.ts";
import { isPurging, purgeSome } from "./moderation/purge.ts";
import { retain } from "./retain.ts";
import { nextEvidenceExpiry, sweepEvidence } from "./state/evidence.ts";

/** Closes sockets whose time is over, deletes what is to be deleted, and saves how far consumers have come. */
export async function onAlarm(its: Assembly, now: EpochMs): Promise<void> {
  const { store, sessions, clock, engine, limits } = its;
  clock.rang();
  sessions.closeExpired(now);
  if (!engine.room) return;
  if ((store.nextExpiry() ?? Number.POSITIVE_INFINITY) <= now) await engine.changeRepeatedly(deleteExpired);
  if (isPurging(engine.room))
    await engine.changeRepeatedly((room, at) => purgeSome(room, limits.evidenceMs, at));
  await retain(its, engine.room, now);
  if (!engine.room) return;
  // What is left is past its time, so the alarm rings again at once.
  store.atomically(() => sweepEvidence(store, now));
  clock.ringBy(earliest(sessions.nextExpiry(), store.nextExpiry(), nextEvidenceExpiry(store)));
  saveProgress(its, engine.room, now);
}
