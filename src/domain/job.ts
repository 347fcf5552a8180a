/** What becomes of a run of a job. */

/** Ends a job as failed. What fails otherwise is tried again. @param message why, for the app. */
export class JobFailed extends Error {}

/** After a run: all is done; it goes on with the next run; or there is nothing to do but to wait for what has failed (late-parts.ts). */
export type JobState = "done" | "more" | "late";
