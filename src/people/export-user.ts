/**
 * Exports everything of a person (rule 28): the job of `POST /server/users/{user_id}/export`. Lines of NDJSON are gathered into files;
 * after each file the job notes how far it has come, so it may be interrupted at any point, and writes the same file again.
 * docs/export.md describes the files.
 */

import { timestamp } from "@rocket-chat-api/protocol";
import { signedPath } from "../attachments/link.ts";
import type { Directory } from "../directory/database.ts";
import { uploadsBy } from "../directory/erased-uploads.ts";
import { nextConversation } from "../directory/erased-users.ts";
import { recordsOfUser } from "../directory/exported-users.ts";
import type { UserRow } from "../directory/schema.ts";
import type { JobRow } from "../directory/server-schema.ts";
import { findUser } from "../directory/users.ts";
import {
  EXPORT_TTL_MS,
  type ExportedAttachment,
  type ExportedPage,
  type ExportRecord,
} from "../domain/export.ts";
import type { JobState } from "../domain/job.ts";
import type { Env } from "../env.ts";
import { Parts, Walk } from "../job-walk.ts";
import { conversationObject } from "../realtime/objects.ts";
import { storageSettings } from "../settings.ts";
import { recordsOfHub } from "./export-hub.ts";
import { ExportWriter, type Place } from "./export-writer.ts";

/** Calls in one run; the cron trigger goes on. */
const MAX_CALLS = 300;
/** After so many calls it says that it goes on. */
const BEAT_CALLS = 20;
/** Uploads read at a time. */
const UPLOADS = 200;

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
  const writer = new ExportWriter(env, db, job, start);
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
  if (state === "done") await writer.finish();
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
