/**
 * Exports everything of a person (rule 28): the job of `POST /server/users/{user_id}/export`. Lines of NDJSON are gathered into files;
 * after each file the job notes how far it has come, so it may be interrupted at any point, and writes the same file again.
 * docs/export.md describes the files.
 */

import { timestamp } from "@rocket-chat-api/protocol";
import { openBucket } from "../attachments/bucket.ts";
import { deleteExports, exportKey } from "../attachments/export-files.ts";
import { signedPath } from "../attachments/link.ts";
import type { Directory } from "../directory/database.ts";
import { uploadsBy } from "../directory/erased-uploads.ts";
import { nextConversation } from "../directory/erased-users.ts";
import { recordsOfUser } from "../directory/exported-users.ts";
import { endJob, findJob, notePart, partsOf, updateJob } from "../directory/jobs.ts";
import type { UserRow } from "../directory/schema.ts";
import type { JobRow } from "../directory/server-schema.ts";
import { findUser } from "../directory/users.ts";
import {
  EXPORT_TTL_MS,
  EXPORT_VERSION,
  type ExportedAttachment,
  type ExportedPage,
  type ExportRecord,
  type StoredExport,
} from "../domain/export.ts";
import type { JobState } from "../domain/job.ts";
import type { LatePart } from "../domain/late-parts.ts";
import type { Env } from "../env.ts";
import { Parts, Walk } from "../job-walk.ts";
import { conversationObject } from "../realtime/objects.ts";
import { storageSettings } from "../settings.ts";
import { recordsOfHub } from "./export-hub.ts";

/** Calls in one run; the cron trigger goes on. */
const MAX_CALLS = 300;
/** After so many calls it says that it goes on. */
const BEAT_CALLS = 20;
/** Characters of a file after which the next one begins. */
const FILE_CHARACTERS = 2_000_000;
/** Uploads read at a time. */
const UPLOADS = 200;
/** Files that an export has, at most. */
const MAX_FILES = 10_000;

/** How far a job has come. */
interface Place {
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

/** The part of an export that is not a conversation: what the directory and the person's hub know. It comes first. */
const hubPart = (userId: string) => `hub:${userId}`;

function startOf(userId: string): Place {
  const late = [{ part: hubPart(userId), from: 0, failures: 0, due_at: 0 }];
  return { conversation_id: "", after: null, files: 0, counts: {}, late };
}

/** Goes on with a job. */
export async function exportUser(env: Env, db: Directory, job: JobRow): Promise<JobState> {
  const user = await findUser(db, job.subject);
  if (!user || user.erased_at !== null) throw new Error("the user is gone");
  const { user_id } = user;
  const start = job.cursor === null ? startOf(user_id) : (JSON.parse(job.cursor) as Place);
  const writer = new Writer(env, db, job, start);
  let calls = 0;
  const placeOf = ({ place: { part, from }, parts: { late } }: Walk<ExportRecord[]>) => ({
    conversation_id: part,
    after: from,
    late,
  });
  const walk: Walk<ExportRecord[]> = new Walk(
    {
      next: async (after) => {
        const next = await nextConversation(db, user_id, after);
        return next && { part: next.conversation_id, progress: 0.95 * next.progress };
      },
      step: async (part, from) => {
        calls += 1;
        if (part === hubPart(user_id)) return { next: null, found: await recordsOfPerson(env, db, user) };
        const uploads = from === 0 ? await uploadRecords(db, user_id, part) : [];
        const page = await pageOf(env, { conversation_id: part, user_id, after: from });
        return { next: page.next, found: [...uploads, ...(await withLinks(env, job, page.records))] };
      },
      note: async (_part, found = [], progress) => {
        writer.progress = progress ?? writer.progress;
        await writer.add(found, placeOf(walk));
        if (calls % BEAT_CALLS === 0) await writer.beat();
      },
      isTired: () => calls >= MAX_CALLS,
    },
    new Parts(env, job, start.late ?? []),
    { part: start.conversation_id, from: start.after },
  );
  const state = await walk.run();
  await writer.flush(placeOf(walk));
  if (state === "done") await finish(env, db, job, writer.counts);
  return state;
}

async function recordsOfPerson(env: Env, db: Directory, user: UserRow): Promise<ExportRecord[]> {
  return [...(await recordsOfUser(db, user)), ...(await recordsOfHub(env, user.user_id))];
}

/** A page of a conversation; an empty one if it is gone. */
async function pageOf(
  env: Env,
  { conversation_id, ...query }: { conversation_id: string; user_id: string; after: number },
): Promise<ExportedPage> {
  const outcome = await conversationObject(env, conversation_id).executeForServer("exportSome", query);
  return outcome.ok ? outcome.body : { records: [], next: null };
}

async function uploadRecords(
  db: Directory,
  user_id: string,
  conversation_id: string,
): Promise<ExportRecord[]> {
  const records: ExportRecord[] = [];
  for (let after = ""; ; ) {
    const uploads = await uploadsBy(db, { conversation_id, user_id }, after, UPLOADS);
    for (const { key_token: _, created_at, ...upload } of uploads) {
      records.push({ record: "upload", conversation_id, ...upload, created_at: timestamp(created_at) });
    }
    after = uploads.at(-1)?.attachment_id ?? "";
    if (uploads.length < UPLOADS) return records;
  }
}

/** Puts a link to its bytes beside each attachment. It lasts as long as the export. */
async function withLinks(env: Env, job: JobRow, records: ExportRecord[]): Promise<ExportRecord[]> {
  const settings = storageSettings(env);
  const expires = Math.floor((job.created_at + EXPORT_TTL_MS) / 1000);
  const linked = async ({ etag, ...attachment }: ExportedAttachment) => {
    if ("misconfigured" in settings) return { ...attachment, signed_path: null };
    const file = { attachment_id: attachment.attachment_id, etag, isDownload: true };
    const { path } = await signedPath(settings.secretAccessKey, file, expires);
    return { ...attachment, signed_path: path };
  };
  return await Promise.all(
    records.map(async (record) => {
      if (record.record !== "message") return record;
      const attachments = await Promise.all((record.attachments as ExportedAttachment[]).map(linked));
      return { ...record, attachments };
    }),
  );
}

/** How far the job has come, but for what the writer counts itself. */
type WritePlace = Omit<Place, "files" | "counts">;

/** Gathers records into files. */
class Writer {
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
}

/** Writes the manifest, and ends the job. */
async function finish(env: Env, db: Directory, job: JobRow, counts: Record<string, number>): Promise<void> {
  const { job_id, subject: user_id } = job;
  const parts = await partsOf(db, job_id, "", MAX_FILES);
  const files = parts.map(({ value }) => JSON.parse(value) as StoredExport["files"][number]);
  const expires_at = timestamp(job.created_at + EXPORT_TTL_MS);
  const stored: StoredExport = { user_id, expires_at, counts, files };
  const manifest = { format: "rocket-chat-export", version: EXPORT_VERSION, ...stored };
  const written = { ...manifest, exported_at: timestamp(Date.now()) };
  await openBucket(env.ATTACHMENTS).put(
    exportKey(user_id, { job_id, name: "manifest.json" }),
    JSON.stringify(written, null, 2),
    { httpMetadata: { contentType: "application/json" } },
  );
  await endJob(db, job_id, JSON.stringify(stored), Date.now());
  await deleteIfEnded(env, db, job);
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
