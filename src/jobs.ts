/** Carries out jobs: what takes longer than a request (rule 28). A job may be interrupted and begun again at any point. */

import type { JobKind } from "@rocket-chat-api/protocol";
import { openBucket } from "./attachments/bucket.ts";
import { deleteExports } from "./attachments/export-files.ts";
import { checkedKey, uploadKey } from "./attachments/object-key.ts";
import { deleteObjects } from "./attachments/storage.ts";
import { type Directory, openDirectory } from "./directory/database.ts";
import { clearConversation, forgetNames, forgetUploads, hasMembers, uploadsOf } from "./directory/erasure.ts";
import {
  claimJob,
  dropResult,
  failJob,
  findJob,
  forgetJobs,
  oldExports,
  type StartedJob,
  stalledJobs,
  updateJob,
} from "./directory/jobs.ts";
import type { JobRow } from "./directory/server-schema.ts";
import { EXPORT_TTL_MS } from "./domain/export.ts";
import { JobFailed, type JobState } from "./domain/job.ts";
import { latePartsOf } from "./domain/late-parts.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { eraseUser } from "./people/erase-user.ts";
import { exportUser } from "./people/export-user.ts";
import { deleteMessages } from "./purge.ts";
import { conversationObject } from "./realtime/objects.ts";
import { recoverConversation } from "./recovery.ts";
import { applyRetention } from "./retention.ts";

/** Files deleted in one step. */
const FILES = 100;
/** A job that has not come further for so long was interrupted, in milliseconds: less than the cron trigger's minute. */
const STALLED_MS = 45_000;
/** Jobs taken up again in one run of the cron trigger. */
const MAX_JOBS = 20;
/** How long a job can be asked for after its end, in milliseconds: 90 days. */
const FORGET_MS = 90 * 24 * 3_600_000;
/** Jobs forgotten in one run of the cron trigger. */
const MAX_FORGOTTEN = 500;
/** A job that does not succeed for so long has failed, in milliseconds: a day. */
const GIVE_UP_MS = 24 * 3_600_000;

/**
 * Carries a job out that a request has started, or that was interrupted. What another run carries out is left to it: two at once would
 * write over each other's files.
 */
export async function runStartedJob(env: Env, { job, isNew }: StartedJob, now: number): Promise<void> {
  const isStalled = job.status === "running" && job.updated_at <= now - STALLED_MS;
  if (isNew || (isStalled && (await claimJob(openDirectory(env.DB), job, now)))) await runJob(env, job);
}

/** Carries a job out, as far as it goes now. Never rejects: what fails is tried again by the cron trigger. */
export async function runJob(env: Env, job: JobRow): Promise<void> {
  const db = openDirectory(env.DB);
  const isOver = () => Date.now() - job.created_at >= GIVE_UP_MS;
  try {
    const state = await WORK[job.kind](env, db, job);
    // What has brought something has ended already.
    if (state === "done") await updateJob(db, job, { status: "done", progress: 1, cursor: null }, Date.now());
    if (state === "late" && isOver() && !ENDLESS.has(job.kind))
      await giveUp(env, db, job, await missing(db, job));
  } catch (error) {
    log("warn", "job.interrupted", { job_id: job.job_id, kind: job.kind, ...errorFields(error) });
    const isFinal = error instanceof JobFailed;
    if (!isFinal && !isOver()) return;
    await giveUp(env, db, job, isFinal ? error.message : NOT_WITHIN).catch(() => undefined);
  }
}

const NOT_WITHIN = "It did not succeed within a day";
/** Jobs that wait for late parts for ever: nobody has asked for them, and nobody would begin them again. */
const ENDLESS: ReadonlySet<JobKind> = new Set(["apply_retention"]);

/** What a job says that is given up because some of its parts are late. All others are done. */
async function missing(db: Directory, { job_id }: JobRow): Promise<string> {
  const late = latePartsOf((await findJob(db, job_id))?.cursor ?? null);
  return `${NOT_WITHIN}: all is done but for ${late.length} that could not be reached`;
}

/** A job has failed for good. Of an export nothing stays: nobody has a link to what it has written. */
async function giveUp(env: Env, db: Directory, job: JobRow, why: string): Promise<void> {
  if (job.kind === "export_user") await deleteExports(openBucket(env.ATTACHMENTS), job.subject, job.job_id);
  await failJob(db, job, why, Date.now());
}

/** The work of each kind of job. What is left after it waits for the cron trigger. */
const WORK: Record<JobKind, (env: Env, db: Directory, job: JobRow) => Promise<JobState>> = {
  apply_retention: applyRetention,
  delete_conversation: deleteConversation,
  delete_messages: deleteMessages,
  erase_user: eraseUser,
  export_user: exportUser,
  recover_conversation: recoverConversation,
};

/**
 * Deletes a conversation with its files. Members hear of it first; its storage is deleted last. It stops at whatever fails: it is about
 * one conversation, and each step needs those before it.
 */
async function deleteConversation(env: Env, db: Directory, job: JobRow): Promise<JobState> {
  const { subject } = job;
  const advance = (progress: number) => updateJob(db, job, { progress }, Date.now());
  const conversation = conversationObject(env, subject);
  await forgetNames(db, subject);
  // It is gone already where an earlier run has come further.
  await conversation.executeForServer("erase", null);
  await advance(0.2);
  for (let more = true; more; ) {
    const uploads = await uploadsOf(db, subject, FILES);
    await deleteObjects(
      openBucket(env.ATTACHMENTS),
      uploads.flatMap((upload) => [uploadKey(upload), checkedKey(upload)]),
    );
    await forgetUploads(
      db,
      uploads.map(({ attachment_id }) => attachment_id),
    );
    more = uploads.length === FILES;
    await advance(0.5);
  }
  await clearConversation(db, subject);
  await advance(0.8);
  // The object writes that everybody is out. Before, it must not be destroyed.
  if (await hasMembers(db, subject)) throw new Error("the directory is behind");
  await conversation.executeForServer("destroy", null);
  return "done";
}

/** Goes on with jobs that were interrupted, deletes exports whose time is over, and forgets old jobs. For the cron trigger. */
export async function resumeJobs(env: Env, now: number): Promise<void> {
  const db = openDirectory(env.DB);
  for (const job of await stalledJobs(db, now - STALLED_MS, MAX_JOBS)) {
    // What fails again and again goes to the end of the queue by this, too.
    if (await claimJob(db, job, Date.now())) await runJob(env, job);
  }
  for (const job of await oldExports(db, now - EXPORT_TTL_MS, MAX_JOBS)) {
    try {
      await deleteExports(openBucket(env.ATTACHMENTS), job.subject, job.job_id);
      await dropResult(db, job.job_id, "The export has ended", now);
    } catch (error) {
      log("warn", "export.not_deleted", { job_id: job.job_id, ...errorFields(error) });
    }
  }
  await forgetJobs(db, now - FORGET_MS, MAX_FORGOTTEN);
}
