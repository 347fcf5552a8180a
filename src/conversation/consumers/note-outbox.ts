/**
 * Takes the notes of moderation to the directory, and deletes them here (rule 29). It is an outbox and no change feed: a
 * note changes no row that a feed reads. A note may be written twice, so its number is its key there. Nothing waits for
 * it; while the directory is down the alarm tries again.
 */

import { openDirectory } from "../../directory/database.ts";
import { addNotes } from "../../directory/moderation/notes.ts";
import { backoff, SAFETY_NET_MS } from "../../domain/deadlines.ts";
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import { dropNotes, notesOf } from "../state/moderation-notes.ts";
import type { Room } from "../state/room.ts";

/** What the outbox needs of its object. */
export interface NoteOutboxHost {
  room(): Room | undefined;
  /** Resolves when everything written so far is on disk. */
  committed(): Promise<void>;
  ringBy(time: EpochMs): void;
}

/** Notes in one batch: D1's statements are a few for each. */
const BATCH = 20;

export class NoteOutbox {
  readonly #d1: D1Database;
  readonly #host: NoteOutboxHost;
  #running: Promise<void> | undefined;
  #failures = 0;
  #retryAt: EpochMs | undefined;
  /** Whether there may be notes: unknown in a new life of the object. */
  #mayHaveNotes = true;

  constructor(d1: D1Database, host: NoteOutboxHost) {
    this.#d1 = d1;
    this.#host = host;
  }

  /** To be called in the turn of a note: makes sure that it leaves, even if the object dies. */
  noted(now: EpochMs): void {
    this.#mayHaveNotes = true;
    this.#host.ringBy(now + SAFETY_NET_MS);
    if (this.#retryAt === undefined) this.#start();
  }

  /** The alarm has rung. */
  alarm(now: EpochMs): void {
    if (!this.#mayHaveNotes) return;
    if (this.#retryAt !== undefined && this.#retryAt > now) {
      this.#host.ringBy(this.#retryAt);
      return;
    }
    const room = this.#host.room();
    if (!room || notesOf(room.store, 1).length === 0) {
      this.#mayHaveNotes = false;
      return;
    }
    this.#host.ringBy(now + SAFETY_NET_MS);
    this.#start();
  }

  /** Resolves when no note is left. @returns false if the directory did not take them. */
  async drained(): Promise<boolean> {
    this.#start();
    await this.#running;
    const room = this.#host.room();
    return !room || notesOf(room.store, 1).length === 0;
  }

  #start(): void {
    this.#retryAt = undefined;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    try {
      await this.#host.committed();
      for (let room = this.#host.room(); room; room = this.#host.room()) {
        const notes = notesOf(room.store, BATCH);
        const last = notes.at(-1);
        if (!last) return;
        await addNotes(openDirectory(this.#d1), room.id, notes, Date.now());
        dropNotes(room.store, last.id);
        this.#failures = 0;
      }
    } catch (error) {
      this.#failures += 1;
      this.#retryAt = Date.now() + backoff(this.#failures);
      log("warn", "notes.failed", { failures: this.#failures, ...errorFields(error) });
      this.#ringAt(this.#retryAt);
    }
  }

  /** Nobody handles it if this fails. */
  #ringAt(time: EpochMs): void {
    try {
      this.#host.ringBy(time);
    } catch (failed) {
      // An object that is being put away can set no alarm. The one that came with the note is still set.
      log("warn", "alarm.failed", { consumer: "notes", ...errorFields(failed) });
    }
  }
}
