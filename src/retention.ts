/**
 * Tells conversations how long the deployment keeps messages (rule 10). One that is written to finds out by itself; one where
 * nobody writes has no alarm, so it is told once for each number of days.
 */
import type { Directory } from "./directory/database.ts";
import { openDirectory } from "./directory/database.ts";
import { updateJob } from "./directory/jobs.ts";
import {
  askForRetention,
  conversationsAfter,
  forgetReports,
  forgetRetention,
} from "./directory/retention.ts";
import type { JobRow } from "./directory/server-schema.ts";
import type { JobState } from "./domain/job.ts";
import type { LatePart } from "./domain/late-parts.ts";
import { keptSince } from "./domain/retention.ts";
import type { EpochMs } from "./domain/time.ts";
import type { Env } from "./env.ts";
import { Parts } from "./job-walk.ts";
import { concurrently } from "./realtime/concurrently.ts";
import { conversationObject } from "./realtime/objects.ts";
import { retentionDays } from "./settings.ts";

/** Conversations told in one step, and steps in one run: a run may make a thousand calls. */
const STEP = 50;
const STEPS = 16;
/** Calls at a time. Each conversation then deletes by its own alarm. */
const CONCURRENCY = 6;
/** Reports looked after in one run. */
const REPORTS = 200;

/** For the cron trigger: asks for what is to be told, and forgets what old reports have kept. */
export async function keepRetention(env: Env, now: EpochMs): Promise<void> {
  const days = retentionDays(env);
  const db = openDirectory(env.DB);
  if (days === undefined) return await forgetRetention(db);
  await askForRetention(db, days, now);
  await forgetReports(db, keptSince(days, now), REPORTS);
}

/** How far the job has come. */
interface Place {
  /** Conversations up to this one have been told, or are late. */
  after: string;
  late: readonly LatePart[];
}

/** A job of an older release has the id alone. */
function placeOf(cursor: string | null): Place {
  if (cursor === null || !cursor.startsWith("{")) return { after: cursor ?? "", late: [] };
  return JSON.parse(cursor) as Place;
}

/** Goes on with the job: first with conversations that are late, then with some that have not been told yet. */
export async function applyRetention(env: Env, db: Directory, job: JobRow): Promise<JobState> {
  let { after, late } = placeOf(job.cursor);
  const parts = new Parts(env, job, late);
  const tell = async (ids: readonly string[]) => {
    await concurrently(ids, CONCURRENCY, async (id) => {
      await parts.attempt(id, 0, async () => {
        await conversationObject(env, id).checkRetention();
        return { next: null };
      });
    });
  };
  const note = async () => {
    ({ late } = parts);
    await updateJob(
      db,
      job,
      { progress: shareBefore(after), cursor: JSON.stringify({ after, late }) },
      Date.now(),
    );
  };
  const due = parts.due.map(({ part }) => part).slice(0, STEP * STEPS);
  await tell(due);
  if (due.length > 0) await note();
  for (let step = 0; step < STEPS; step++) {
    if (parts.isFull) return "late";
    const ids = await conversationsAfter(db, after, STEP);
    await tell(ids);
    after = ids.at(-1) ?? after;
    if (ids.length > 0) await note();
    if (ids.length < STEP) return parts.state;
  }
  return "more";
}

/** Which share of all ids lies before one: their first digits are random. */
function shareBefore(id: string): number {
  return Math.min(1, Number.parseInt(id.slice(0, 8), 16) / 2 ** 32);
}
