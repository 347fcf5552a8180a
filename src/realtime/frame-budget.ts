/** How much one socket may say (rule 24): so many frames a second, and what the budgets of its user allow. */
import { type DecodedFrame, failure, MAX_REFUSED_IN_A_ROW } from "@rocket-chat-api/protocol";
import { type FrameBucket, fullBucket, isCostlyCommand, takeFrame, type UserBudget } from "../domain/rate.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Env } from "../env.ts";
import { type Answer, errorEvent, tooMuch } from "./frame-answers.ts";
import { type Counted, count, overBudget } from "./rate-limit.ts";

/** What becomes of a frame before it is parsed. After the last one that is too many, the socket closes. */
export type Admission = "admitted" | "too_many" | "last";

/** The budgets of one socket. Forgotten in hibernation: by then they are full again. */
export class FrameBudget {
  #bucket: FrameBucket;
  /** Frames that were too many, minus those since then that were not. At the maximum nothing is admitted any more. */
  #excess = 0;
  /** Commands over budget since the last one within it. */
  #refusedInARow = 0;
  /** The counting of the frame before. */
  #counting: Promise<Counted> | undefined;

  constructor(now: EpochMs) {
    this.#bucket = fullBucket(now);
  }

  /** Counts a frame that has just come. Every frame counts, valid or not, because parsing is what costs. */
  admit(now: EpochMs): Admission | "ignored" {
    if (this.#excess >= MAX_REFUSED_IN_A_ROW) return "ignored";
    const { isTaken, bucket } = takeFrame(this.#bucket, now);
    this.#bucket = bucket;
    this.#excess = isTaken ? Math.max(0, this.#excess - 1) : this.#excess + 1;
    if (isTaken) return "admitted";
    return this.#excess < MAX_REFUSED_IN_A_ROW ? "too_many" : "last";
  }

  /**
   * Counts a command against a budget of its user. Many can be counted at a time; the results come in the order of the
   * frames.
   * @param budget undefined for a frame that has none. It waits for the frames before it all the same.
   */
  count(env: Env, budget: UserBudget | undefined, userId: string): Promise<Counted> {
    const counted = budget ? count(env, budget, userId) : Promise.resolve<Counted>("within");
    const counting = this.#counting ? this.#counting.then(() => counted) : counted;
    this.#counting = counting;
    return counting;
  }

  /**
   * Why a counted command is refused, if it is. After many refusals in a row the socket closes. A command that could
   * not be counted is refused only if it is a costly one.
   */
  refusalOf(frame: DecodedFrame, budget: UserBudget, counted: Counted): Answer | undefined {
    switch (counted) {
      case "within":
        return undefined;
      case "unknown": {
        const isCostly = frame.kind === "command" && isCostlyCommand(frame.command);
        return isCostly ? { event: errorEvent(failure("SERVICE_UNAVAILABLE"), frame) } : undefined;
      }
      case "over":
        this.#refusedInARow += 1;
        return tooMuch(overBudget(budget), frame, this.#refusedInARow >= MAX_REFUSED_IN_A_ROW);
      default:
        return counted satisfies never;
    }
  }

  /** A command was not refused: refusals in a row end. */
  accepted(): void {
    this.#refusedInARow = 0;
  }
}
