/**
 * How a job goes over many conversations, or people (rule 28): one that fails, or does not answer, keeps no other back and is not lost.
 * It is noted in the job's cursor, logged, and tried again by later runs (domain/late-parts.ts).
 */
import { hashedId } from "./auth/hashed-id.ts";
import type { JobRow } from "./directory/server-schema.ts";
import { JobFailed, type JobState } from "./domain/job.ts";
import { duePartsOf, isFull, type LatePart, withFailure, withoutPart } from "./domain/late-parts.ts";
import type { EpochMs } from "./domain/time.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { within } from "./realtime/within.ts";

/** A part that has not answered for so long has failed, in milliseconds: less than a job may stand still (jobs.ts). */
const CALL_MS = 40_000;

/** What one step in a part has brought. */
export interface StepDone<Found> {
  /** Where in the part the next step begins; null if the part is done. */
  next: number | null;
  found: Found;
}

/** The parts of a job in one run, and which of them are late. */
export class Parts {
  readonly #env: Pick<Env, "IDENTITY_SECRET">;
  readonly #job: Pick<JobRow, "job_id" | "kind">;
  readonly #began: EpochMs = Date.now();
  #late: readonly LatePart[];

  /** @param late as the job's cursor has it. */
  constructor(
    env: Pick<Env, "IDENTITY_SECRET">,
    job: Pick<JobRow, "job_id" | "kind">,
    late: readonly LatePart[],
  ) {
    this.#env = env;
    this.#job = job;
    this.#late = late;
  }

  /** What the cursor has to keep. */
  get late(): readonly LatePart[] {
    return this.#late;
  }

  /** The late parts that this run tries again, once each. */
  get due(): LatePart[] {
    return duePartsOf(this.#late, this.#began);
  }

  /** Whether so many are late that no other may be begun. */
  get isFull(): boolean {
    return isFull(this.#late);
  }

  /** What the run has come to, if there is nothing else to do. */
  get state(): JobState {
    return this.#late.length === 0 ? "done" : "late";
  }

  /** Takes one step in a part. @returns undefined if it has failed; then the part is late. */
  async attempt<Done extends { next: number | null }>(
    part: string,
    from: number,
    step: () => Promise<Done>,
  ): Promise<Done | undefined> {
    try {
      const done = await within(step(), CALL_MS);
      if (done.next === null) this.#late = withoutPart(this.#late, part);
      return done;
    } catch (error) {
      if (error instanceof JobFailed) throw error;
      this.#failed(part, from, error);
      return undefined;
    }
  }

  /** The next run goes on here in a part, wherever this one ends. */
  putOff(part: string, from: number): void {
    this.#late = [...withoutPart(this.#late, part), { part, from, failures: 0, due_at: this.#began }];
  }

  #failed(part: string, from: number, error: unknown): void {
    const now = Date.now();
    const late = withFailure(this.#late, part, from, now);
    this.#late = late;
    const { failures = 1, due_at = now } = late.at(-1) ?? {};
    const { job_id, kind } = this.#job;
    const pause = { failures, retry_in_ms: due_at - now };
    log("warn", "job.part_failed", {
      job_id,
      kind,
      ...this.#fieldsOf(part),
      ...pause,
      ...errorFields(error),
    });
  }

  /** A part as the log names it. */
  #fieldsOf(part: string): Record<string, string> {
    const [what = "", user] = part.split(":");
    if (user === undefined) return { conversation_id: part };
    return { part: what, user: hashedId(this.#env.IDENTITY_SECRET, user) };
  }
}

/** How far a walk has come. It is part of the job's cursor. */
export interface WalkPlace {
  /** Parts up to this one are done, or late; empty at the beginning. */
  part: string;
  /** Where in this part it goes on; null if there is nothing left to do in it. */
  from: number | null;
}

/** What a walk needs of its job. */
export interface WalkJob<Found> {
  /** The part after another, in order, and how far that is, from 0 to 1. */
  next(after: string): Promise<{ part: string; progress: number } | undefined>;
  /** Takes a step in a part. It may be taken twice. */
  step(part: string, from: number): Promise<StepDone<Found>>;
  /** A step was taken, or has failed: notes the place. @param found undefined if it has failed. */
  note(part: string, found: Found | undefined, progress: number | undefined): Promise<void>;
  /** Whether enough was done for one run. */
  isTired(): boolean;
}

/** One run of a job over its parts, one after the other. */
export class Walk<Found> {
  readonly #job: WalkJob<Found>;
  readonly parts: Parts;
  place: WalkPlace;

  constructor(job: WalkJob<Found>, parts: Parts, place: WalkPlace) {
    this.#job = job;
    this.parts = parts;
    this.place = place;
  }

  /** Tries late parts again, then goes on with the walk. @returns what it has come to. */
  async run(): Promise<JobState> {
    if (!(await this.retry())) return "more";
    const end = await this.goOn();
    return end === "more" ? end : this.parts.state;
  }

  /** Tries the late parts again that are due. @returns false if this run has done enough. */
  async retry(): Promise<boolean> {
    for (const { part, from } of this.parts.due) {
      if (!(await this.visit(part, from))) return false;
    }
    return true;
  }

  /** Goes on with the walk. @returns "over" at its end, also where parts are late; "full" if too many are. */
  async goOn(): Promise<"over" | "more" | "full"> {
    let { part, from } = this.place;
    for (let progress: number | undefined; ; ) {
      if (from === null) {
        if (this.parts.isFull) return "full";
        const next = await this.#job.next(part);
        if (!next) return "over";
        ({ part, progress } = next);
        from = 0;
      }
      if (this.#job.isTired()) return "more";
      const done = await this.#attempt(part, from);
      from = done ? done.next : null;
      this.place = { part, from };
      await this.#job.note(part, done?.found, progress);
    }
  }

  /** Does a part out of turn, from somewhere in it to its end. @returns false if this run has done enough. */
  async visit(part: string, start: number): Promise<boolean> {
    for (let from: number | null = start; from !== null; ) {
      if (this.#job.isTired()) return false;
      const done: StepDone<Found> | undefined = await this.#attempt(part, from);
      from = done ? done.next : null;
      if (from !== null) this.parts.putOff(part, from);
      await this.#job.note(part, done?.found, undefined);
    }
    return true;
  }

  /** Does a part out of turn, or leaves it to the next run if this one has done enough. */
  async visitOrPutOff(part: string): Promise<void> {
    if (!(await this.visit(part, 0)) && !this.parts.late.some((one) => one.part === part))
      this.parts.putOff(part, 0);
  }

  async #attempt(part: string, from: number): Promise<StepDone<Found> | undefined> {
    return await this.parts.attempt(part, from, () => this.#job.step(part, from));
  }
}
