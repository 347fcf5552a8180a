/**
 * Deletes what a banned person has said, in all of their conversations, also those that they have left (rule 29). A job
 * does it: it notes how far it has come, and may be interrupted at any point.
 */
import { sql } from "drizzle-orm";
import { type Directory, runBatch } from "./directory/database.ts";
import { updateJob } from "./directory/jobs.ts";
import type { JobRow } from "./directory/server-schema.ts";
import type { JobState } from "./domain/job.ts";
import type { LatePart } from "./domain/late-parts.ts";
import { type Purge, toPurge } from "./domain/purged.ts";
import type { Env } from "./env.ts";
import { Parts, Walk } from "./job-walk.ts";
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
  /** Nothing is left to do in this conversation. */
  isOver?: boolean;
  /** A job of an older release has none. */
  late?: readonly LatePart[];
}

const START: Place = { conversation_id: "", isFirst: true, progress: 0, isOver: true };

/** Goes on with a job. */
export async function deleteMessages(
  env: Env,
  db: Directory,
  job: Pick<JobRow, "job_id" | "kind" | "created_at" | "subject" | "cursor">,
): Promise<JobState> {
  const purge = toPurge(job.subject);
  const start = job.cursor === null ? START : (JSON.parse(job.cursor) as Place);
  let { progress } = start;
  let calls = 0;
  const walk: Walk<undefined> = new Walk(
    {
      next: (after) => nextPart(db, purge, after),
      step: async (part, from) => {
        calls += 1;
        return { next: (await deleteSome(env, purge, part, from === 0)) ? 1 : null, found: undefined };
      },
      note: async (_part, _found, now) => {
        progress = now ?? progress;
        const { part, from } = walk.place;
        const place: Place = {
          conversation_id: part,
          isFirst: from !== 1,
          isOver: from === null,
          progress,
          late: walk.parts.late,
        };
        await updateJob(db, job, { progress, cursor: JSON.stringify(place) }, Date.now());
      },
      isTired: () => calls >= MAX_CALLS,
    },
    new Parts(env, job, start.late ?? []),
    { part: start.conversation_id, from: fromOf(start) },
  );
  return await walk.run();
}

/** Where in its conversation a job goes on. */
function fromOf({ isOver = false, isFirst }: Place): number | null {
  if (isOver) return null;
  return isFirst ? 0 : 1;
}

/** Deletes some messages of one conversation. @returns whether there are more. */
async function deleteSome(
  env: Env,
  purge: Purge,
  conversation_id: string,
  isFirst: boolean,
): Promise<boolean> {
  const order = { ...purge, isFirst };
  const outcome = await conversationObject(env, conversation_id).executeForServer("purge", order);
  // A conversation that is gone has nothing left.
  return outcome.ok && outcome.body.more;
}

/** The next conversation where the person is or was a member. */
async function nextPart(
  db: Directory,
  { user_id }: Purge,
  after: string,
): Promise<{ part: string; progress: number } | undefined> {
  const [[row] = []] = await runBatch(db, [
    sql`SELECT min(conversation_id) FILTER (WHERE conversation_id > ${after}) AS next, count(*) AS total,
        count(*) FILTER (WHERE conversation_id <= ${after}) AS done
      FROM members WHERE user_id = ${user_id}`,
  ]);
  if (!row || row.next === null) return undefined;
  return { part: String(row.next), progress: Number(row.done) / Number(row.total) };
}
