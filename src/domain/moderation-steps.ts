/** What moderators do with messages and people, as the parts of the service say it to each other (rule 29). */
import { type Failure, failure, type QueueAction, type TargetType } from "@rocket-chat-api/protocol";
import type { EpochMs } from "./time.ts";

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

/** What of an item of the queue decides what can be done about it. */
interface Decidable {
  target_type: TargetType;
  conversation_id: string | null;
  user_id: string | null;
  withholding: "none" | "wanted" | "done";
}

/** A decision as it is asked for. @param until when a ban or a mute ends; undefined if it does not. */
interface Asked {
  action: QueueAction;
  until: EpochMs | undefined;
}

const ENDS: ReadonlySet<QueueAction> = new Set(["ban", "mute"]);
const OF_PERSON: ReadonlySet<QueueAction> = new Set(["ban", "mute", "warn"]);
const OF_MESSAGE: ReadonlySet<QueueAction> = new Set(["delete", "restore"]);

/** Why an item cannot be decided like that, or undefined. */
export function checkDecision(item: Decidable, { action, until }: Asked, now: EpochMs): Failure | undefined {
  const invalid = (reason: string) => failure("VALIDATION_ERROR", reason);
  if (until !== undefined && !ENDS.has(action)) return invalid("Only a ban and a mute have an end");
  if (until !== undefined && until <= now) return invalid("`until` must be a time to come");
  if (OF_MESSAGE.has(action) && item.target_type !== "message")
    return invalid("The item is about no message");
  if (OF_PERSON.has(action) && item.user_id === null) return invalid("The item is about no person");
  if (action === "mute" && item.conversation_id === null) return invalid("The item is about no conversation");
  if (action === "mute" && until === undefined) return invalid("A mute needs `until`");
  if (action === "restore" && item.withholding === "none") {
    return failure("CONFLICT", "The message is not withheld");
  }
  return undefined;
}

/** What a decision does with the message of its item; undefined if it does nothing. */
export function stepOf(
  { target_type, withholding }: Pick<Decidable, "target_type" | "withholding">,
  action: QueueAction,
): ModerationStep | undefined {
  if (target_type !== "message") return undefined;
  if (action === "delete") return "delete";
  if (withholding === "none") return undefined;
  // Nothing stays withheld that was decided. Who is banned, muted or warned for a message does not get it back.
  return action === "dismiss" || action === "restore" ? "restore" : "delete";
}
