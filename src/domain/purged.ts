/** Whose messages a ban from the app deletes, as its job keeps it (rule 29). */
import type { EpochMs } from "./time.ts";

/** Whose messages are deleted, and those from when on. */
export interface Purge {
  user_id: string;
  since: EpochMs;
}

/** What the job is about. */
export function purgeSubject({ user_id, since }: Purge): string {
  return `${user_id} ${since}`;
}

/** The other way round. */
export function toPurge(subject: string): Purge {
  const [user_id = "", since = ""] = subject.split(" ");
  return { user_id, since: Number(since) };
}
