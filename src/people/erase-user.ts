/**
 * Erases a person from everywhere (rule 28): the job of `POST /server/users/{user_id}/erase`. It notes how far it has come, may be
 * interrupted at any point, and every step may be repeated.
 *
 * It goes twice over everything. An isolate may take a minute to hear that a user may do nothing any more, and the directory shows a
 * new membership only after a while: what came in between is found the second time. Storage is written anew that time alone.
 *
 * Conversations, hubs and exports of others that fail keep no other back, but it is not done without them: it comes back to them at the
 * end, and then once more to what a conversation may have told others in the meantime. D1 and the bucket are one each: where they fail, it
 * stops.
 */

import type { ErasedConversation } from "@rocket-chat-api/protocol";
import { openBucket } from "../attachments/bucket.ts";
import { deleteExports } from "../attachments/export-files.ts";
import type { Directory } from "../directory/database.ts";
import {
  clearRowsOf,
  clearSnapshots,
  clearUser,
  closeUser,
  nextCompanions,
  nextConversation,
} from "../directory/erased-users.ts";
import { endJob, endJobsOf, putPart, updateJob } from "../directory/jobs.ts";
import { mergeSegments } from "../directory/search/search-index.ts";
import type { JobRow } from "../directory/server-schema.ts";
import type { ErasureOrder } from "../domain/erased-person.ts";
import type { JobState } from "../domain/job.ts";
import type { Env } from "../env.ts";
import { Parts, type StepDone, Walk, type WalkJob } from "../job-walk.ts";
import { concurrently } from "../realtime/concurrently.ts";
import { hubObject } from "../realtime/objects.ts";
import { eraseSome } from "./erase-conversation.ts";
import { endExportsOf, exportedOthers } from "./erase-exports.ts";
import { certificateOf } from "./erasure-certificate.ts";
import { type Place, START, toErasure } from "./erasure-place.ts";

/** Calls to conversations in one run: a request may make a thousand. The cron trigger goes on. */
const MAX_CALLS = 300;
/** After so many calls in one conversation it says that it goes on. */
const BEAT_CALLS = 20;
/** Merge steps of the search index in one run: each writes up to 2 MB. */
const MERGE_STEPS = 50;
/** Hubs asked in one step, and at a time. */
const HUBS = 60;
const HUBS_AT_A_TIME = 6;
/**
 * Milliseconds between the first time and the second: longer than an isolate keeps a profile (middleware/callers.ts), and than a
 * new membership takes to reach the directory.
 */
export const SECOND_TIME_MS = 70_000;

/** Goes on with a job. */
export async function eraseUser(env: Env, db: Directory, job: JobRow): Promise<JobState> {
  const { user_id, messages } = toErasure(job.subject);
  const user = await closeUser(db, user_id, Date.now());
  if (!user || user.erased_at === null) throw new Error("the user vanished");
  const { username, display_name, version: profile_version } = user;
  const order = { user_id, messages, profile_version, names: [...new Set([username, display_name])] };
  const run = new Run(env, db, job, order);
  await run.begin();
  for (let state: JobState = "more"; state !== "done"; state = await run.next()) {
    if (state === "late") return state;
    if (run.place.round === 2 && Date.now() < user.erased_at + SECOND_TIME_MS) return "more";
    if (run.isTired) return "more";
  }
  await clearUser(db, user_id);
  const certificate = await certificateOf(db, job, { ...order, exports: run.place.exports }, Date.now());
  await endJob(db, job.job_id, JSON.stringify(certificate), Date.now());
  return "done";
}

/** What was erased of a conversation, or how many files of exports were deleted. */
interface Found {
  erased?: ErasedConversation;
  files?: number;
}

/** One run of a job. */
class Run {
  readonly #env: Env;
  readonly #db: Directory;
  readonly #job: JobRow;
  readonly #order: ErasureOrder;
  readonly #walk: Walk<Found>;
  readonly #parts: Parts;
  place: Place;
  #calls = 0;

  constructor(env: Env, db: Directory, job: JobRow, order: ErasureOrder) {
    this.#env = env;
    this.#db = db;
    this.#job = job;
    this.#order = order;
    this.place = job.cursor === null ? START : (JSON.parse(job.cursor) as Place);
    const { conversation_id, isWithin = false, late = [] } = this.place;
    this.#parts = new Parts(env, job, late);
    const work: WalkJob<Found> = {
      next: (after) => this.#nextConversation(after),
      step: (part) => this.#erasePart(part),
      note: (part, found, progress) => this.#noteStep(part, found, progress),
      isTired: () => this.isTired,
    };
    this.#walk = new Walk(work, this.#parts, { part: conversation_id, from: isWithin ? 1 : null });
  }

  /** Whether enough was done for one run. */
  get isTired(): boolean {
    return this.#calls >= MAX_CALLS;
  }

  /** What each run begins with: sockets close, whatever comes late is refused, and late parts are tried again that are due. */
  async begin(): Promise<void> {
    await this.#walk.visit(`own:${this.#order.user_id}`, 0);
    await this.#walk.retry();
  }

  /** Takes the next step. @returns "more" after each but the last one. */
  async next(): Promise<JobState> {
    const { step } = this.place;
    if (step === "conversations") return await this.#conversations();
    if (step === "snapshots") await this.#nextSnapshots();
    else if (step === "rest") await this.#clearRest();
    else if (step === "hubs") await this.#nextHubs();
    else if (step === "exports") await this.#nextExports();
    else if (step === "index") await this.#mergeIndex();
    else return await this.#end();
    return "more";
  }

