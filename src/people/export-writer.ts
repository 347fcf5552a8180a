/** The files of an export (docs/export.md). */
import { timestamp } from "@rocket-chat-api/protocol";
import { openBucket } from "../attachments/bucket.ts";
import { deleteExports, exportKey } from "../attachments/export-files.ts";
import type { Directory } from "../directory/database.ts";
import { endJob, findJob, notePart, partsOf, updateJob } from "../directory/jobs.ts";
import type { JobRow } from "../directory/server-schema.ts";
import { EXPORT_TTL_MS, EXPORT_VERSION, type ExportRecord, type StoredExport } from "../domain/export.ts";
import type { LatePart } from "../domain/late-parts.ts";
import type { Env } from "../env.ts";

/** Characters of a file after which the next one begins. */
const FILE_CHARACTERS = 2_000_000;
/** Files that an export has, at most. */
const MAX_FILES = 10_000;

/** How far a job has come. */
export interface Place {
  /** The conversation that comes next is after this one, or is this one. */
  conversation_id: string;
  /** Where in it; null if it is done. */
  after: number | null;
  /** Files written so far. */
  files: number;
  /** Records in them, by their type. */
  counts: Record<string, number>;
  /** What could not be read. A job of an older release has none. */
  late?: readonly LatePart[];
}

/** How far the job has come, but for what the writer counts itself. */
type WritePlace = Omit<Place, "files" | "counts">;

/** Gathers the records of an export into files, and notes after each how far the job has come. */
export class ExportWriter {
  readonly #env: Env;
  readonly #db: Directory;
  readonly #job: JobRow;
  #lines: string[] = [];
  #characters = 0;
  #files: number;
  /** How far the job has come, as the directory has it. */
  #before: string | null;
  readonly counts: Record<string, number>;
  progress: number;

  constructor(env: Env, db: Directory, job: JobRow, place: Place) {
    this.#env = env;
    this.#db = db;
    this.#job = job;
    this.#files = place.files;
    this.#before = job.cursor;
    this.counts = { ...place.counts };
    this.progress = job.progress;
  }

  /** Adds records. @param place how far the job has come with them: it is noted together with them. */
  async add(records: ExportRecord[], place: WritePlace): Promise<void> {
    for (const record of records) {
      const line = JSON.stringify(record);
      this.#lines.push(line);
      this.#characters += line.length;
      this.counts[record.record] = (this.counts[record.record] ?? 0) + 1;
    }
    if (this.#characters >= FILE_CHARACTERS) await this.flush(place);
  }

  /** Writes a file, then notes how far the job has come. */
  async flush(reached: WritePlace): Promise<void> {
    const place = { ...reached, counts: this.counts };
    if (this.#lines.length === 0) return await this.#move({ ...place, files: this.#files });
    // An erasure that has begun since ends the job, and another run that was taken for the only one goes on with it.
    const now = await findJob(this.#db, this.#job.job_id);
    if (now?.status !== "running" || now.cursor !== this.#before) throw new Error("the job has ended");
    const { job_id, subject } = this.#job;
    const name = `part-${String(this.#files + 1).padStart(5, "0")}.ndjson`;
    const bytes = new TextEncoder().encode(`${this.#lines.join("\n")}\n`);
    await openBucket(this.#env.ATTACHMENTS).put(exportKey(subject, { job_id, name }), bytes, {
      httpMetadata: { contentType: "application/x-ndjson" },
    });
    const value = JSON.stringify({ name, size: bytes.length, records: this.#lines.length });
    const cursor = JSON.stringify({ ...place, files: this.#files + 1 } satisfies Place);
    const noted = { part: name, value, progress: this.progress, cursor };
    if (!(await notePart(this.#db, { ...this.#job, before: this.#before }, noted, Date.now()))) {
      await deleteIfEnded(this.#env, this.#db, this.#job);
      throw new Error("another run goes on with the job");
    }
    this.#before = cursor;
    this.#files += 1;
    this.#lines = [];
    this.#characters = 0;
  }

  /** Nothing was written since, and yet it has come further. */
  async #move(place: Place): Promise<void> {
    const cursor = JSON.stringify(place);
    await updateJob(this.#db, this.#job, { progress: this.progress, cursor }, Date.now());
    this.#before = cursor;
  }

  /** Says that it still goes on, so that no other run takes it up. */
  async beat(): Promise<void> {
    await updateJob(this.#db, this.#job, { progress: this.progress }, Date.now());
  }

  /** Writes the manifest, and ends the job. */
  async finish(): Promise<void> {
    const { job_id, subject: user_id, created_at } = this.#job;
    const parts = await partsOf(this.#db, job_id, "", MAX_FILES);
    const files = parts.map(({ value }) => JSON.parse(value) as StoredExport["files"][number]);
    const expires_at = timestamp(created_at + EXPORT_TTL_MS);
    const stored: StoredExport = { user_id, expires_at, counts: this.counts, files };
    const manifest = { format: "rocket-chat-export", version: EXPORT_VERSION, ...stored };
    const written = { ...manifest, exported_at: timestamp(Date.now()) };
    await openBucket(this.#env.ATTACHMENTS).put(
      exportKey(user_id, { job_id, name: "manifest.json" }),
      JSON.stringify(written, null, 2),
      { httpMetadata: { contentType: "application/json" } },
    );
    await endJob(this.#db, job_id, JSON.stringify(stored), Date.now());
    await deleteIfEnded(this.#env, this.#db, this.#job);
  }
}

/**
 * Deletes the files of a job that was ended while one of them was written: whoever has ended it has deleted those that were there, and
 * nobody would look for this one again.
 */
async function deleteIfEnded(env: Env, db: Directory, { job_id, subject }: JobRow): Promise<void> {
  const now = await findJob(db, job_id);
  if (now === undefined || now.status === "failed") {
    await deleteExports(openBucket(env.ATTACHMENTS), subject, job_id);
  }
}
