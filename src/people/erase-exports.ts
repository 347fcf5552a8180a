/** Takes an erased person out of what was exported of others (rule 28). */
import { openBucket } from "../attachments/bucket.ts";
import { deleteExports, exportedUsers, exportFiles } from "../attachments/export-files.ts";
import type { Directory } from "../directory/database.ts";
import { sharingWith } from "../directory/erased-users.ts";
import { endJobNow } from "../directory/jobs.ts";
import { asInJson, type ErasureOrder, withoutNames } from "../domain/erased-person.ts";
import type { Env } from "../env.ts";

/** People whose exports are looked at in one step. */
const EXPORTED = 20;

/**
 * Those of whom there are exports, and who share, or shared, a conversation with the person. @param cursor of the bucket's list; empty at
 * the beginning.
 */
export async function exportedOthers(
  env: Env,
  db: Directory,
  { user_id }: ErasureOrder,
  cursor: string,
): Promise<{ others: string[]; next: string | null }> {
  const page = await exportedUsers(openBucket(env.ATTACHMENTS), cursor, EXPORTED);
  return { others: await sharingWith(db, user_id, page.users), next: page.next };
}

/**
 * Deletes exports of somebody else that name the person: their own are theirs, but not with a name that is erased. Another one can be
 * asked for. @returns how many files were deleted, and what it has cost, as the job counts.
 */
export async function endExportsOf(
  env: Env,
  db: Directory,
  { names }: ErasureOrder,
  other: string,
): Promise<{ files: number; calls: number }> {
  const bucket = openBucket(env.ATTACHMENTS);
  const inJson = names.map(asInJson);
  let [calls, files] = [1, 0];
  const named = new Set<string>();
  for (const { key, job_id } of await exportFiles(bucket, other)) {
    calls += 1;
    if (named.has(job_id)) continue;
    const text = await (await bucket.get(key))?.text();
    if (text !== undefined && withoutNames(text, inJson) !== text) named.add(job_id);
  }
  for (const job_id of named) {
    // One that is still being written ends with that.
    await endJobNow(db, job_id, "It named a person who was erased since: ask for another one", Date.now());
    files += await deleteExports(bucket, other, job_id);
    calls += 3;
  }
  return { files, calls };
}