  async #conversations(): Promise<JobState> {
    const end = await this.#walk.goOn();
    if (end === "full") return "late";
    if (end === "over") await this.#note({ ...this.place, step: "snapshots" }, this.#progress(0.9));
    return "more";
  }

  async #nextConversation(after: string): Promise<{ part: string; progress: number } | undefined> {
    const next = await nextConversation(this.#db, this.#order.user_id, after);
    return next && { part: next.conversation_id, progress: this.#progress(0.9 * next.progress) };
  }

  /** One step in a conversation, or one of the people. */
  async #erasePart(part: string): Promise<StepDone<Found>> {
    const { user_id, messages } = this.#order;
    const [what = "", other] = part.split(":");
    this.#calls += 1;
    if (other === undefined) {
      const order = { ...this.#order, comes_again: this.place.round === 1 };
      const erased = await eraseSome(this.#env, this.#db, order, part);
      if (erased === "more") return { next: 1, found: {} };
      this.#calls += 1;
      return { next: null, found: erased === "gone" ? {} : { erased } };
    }
    if (what === "exports") {
      const { files, calls } = await endExportsOf(this.#env, this.#db, this.#order, other);
      this.#calls += calls;
      return { next: null, found: { files } };
    }
    const hub = hubObject(this.#env, other);
    await (what === "own" ? hub.erase(user_id, messages) : hub.forgetPerson(this.#order));
    return { next: null, found: {} };
  }

  /** Notes what has become of a part. */
  async #noteStep(part: string, found: Found | undefined, progress: number | undefined): Promise<void> {
    const { erased, files = 0 } = found ?? {};
    const { part: conversation_id, from } = this.#walk.place;
    const exports = this.place.exports + files;
    this.place = { ...this.place, conversation_id, isWithin: from !== null, exports };
    if (erased) {
      await putPart(this.#db, this.#job.job_id, part, JSON.stringify(erased));
      if (this.place.round === 2 && this.place.step !== "conversations") this.place.isOnceMore = true;
    }
    // In the middle of a conversation it only says that it still goes on, so that no other run takes it up.
    if (from === null || this.#calls % BEAT_CALLS === 0) await this.#note(this.place, progress);
  }

  async #nextSnapshots(): Promise<void> {
    const next = await clearSnapshots(this.#db, this.#order, this.place.snapshot_id);
    this.#calls += 1;
    const change = next === null ? ({ step: "rest" } as const) : { snapshot_id: next };
    await this.#note({ ...this.place, ...change }, this.#progress(0.95));
  }

  async #clearRest(): Promise<void> {
    await clearRowsOf(this.#db, this.#order);
    const { user_id } = this.#order;
    // An export that is still being written ends with them.
    await endJobsOf(this.#db, { kind: "export_user", subject: user_id }, "The user was erased", Date.now());
    const exports = this.place.exports + (await deleteExports(openBucket(this.#env.ATTACHMENTS), user_id));
    // What is kept for others needs one time: they hear nothing new of the person since the first.
    if (this.place.round === 2) return await this.#note({ ...this.place, step: "hubs", exports }, 0.96);
    this.#walk.place = { part: "", from: null };
    await this.#note({ ...START, round: 2, exports }, 0.5);
  }

  /** Those who share, or shared, a conversation with the person: their hubs keep names of groups, and pushes that wait. */
  async #nextHubs(): Promise<void> {
    const { others = "" } = this.place;
    const ids = await nextCompanions(this.#db, this.#order.user_id, others, HUBS);
    await concurrently(ids, HUBS_AT_A_TIME, async (id) => {
      const part = `hub:${id}`;
      await this.#parts.attempt(part, 0, () => this.#erasePart(part));
    });
    const isLast = ids.length < HUBS;
    const place = { ...this.place, others: isLast ? "" : (ids.at(-1) ?? "") };
    await this.#note(isLast ? { ...place, step: "exports" } : place, 0.97);
  }

  async #nextExports(): Promise<void> {
    const { others: cursor = "" } = this.place;
    const { others, next } = await exportedOthers(this.#env, this.#db, this.#order, cursor);
    this.#calls += 2;
    for (const other of others) await this.#walk.visitOrPutOff(`exports:${other}`);
    const place = { ...this.place, others: next ?? "" };
    await this.#note(next === null ? { ...place, step: "index" } : place, 0.98);
  }

  /** Words of deleted messages are in the index until its segments are merged. */
  async #mergeIndex(): Promise<void> {
    const isMerged = await mergeSegments(this.#db, MERGE_STEPS);
    await this.#note(isMerged ? { ...this.place, step: "late" } : this.place, 0.99);
    if (!isMerged) this.#calls = MAX_CALLS;
  }

  /** Nothing may be missing at the end. */
  async #end(): Promise<JobState> {
    if (this.#parts.state !== "done") return "late";
    if (!this.place.isOnceMore) return "done";
    await this.#note(
      { ...this.place, step: "snapshots", snapshot_id: 0, others: "", isOnceMore: false },
      0.95,
    );
    return "more";
  }

  /** From 0 to 1, over both rounds. */
  #progress(ofRound: number): number {
    return (this.place.round - 1) * 0.5 + ofRound * 0.5;
  }

  async #note(place: Place, progress: number | undefined): Promise<void> {
    this.place = { ...place, late: this.#parts.late };
    const cursor = JSON.stringify(this.place);
    const reached = progress === undefined ? {} : { progress };
    await updateJob(this.#db, this.#job, { ...reached, cursor }, Date.now());
  }
}
