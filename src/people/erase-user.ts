/**
 * Erases a person from everywhere (rule 28): the job of `POST /server/users/{user_id}/erase`. It notes how far it has come, may be
 * interrupted at any point, and every step may be repeated.
 *
 * It goes twice over everything. An isolate may take a minute to hear that a user may do nothing any more, and the directory shows a
 * new membership only after a while: what came in between is found the second time. Storage is written anew that time alone.
 */

import type { ErasedConversation, ErasedMessages } from "@rocket-chat-api/protocol";
import { openBucket } from "../attachments/bucket.ts";
import { deleteExports } from "../attachments/export-files.ts";
import type { Directory } from "../directory/database.ts";
import {
  clearRowsOf,
  clearSnapshots,
  clearUser,
  closeUser,
  nextConversation,
} from "../directory/erased-users.ts";
import { endJob, endJobsOf, putPart, updateJob } from "../directory/jobs.ts";
import { mergeSegments } from "../directory/search/search-index.ts";
import type { JobRow } from "../directory/server-schema.ts";
import type { ErasureOrder } from "../domain/erased-person.ts";
import type { Env } from "../env.ts";
import { conversationObject, hubObject } from "../realtime/objects.ts";
import { eraseFiles } from "./erase-files.ts";
import { endExportsOfOthers, forgetInHubs } from "./erase-from-others.ts";
import { certificateOf } from "./erasure-certificate.ts";

/** Calls to conversations in one run: a request may make a thousand. The cron trigger goes on. */
const MAX_CALLS = 300;
/** After so many calls in one conversation it says that it goes on. */
const BEAT_CALLS = 20;
/** Merge steps of the search index in one run: each writes up to 2 MB. */
const MERGE_STEPS = 50;
/**
 * Milliseconds between the first time and the second: longer than an isolate keeps a profile (middleware/callers.ts), and than a
 * new membership takes to reach the directory.
 */
export const SECOND_TIME_MS = 70_000;

/** How far a job has come. */
interface Place {
  /** The first time, or the second. */
  round: 1 | 2;
  step: "conversations" | "snapshots" | "rest" | "hubs" | "exports" | "index";
  /** Conversations up to this one are done. */
  conversation_id: string;
  /** Snapshots of reports up to this one are done. */
  snapshot_id: number;
  /** How far the steps are that go over other people: hubs, and exports of others. A job of an older release has none. */
  others?: string;
  /** Files of exports that were deleted. */
  exports: number;
}

const START: Place = { round: 1, step: "conversations", conversation_id: "", snapshot_id: 0, exports: 0 };

function toErasure(subject: string): { user_id: string; messages: ErasedMessages } {
  const [user_id = "", messages] = subject.split(" ");
  return { user_id, messages: messages === "anonymise" ? "anonymise" : "erase" };
}

/** Goes on with a job. @returns whether it is done. */
export async function eraseUser(env: Env, db: Directory, job: JobRow): Promise<boolean> {
  const { user_id, messages } = toErasure(job.subject);
  const user = await closeUser(db, user_id, Date.now());
  if (!user || user.erased_at === null) throw new Error("the user vanished");
  // Sockets close, and whatever comes late is refused.
  await hubObject(env, user_id).erase(user_id, messages);
  const { username, display_name, version: profile_version } = user;
  const order = { user_id, messages, profile_version, names: [...new Set([username, display_name])] };
  const run = new Run(env, db, job, order);
  for (let place = run.place; ; place = run.place) {
    if (place.round === 2 && Date.now() < user.erased_at + SECOND_TIME_MS) return false;
    if (!(await run.next())) break;
    if (run.isTired) return false;
  }
  await clearUser(db, user_id);
  const certificate = await certificateOf(db, job, { ...order, exports: run.place.exports }, Date.now());
  await endJob(db, job.job_id, JSON.stringify(certificate), Date.now());
  return true;
}

/** One run of a job. */
class Run {
  readonly #env: Env;
  readonly #db: Directory;
  readonly #job: JobRow;
  readonly #order: ErasureOrder;
  place: Place;
  #calls = 0;

  constructor(env: Env, db: Directory, job: JobRow, order: ErasureOrder) {
    this.#env = env;
    this.#db = db;
    this.#job = job;
    this.#order = order;
    this.place = job.cursor === null ? START : (JSON.parse(job.cursor) as Place);
  }

  /** Whether enough was done for one run. */
  get isTired(): boolean {
    return this.#calls >= MAX_CALLS;
  }

