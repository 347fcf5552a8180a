/** A job that cannot succeed. */

/** Ends a job as failed. What fails otherwise is tried again. @param message why, for the app. */
export class JobFailed extends Error {}
