/** Jobs in the directory: work that outlives its request (rule 28). */
import type { Job, JobKind } from "@rocket-chat-api/protocol";
import { and, eq, lte } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import type { Directory } from "./database.ts";
import { type JobRow, jobs } from "./server-schema.ts";

/** A running job about this subject. Starts one if there is none. */
export async function startJob(
  db: Directory,
  { kind, subject }: { kind: JobKind; subject: string },
  now: EpochMs,
): Promise<JobRow> {
  const running = and(eq(jobs.status, "running"), eq(jobs.kind, kind), eq(jobs.subject, subject));
  const known = await db.query.jobs.findFirst({ where: running });
  if (known) return known;
  const begun = {
    status: "running",
    progress: 0,
    error: null,
    cursor: null,
    created_at: now,
    updated_at: now,
  } as const;
  const job: JobRow = { job_id: crypto.randomUUID(), kind, subject, ...begun };
  await db.insert(jobs).values(job);
  return job;
}

/** A job as servers see it; undefined if there is none. */
export async function findJob(db: Directory, jobId: string): Promise<Job | undefined> {
  const row = await db.query.jobs.findFirst({ where: eq(jobs.job_id, jobId) });
  if (!row) return undefined;
  const { job_id, status, progress, error } = row;
  return { job_id, status, progress, ...(error === null ? {} : { error }) };
}

/** A job has come further, or has ended. */
export async function updateJob(
  db: Directory,
  jobId: string,
  state: Pick<JobRow, "progress"> & Partial<Pick<JobRow, "status" | "error" | "cursor">>,
  now: EpochMs,
): Promise<void> {
  await db
    .update(jobs)
    .set({ ...state, updated_at: now })
    .where(eq(jobs.job_id, jobId));
}

/** Running jobs that have not come further since a time, longest standing first. */
export async function stalledJobs(db: Directory, before: EpochMs, limit: number): Promise<JobRow[]> {
  const stalled = and(eq(jobs.status, "running"), lte(jobs.updated_at, before));
  return await db.select().from(jobs).where(stalled).orderBy(jobs.updated_at).limit(limit);
}