  /** Takes the next step. @returns false if there is none. */
  async next(): Promise<boolean> {
    const { step, round } = this.place;
    if (step === "conversations") return await this.#nextConversation();
    if (step === "snapshots") return await this.#nextSnapshots();
    if (step === "hubs") return await this.#nextHubs();
    if (step === "exports") return await this.#nextExports();
    if (step === "index") return await this.#mergeIndex();
    await clearRowsOf(this.#db, this.#order);
    const { user_id } = this.#order;
    // An export that is still being written ends with them.
    await endJobsOf(this.#db, { kind: "export_user", subject: user_id }, "The user was erased", Date.now());
    const exports = this.place.exports + (await deleteExports(openBucket(this.#env.ATTACHMENTS), user_id));
    // What is kept for others needs one time: they hear nothing new of the person since the first.
    if (round === 2) await this.#note({ ...this.place, step: "hubs", exports }, 0.96);
    else await this.#note({ ...START, round: 2, exports }, 0.5);
    return true;
  }

  async #nextHubs(): Promise<boolean> {
    const { others = "" } = this.place;
    const { next, calls } = await forgetInHubs(this.#env, this.#db, this.#order, others);
    this.#calls += calls;
    const place = { ...this.place, others: next ?? "" };
    await this.#note(next === null ? { ...place, step: "exports" } : place, 0.97);
    return true;
  }

  async #nextExports(): Promise<boolean> {
    const { others = "", exports } = this.place;
    const done = await endExportsOfOthers(this.#env, this.#db, this.#order, others);
    this.#calls += done.calls;
    const place = { ...this.place, others: done.next ?? "", exports: exports + done.files };
    await this.#note(done.next === null ? { ...place, step: "index" } : place, 0.98);
    return true;
  }

  /** Words of deleted messages are in the index until its segments are merged. @returns whether there is more to merge. */
  async #mergeIndex(): Promise<boolean> {
    if (await mergeSegments(this.#db, MERGE_STEPS)) return false;
    await this.#note(this.place, 0.99);
    this.#calls = MAX_CALLS;
    return true;
  }

  /** Says that it still goes on, so that no other run takes it up. */
  async #beat(): Promise<void> {
    if (this.#calls % BEAT_CALLS === 0) await updateJob(this.#db, this.#job, {}, Date.now());
  }

  async #note(place: Place, progress: number): Promise<void> {
    this.place = place;
    const cursor = JSON.stringify(place);
    await updateJob(this.#db, this.#job, { progress, cursor }, Date.now());
  }

  async #nextConversation(): Promise<boolean> {
    const { user_id } = this.#order;
    const next = await nextConversation(this.#db, user_id, this.place.conversation_id);
    if (!next) {
      await this.#note({ ...this.place, step: "snapshots" }, this.#progress(0.9));
      return true;
    }
    const { conversation_id } = next;
    const erased = await this.#eraseFrom(conversation_id);
    if (erased === "more") return true;
    if (erased) await putPart(this.#db, this.#job.job_id, conversation_id, JSON.stringify(erased));
    await this.#note({ ...this.place, conversation_id }, this.#progress(0.9 * next.progress));
    return true;
  }

  /** From 0 to 1, over both rounds. */
  #progress(ofRound: number): number {
    return (this.place.round - 1) * 0.5 + ofRound * 0.5;
  }

  async #nextSnapshots(): Promise<boolean> {
    const next = await clearSnapshots(this.#db, this.#order, this.place.snapshot_id);
    this.#calls += 1;
    const place =
      next === null ? { ...this.place, step: "rest" as const } : { ...this.place, snapshot_id: next };
    await this.#note(place, this.#progress(0.95));
    return true;
  }

  /** @returns what was erased; "more" if this run has done enough; undefined if the conversation is gone. */
  async #eraseFrom(conversation_id: string): Promise<ErasedConversation | "more" | undefined> {
    const conversation = conversationObject(this.#env, conversation_id);
    for (;;) {
      this.#calls += 1;
      const outcome = await conversation.executeForServer("eraseSome", this.#order);
      // It was deleted as a whole.
      if (!outcome.ok) return undefined;
      const { more, counts } = outcome.body;
      await this.#beat();
      if (!more) {
        await eraseFiles(this.#env, this.#db, this.#order, conversation_id);
        this.#calls += 1;
        const order = { ...this.#order, comes_again: this.place.round === 1 };
        const settled = await conversation.executeForServer("settleErasure", order);
        if (!settled.ok) return undefined;
        if (!settled.body.is_settled) throw new Error("the directory is behind");
        return { conversation_id, ...counts, is_rewritten: settled.body.is_rewritten };
      }
      if (this.isTired) return "more";
    }
  }
}
