/** Jobs in the directory: work that outlives its request (rule 28). */
import type { JobKind } from "@rocket-chat-api/protocol";
import { and, asc, eq, gt, lte, sql } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import { type Directory, runBatch } from "./database.ts";
import { type JobRow, jobParts, jobs } from "./server-schema.ts";

/** What a job is about. */
export interface JobSubject {
  kind: JobKind;
  subject: string;
}

/**
 * A running job about this subject. Starts one if there is none; of many requests at the same moment one does.
 * @param cursor where it begins, in its own words.
 */
export async function startJob(
  db: Directory,
  { kind, subject }: JobSubject,
  now: EpochMs,
  cursor: string | null = null,
): Promise<JobRow> {
  const running = sql`status = 'running' AND kind = ${kind} AND subject = ${subject}`;
  await runBatch(db, [
    sql`INSERT INTO jobs (job_id, kind, subject, status, progress, cursor, created_at, updated_at)
      SELECT ${crypto.randomUUID()}, ${kind}, ${subject}, 'running', 0, ${cursor}, ${now}, ${now}
      WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE ${running})`,
  ]);
  const [job] = await db.select().from(jobs).where(running).limit(1);
  if (!job) throw new Error("the job vanished while it was started");
  return job;
}

/** A job, or undefined. */
export async function findJob(db: Directory, jobId: string): Promise<JobRow | undefined> {
  return await db.query.jobs.findFirst({ where: eq(jobs.job_id, jobId) });
}

/** The jobs about a subject. */
export async function jobsAbout(db: Directory, { kind, subject }: JobSubject): Promise<JobRow[]> {
  return await db
    .select()
    .from(jobs)
    .where(and(eq(jobs.subject, subject), eq(jobs.kind, kind)));
}

/** A job has come further, or has ended. One that has ended stays so. */
export async function updateJob(
  db: Directory,
  jobId: string,
  state: Pick<JobRow, "progress"> & Partial<Pick<JobRow, "status" | "error" | "cursor" | "result">>,
  now: EpochMs,
): Promise<void> {
  await db
    .update(jobs)
    .set({ ...state, updated_at: now })
    .where(and(eq(jobs.job_id, jobId), eq(jobs.status, "running")));
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
