/** Takes an erased person out of what is kept for others: what waits for their phones, and what was exported of them (rule 28). */
import { openBucket } from "../attachments/bucket.ts";
import { deleteExports, exportedUsers, exportFiles } from "../attachments/export-files.ts";
import type { Directory } from "../directory/database.ts";
import { nextCompanions, sharingWith } from "../directory/erased-users.ts";
import { endJobNow } from "../directory/jobs.ts";
import { asInJson, type ErasureOrder, withoutNames } from "../domain/erased-person.ts";
import type { Env } from "../env.ts";
import { concurrently } from "../realtime/concurrently.ts";
import { hubObject } from "../realtime/objects.ts";

/** Hubs asked in one step, and at a time. */
const HUBS = 60;
const HUBS_AT_A_TIME = 6;
/** People whose exports are looked at in one step. */
const EXPORTED = 20;

/** Where a step goes on; null at the end. @param calls what it has cost, as the job counts. */
export interface StepDone<Next> {
  next: Next | null;
  calls: number;
}

/** Asks some of those who share, or shared, a conversation with the person: their hubs keep names of groups, and pushes that wait. */
export async function forgetInHubs(
  env: Env,
  db: Directory,
  order: ErasureOrder,
  after: string,
): Promise<StepDone<string>> {
  const ids = await nextCompanions(db, order.user_id, after, HUBS);
  const failures: unknown[] = [];
  await concurrently(ids, HUBS_AT_A_TIME, async (id) => {
    await hubObject(env, id)
      .forgetPerson(order)
      .catch((error: unknown) => failures.push(error));
  });
  if (failures.length > 0) throw failures[0];
  return { next: ids.length < HUBS ? null : (ids.at(-1) ?? null), calls: ids.length };
}

/**
 * Deletes exports of others that name the person: their own are theirs, but not with a name that is erased. Another one can be asked for.
 * @param cursor of the bucket's list; empty at the beginning.
 * @returns also how many files were deleted.
 */
export async function endExportsOfOthers(
  env: Env,
  db: Directory,
  { user_id, names }: ErasureOrder,
  cursor: string,
): Promise<StepDone<string> & { files: number }> {
  const bucket = openBucket(env.ATTACHMENTS);
  const page = await exportedUsers(bucket, cursor, EXPORTED);
  const others = await sharingWith(db, user_id, page.users);
  const inJson = names.map(asInJson);
  let [calls, files] = [2, 0];
  for (const other of others) {
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
  }
  return { next: page.next, calls, files };
}
