/**
 * Deletes what a banned person has said, in all of their conversations, also those that they have left (rule 29). A job
 * does it: it notes how far it has come, and may be interrupted at any point.
 */
import { sql } from "drizzle-orm";
import { type Directory, runBatch } from "./directory/database.ts";
import { updateJob } from "./directory/jobs.ts";
import type { JobRow } from "./directory/server-schema.ts";
import { type Purge, toPurge } from "./domain/purged.ts";
import type { Env } from "./env.ts";
import { conversationObject } from "./realtime/objects.ts";

/** Calls to conversations in one run: a request may make a thousand. The cron trigger goes on. */
const MAX_CALLS = 200;

/** How far it has come. */
interface Place {
  conversation_id: string;
  /** Whether nothing was deleted there yet. */
  isFirst: boolean;
  /** From 0 to 1. */
  progress: number;
}

/** Goes on with a job. @returns whether it is done. */
export async function deleteMessages(
  env: Env,
  db: Directory,
  job: Pick<JobRow, "job_id" | "created_at" | "subject" | "cursor">,
): Promise<boolean> {
  const { subject, cursor } = job;
  const purge = toPurge(subject);
  let place = cursor === null ? await nextPlace(db, purge, "") : (JSON.parse(cursor) as Place);
  for (let calls = 0; place && calls < MAX_CALLS; calls++) {
    place = await deleteSome(env, db, purge, place);
    if (place) {
      await updateJob(db, job, { progress: place.progress, cursor: JSON.stringify(place) }, Date.now());
    }
  }
  return place === undefined;
}

/** Deletes some messages of one conversation. @returns where to go on; undefined at the end. */
async function deleteSome(
  env: Env,
  db: Directory,
  purge: Purge,
  { conversation_id, isFirst, progress }: Place,
): Promise<Place | undefined> {
  const outcome = await conversationObject(env, conversation_id).executeForServer("purge", {
    ...purge,
    isFirst,
  });
  // A conversation that is gone has nothing left.
  const more = outcome.ok && outcome.body.more;
  return more ? { conversation_id, isFirst: false, progress } : await nextPlace(db, purge, conversation_id);
}

/** The next conversation where the person is or was a member. */
async function nextPlace(db: Directory, { user_id }: Purge, after: string): Promise<Place | undefined> {
  const [[row] = []] = await runBatch(db, [
    sql`SELECT min(conversation_id) FILTER (WHERE conversation_id > ${after}) AS next, count(*) AS total,
        count(*) FILTER (WHERE conversation_id <= ${after}) AS done
      FROM members WHERE user_id = ${user_id}`,
  ]);
  if (!row || row.next === null) return undefined;
  const progress = Number(row.done) / Number(row.total);
  return { conversation_id: String(row.next), isFirst: true, progress };
}
