/** Jobs in the directory: work that outlives its request (rule 28). */
import type { JobKind } from "@rocket-chat-api/protocol";
import { and, asc, eq, gt, lte, type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import { type Directory, runBatch } from "./database.ts";
import { JOB_HAS_ENDED, type JobRow, jobParts, jobs } from "./server-schema.ts";

/** What a job is about. */
export interface JobSubject {
  kind: JobKind;
  subject: string;
}

/** A job, and whether it was started just now: who has started it carries it out. */
export interface StartedJob {
  job: JobRow;
  isNew: boolean;
}

/** A job to start. */
export interface WantedJob extends JobSubject {
  /** Other kinds that must not go on about the same subject at the same time. */
  notBeside?: readonly JobKind[];
}

/**
 * A running job about this subject. Starts one if there is none; of many requests at the same moment one does.
 * @param cursor where a new one begins, in its own words. @returns one that it must not go on beside, if there is one.
 */
export async function startJob(
  db: Directory,
  { notBeside = [], ...about }: WantedJob,
  now: EpochMs,
  cursor: string | null = null,
): Promise<StartedJob> {
  const kinds = sql`(SELECT value FROM json_each(${JSON.stringify([about.kind, ...notBeside])}))`;
  const there = sql`status = 'running' AND subject = ${about.subject} AND kind IN ${kinds}`;
  return await startUnless(db, about, there, now, cursor);
}

/**
 * Starts the only job of its kind about something: one that has failed may be begun again, and any other is there for good.
 * @param others other subjects with which it is the same. @returns the job that is there, which may be about one of them.
 */
export async function startOnce(
  db: Directory,
  about: JobSubject,
  others: readonly string[],
  now: EpochMs,
): Promise<StartedJob> {
  const subjects = sql`(SELECT value FROM json_each(${JSON.stringify([about.subject, ...others])}))`;
  const there = sql`status <> 'failed' AND kind = ${about.kind} AND subject IN ${subjects}`;
  return await startUnless(db, about, there, now);
}

async function startUnless(
  db: Directory,
  { kind, subject }: JobSubject,
  there: SQL,
  now: EpochMs,
  cursor: string | null = null,
): Promise<StartedJob> {
  const job_id = crypto.randomUUID();
  // Both at once: the job that is there may end at any moment.
  const [, rows = []] = await runBatch(db, [
    sql`INSERT INTO jobs (job_id, kind, subject, status, progress, cursor, created_at, updated_at)
      SELECT ${job_id}, ${kind}, ${subject}, 'running', 0, ${cursor}, ${now}, ${now}
      WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE ${there})`,
    sql`SELECT * FROM jobs WHERE ${there} LIMIT 1`,
  ]);
  const job = rows[0] as JobRow | undefined;
  if (!job) throw new Error("the job vanished between two statements");
  return { job, isNew: job.job_id === job_id };
}

/**
 * Takes up a job that seems to be interrupted. @param job as it was read.
 * @returns false if it has come further since, or another run was quicker.
 */
export async function claimJob(
  db: Directory,
  { job_id, updated_at }: Pick<JobRow, "job_id" | "updated_at">,
  now: EpochMs,
): Promise<boolean> {
  const asRead = and(eq(jobs.job_id, job_id), eq(jobs.status, "running"), eq(jobs.updated_at, updated_at));
  const claimed = await db
    .update(jobs)
    .set({ updated_at: now })
    .where(asRead)
    .returning({ job_id: jobs.job_id });
  return claimed.length > 0;
}

/** A job, or undefined. */
export async function findJob(db: Directory, jobId: string): Promise<JobRow | undefined> {
  return await db.query.jobs.findFirst({ where: eq(jobs.job_id, jobId) });
}

/** Which job, and since when: one that was begun again is another. */
export type JobKey = Pick<JobRow, "job_id" | "created_at">;

function running({ job_id, created_at }: JobKey): SQL | undefined {
  return and(eq(jobs.job_id, job_id), eq(jobs.created_at, created_at), eq(jobs.status, "running"));
}

/** A job has come further, or has ended. One that has ended, or was begun again, stays as it is. */
export async function updateJob(
  db: Directory,
  job: JobKey,
  state: Partial<Pick<JobRow, "progress" | "status" | "error" | "cursor" | "result">>,
  now: EpochMs,
): Promise<void> {
  await db
    .update(jobs)
    .set({ ...state, updated_at: now })
    .where(running(job));
}

/** A job has failed. What it has noted of its parts goes. */
export async function failJob(db: Directory, job: JobKey, error: string, now: EpochMs): Promise<void> {
  await updateJob(db, job, { status: "failed", error, cursor: null }, now);
  await db.delete(jobParts).where(eq(jobParts.job_id, job.job_id));
}

/**
 * Notes one part of a job, and how far it has come with it: both, or nothing.
 * @param before how far this run has read that the job had come. @returns false if another run goes on with it, or it has ended.
 */
export async function notePart(
  db: Directory,
  job: JobKey & { before: string | null },
  { part, value, progress, cursor }: { part: string; value: string; progress: number; cursor: string },
  now: EpochMs,
): Promise<boolean> {
  const { job_id, created_at, before } = job;
  const mine = sql`job_id = ${job_id} AND created_at = ${created_at} AND status = 'running' AND cursor IS ${before}`;
  const [, noted = []] = await runBatch(db, [
    sql`INSERT OR REPLACE INTO job_parts (job_id, part, value)
      SELECT job_id, ${part}, ${value} FROM jobs WHERE ${mine}`,
    sql`UPDATE jobs SET progress = ${progress}, cursor = ${cursor}, updated_at = ${now} WHERE ${mine} RETURNING job_id`,
  ]);
  return noted.length > 0;
}

/** A job is done. @param result what it has brought, as JSON. */
export async function endJob(db: Directory, jobId: string, result: string, now: EpochMs): Promise<void> {
  await runBatch(db, [
    sql`UPDATE jobs SET status = 'done', progress = 1, cursor = NULL, result = ${result}, updated_at = ${now}
      WHERE job_id = ${jobId} AND status = 'running'`,
    sql`DELETE FROM job_parts WHERE job_id = ${jobId}`,
  ]);
}

/** Exports that were begun before a time, and whose files are there. */
export async function oldExports(db: Directory, before: EpochMs, limit: number): Promise<JobRow[]> {
  const isOld = sql`kind = 'export_user' AND result IS NOT NULL AND ${jobs.created_at} <= ${before}`;
  return await db.select().from(jobs).where(isOld).orderBy(jobs.created_at).limit(limit);
}

/** What a job has brought is gone. @param error why, for the app. */
export async function dropResult(db: Directory, jobId: string, error: string, now: EpochMs): Promise<void> {
  await db.update(jobs).set({ result: null, error, updated_at: now }).where(eq(jobs.job_id, jobId));
}

/** Ends jobs about a subject, running or done: what they have brought is gone. */
export async function endJobsOf(
  db: Directory,
  { kind, subject }: JobSubject,
  error: string,
  now: EpochMs,
): Promise<void> {
  const theirs = sql`(SELECT job_id FROM jobs WHERE kind = ${kind} AND subject = ${subject})`;
  await runBatch(db, [
    sql`DELETE FROM job_parts WHERE job_id IN ${theirs}`,
    sql`UPDATE jobs SET status = 'failed', error = ${error}, result = NULL, cursor = NULL, updated_at = ${now}
      WHERE job_id IN ${theirs}`,
  ]);
}

/** Ends one job, running or done: what it has brought is gone. @param error why, for the app. */
export async function endJobNow(db: Directory, jobId: string, error: string, now: EpochMs): Promise<void> {
  await runBatch(db, [
    sql`DELETE FROM job_parts WHERE job_id = ${jobId}`,
    sql`UPDATE jobs SET status = 'failed', error = ${error}, result = NULL, cursor = NULL, updated_at = ${now}
      WHERE job_id = ${jobId}`,
  ]);
}

/** Forgets jobs that ended before a time, the oldest first. What an erasure certifies stays. */
export async function forgetJobs(db: Directory, before: EpochMs, limit: number): Promise<void> {
  const old = sql`(SELECT job_id FROM jobs WHERE ${JOB_HAS_ENDED} AND updated_at < ${before} ORDER BY updated_at LIMIT ${limit})`;
  await runBatch(db, [
    sql`DELETE FROM job_parts WHERE job_id IN ${old}`,
    sql`DELETE FROM jobs WHERE job_id IN ${old}`,
  ]);
}

/** Notes what was done with one part. Another time replaces it. */
export async function putPart(db: Directory, job_id: string, part: string, value: string): Promise<void> {
  await db
    .insert(jobParts)
    .values({ job_id, part, value })
    .onConflictDoUpdate({ target: [jobParts.job_id, jobParts.part], set: { value } });
}

/** Parts of a job, in order. */
export async function partsOf(
  db: Directory,
  jobId: string,
  after: string,
  limit: number,
): Promise<{ part: string; value: string }[]> {
  return await db
    .select({ part: jobParts.part, value: jobParts.value })
    .from(jobParts)
    .where(and(eq(jobParts.job_id, jobId), gt(jobParts.part, after)))
    .orderBy(asc(jobParts.part))
    .limit(limit);
}

/** Running jobs that have not come further since a time, longest standing first. */
export async function stalledJobs(db: Directory, before: EpochMs, limit: number): Promise<JobRow[]> {
  const stalled = and(eq(jobs.status, "running"), lte(jobs.updated_at, before));
  return await db.select().from(jobs).where(stalled).orderBy(jobs.updated_at).limit(limit);
}
