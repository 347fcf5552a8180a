/** What moderators do with messages and people, as the parts of the service say it to each other (rule 29). */

/** A step with one message: members see it deleted until somebody decides, see it again, or never more. */
export type ModerationStep = "withhold" | "restore" | "delete";

/** What has become of a message. */
export interface ModeratedMessage {
  state: "shown" | "withheld" | "deleted";
  sender_id: string;
}

/** Hours after which an open item of the queue is overdue: what Apple's guideline 1.2 and Google Play ask for. */
const OVERDUE_MS = 24 * 3_600_000;

/** How long an item has been open, and whether that is too long. @param until when it was decided; now, if it was not. */
export function ageOf(openedAt: number, until: number): { age_seconds: number; overdue: boolean } {
  const age = Math.max(0, until - openedAt);
  return { age_seconds: Math.floor(age / 1000), overdue: age > OVERDUE_MS };
}
