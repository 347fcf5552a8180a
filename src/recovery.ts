/**
 * Takes one conversation back to a point in time: the job of `POST /server/conversations/{conversation_id}/recover` (docs/backup.md).
 * After each step the job notes how far it has come, so it may be interrupted at any point, and every step may be repeated. It stops at
 * whatever fails: it is about one conversation, and each step needs those before it.
 */
import type { RecoveryResult } from "@rocket-chat-api/protocol";
import { blocksAmong } from "./directory/blocks.ts";
import type { Directory } from "./directory/database.ts";
import { endJob, updateJob } from "./directory/jobs.ts";
import { decideAgain, erasedOf, peopleOf, purgesSince } from "./directory/recovered.ts";
import type { JobRow } from "./directory/server-schema.ts";
import { JobFailed, type JobState } from "./domain/job.ts";
import type { Outcome } from "./domain/outcome.ts";
import { toPurge } from "./domain/purged.ts";
import {
  type Armed,
  type FinishOrder,
  RECOVERABLE_MS,
  type RecoveryRequestName,
  type RecoveryRequests,
} from "./domain/recovery.ts";
import type { EpochMs } from "./domain/time.ts";
import type { Env } from "./env.ts";
import { type ConversationObject, conversationObject } from "./realtime/objects.ts";

/** How often an object that starts again is asked, and the pause, in milliseconds. */
const ATTEMPTS = 10;
const PAUSE_MS = 200;
/** How often a large conversation is asked whether the directory has everything, in one run. */
const LOOKS = 10;

/** What a recovery goes back to, and how far it has come. */
export interface RecoveryPlace {
  /** Null where a bookmark was named. */
  to: EpochMs | null;
  bookmark: string;
  /** Once the conversation is about to start with that state. */
  armed?: Armed;
  is_finished?: boolean;
}

/** Goes on with a job. */
export async function recoverConversation(env: Env, db: Directory, job: JobRow): Promise<JobState> {
  const run = new Run(env, db, job);
  await run.goBack();
  if (!(await run.rebuild())) return "more";
  await run.erase();
  const since = run.place.to ?? Date.now() - RECOVERABLE_MS;
  await decideAgain(db, job.subject, since);
  await run.purge(since);
  await endJob(db, job.job_id, JSON.stringify(run.result), Date.now());
  return "done";
}

class Run {
  readonly #db: Directory;
  readonly #job: JobRow;
  readonly #env: Env;
  place: RecoveryPlace;

  constructor(env: Env, db: Directory, job: JobRow) {
    this.#db = db;
    this.#job = job;
    this.#env = env;
    if (job.cursor === null) throw new JobFailed("It does not say where to go back to");
    this.place = JSON.parse(job.cursor) as RecoveryPlace;
  }

  /** A new stub each time: one through which a call has failed fails for ever. */
  get #conversation(): ConversationObject {
    return conversationObject(this.#env, this.#job.subject);
  }

  /** What the job brings. */
  get result(): RecoveryResult {
    const { bookmark, armed } = this.place;
    return { bookmark, undo_bookmark: armed?.undo ?? "" };
  }

  /** Puts the earlier state in place, and makes it whole. */
  async goBack(): Promise<void> {
    for (let attempt = 0; !this.place.is_finished; attempt++) {
      if (attempt === ATTEMPTS) throw new Error("the conversation is not there yet");
      if (attempt > 0) await pause();
      const armed = this.place.armed ?? (await this.#arm());
      const { job_id } = this.#job;
      const restarted = await this.#ask("restart", { job_id, up_to: armed.up_to });
      if (restarted?.state === "moved") await this.#note({ armed: undefined }, 0.1);
      if (restarted?.state !== "restored") continue;
      const finished = await this.#ask("finish", await this.#order(armed));
      if (finished?.state === "empty") await this.#undo(armed);
      if (finished?.state === "done") await this.#note({ is_finished: true }, 0.6);
    }
  }

  async #arm(): Promise<Armed> {
    const { bookmark } = this.place;
    const armed = bodyOf(await this.#conversation.recover("arm", { job_id: this.#job.job_id, bookmark }));
    await this.#note({ armed }, 0.2);
    return armed;
  }

  /** Asks for a step that may start the object again. @returns undefined if it does, or cannot be reached. */
  async #ask<Name extends RecoveryRequestName>(
    name: Name,
    input: RecoveryRequests[Name]["input"],
  ): Promise<RecoveryRequests[Name]["answer"] | undefined> {
    let outcome: Outcome<RecoveryRequests[Name]["answer"]>;
    try {
      outcome = await this.#conversation.recover(name, input);
    } catch {
      return undefined;
    }
    return outcome.ok || outcome.error.code !== "CONFLICT" ? bodyOf(outcome) : undefined;
  }

  async #order({ up_to, rev, forgotten, at }: Armed): Promise<FinishOrder> {
    const { subject, job_id } = this.#job;
    const { to } = this.place;
    const people = await peopleOf(this.#db, subject);
    const ids = people.map(({ profile }) => profile.user_id);
    return {
      ...{ job_id, up_to, rev, forgotten, people },
      // Far from both, since clocks differ.
      said_since: to === null ? at : Math.floor((to + at) / 2),
      blocks: await blocksAmong(this.#db, ids, ids),
      erased: await erasedOf(this.#db, subject),
    };
  }

  /** There was nothing at that time: back to where it was. */
  async #undo({ undo }: Armed): Promise<never> {
    await this.#ask("undo", { bookmark: undo });
    throw new JobFailed("The conversation did not exist in that state");
  }

  /** Ends the erasures that the conversation has carried out again: nothing is left in its storage. */
  async erase(): Promise<void> {
    for (const { user_id } of await erasedOf(this.#db, this.#job.subject)) {
      const { is_settled } = bodyOf(await this.#conversation.executeForServer("settleErasure", { user_id }));
      if (!is_settled) throw new Error("the directory is behind");
    }
  }

  /**
   * Deletes again what was deleted with a ban since then: the conversation begins, and goes on by itself. What the person has said after
   * that stays.
   */
  async purge(after: EpochMs): Promise<void> {
    for (const { subject, updated_at } of await purgesSince(this.#db, this.#job.subject, after)) {
      const order = { ...toPurge(subject), until: updated_at, isFirst: true };
      bodyOf(await this.#conversation.executeForServer("purge", order));
    }
  }

  /** Waits until the directory has the conversation as it is now. @returns false if that takes longer. */
  async rebuild(): Promise<boolean> {
    for (let look = 0; look < LOOKS; look++) {
      if ((await this.#conversation.rebuildProjection(true)) !== "pending") return true;
      await this.#note({}, 0.8);
    }
    return false;
  }

  async #note(
    change: Partial<{ [Key in keyof RecoveryPlace]: RecoveryPlace[Key] | undefined }>,
    progress: number,
  ): Promise<void> {
    this.place = { ...this.place, ...change } as RecoveryPlace;
    const cursor = JSON.stringify(this.place);
    await updateJob(this.#db, this.#job, { progress, cursor }, Date.now());
  }
}

/** The answer to a request. @throws JobFailed if it is refused for good. */
function bodyOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.body;
  const { code, message } = outcome.error;
  if (code === "SERVICE_UNAVAILABLE") throw new Error(message);
  throw new JobFailed(message);
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
