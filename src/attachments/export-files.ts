/** The files of exports in the bucket, and signed links to them (rule 28). */
import type { EpochMs } from "../domain/time.ts";
import { signingKey } from "./link.ts";
import { deleteObjects } from "./storage.ts";

/** The prefix of exports. The person comes first, so that an erasure finds what was exported of them. */
const EXPORTS = "exports/";
/** What export links are signed for. */
const PURPOSE = "export links";

/** Which file of which export. */
export interface ExportFileName {
  job_id: string;
  name: string;
}

/** The key of a file. */
export function exportKey(userId: string, { job_id, name }: ExportFileName): string {
  return `${EXPORTS}${userId}/${job_id}/${name}`;
}

function bytesOf({ job_id, name }: ExportFileName, expires: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([job_id, name, expires]));
}

/** The path and query of a link to a file. @param expires_at when it ends. */
export async function exportPath(secret: string, file: ExportFileName, expires_at: EpochMs): Promise<string> {
  const expires = Math.floor(expires_at / 1000);
  const key = await signingKey(secret, PURPOSE);
  const signature = await crypto.subtle.sign("HMAC", key, bytesOf(file, expires));
  const query = new URLSearchParams({
    expires: String(expires),
    sig: Buffer.from(signature).toString("base64url"),
  });
  return `/api/v1/exports/${file.job_id}/${file.name}?${query}`;
}

/** Whether a link to a file was made here, and has not ended. */
export async function isExportLink(
  secret: string,
  file: ExportFileName,
  { expires, sig }: { expires: string; sig: string },
  now: EpochMs,
): Promise<boolean> {
  const key = await signingKey(secret, PURPOSE);
  const signed = Buffer.from(sig, "base64url");
  const isOurs = await crypto.subtle.verify("HMAC", key, signed, bytesOf(file, Number(expires)));
  return isOurs && Number(expires) * 1000 > now;
}

/** People of whom there are exports. @param cursor where to go on; empty at the beginning. */
export async function exportedUsers(
  bucket: R2Bucket,
  cursor: string,
  limit: number,
): Promise<{ users: string[]; next: string | null }> {
  const page = await bucket.list({ prefix: EXPORTS, delimiter: "/", limit, ...(cursor && { cursor }) });
  const users = page.delimitedPrefixes.map((prefix) => prefix.slice(EXPORTS.length, -1));
  return { users, next: page.truncated ? page.cursor : null };
}

/** The files of a person's exports. */
export async function exportFiles(
  bucket: R2Bucket,
  userId: string,
): Promise<{ key: string; job_id: string }[]> {
  const prefix = `${EXPORTS}${userId}/`;
  const files: { key: string; job_id: string }[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await bucket.list({ prefix, ...(cursor && { cursor }) });
    for (const { key } of page.objects) {
      files.push({ key, job_id: key.slice(prefix.length).split("/")[0] ?? "" });
    }
    if (!page.truncated) return files;
    cursor = page.cursor;
  }
}

/** Deletes the exports of a person, or one of them. @returns how many files there were. */
export async function deleteExports(bucket: R2Bucket, userId: string, jobId?: string): Promise<number> {
  const prefix = `${EXPORTS}${userId}/${jobId === undefined ? "" : `${jobId}/`}`;
  let deleted = 0;
  for (;;) {
    const { objects } = await bucket.list({ prefix });
    if (objects.length === 0) return deleted;
    await deleteObjects(
      bucket,
      objects.map(({ key }) => key),
    );
    deleted += objects.length;
  }
}
