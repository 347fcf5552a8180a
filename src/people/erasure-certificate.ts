/** The certificate of an erasure (rule 28). */
import { type ErasedConversation, type ErasureCertificate, timestamp } from "@rocket-chat-api/protocol";
import type { Directory } from "../directory/database.ts";
import { partsOf } from "../directory/jobs.ts";
import type { JobRow } from "../directory/server-schema.ts";
import type { ErasureOrder } from "../domain/erased-person.ts";
import type { EpochMs } from "../domain/time.ts";

/** Conversations that a certificate lists. */
const LISTED = 1_000;
/** Parts read at a time. */
const PAGE = 1_000;

/** Adds up what each conversation has reported. */
export async function certificateOf(
  db: Directory,
  job: JobRow,
  { user_id, messages, exports }: Pick<ErasureOrder, "user_id" | "messages"> & { exports: number },
  now: EpochMs,
): Promise<ErasureCertificate> {
  const totals = { conversations: 0, messages: 0, reactions: 0, mentions: 0, notes: 0, files: 0, exports };
  const conversations: ErasedConversation[] = [];
  for (let after = ""; ; ) {
    const parts = await partsOf(db, job.job_id, after, PAGE);
    for (const { value } of parts) {
      const one = JSON.parse(value) as ErasedConversation;
      totals.conversations += 1;
      for (const name of ["messages", "reactions", "mentions", "notes", "files"] as const) {
        totals[name] += one[name];
      }
      if (conversations.length < LISTED) conversations.push(one);
    }
    after = parts.at(-1)?.part ?? "";
    if (parts.length < PAGE) break;
  }
  const times = { started_at: timestamp(job.created_at), finished_at: timestamp(now) };
  return { user_id, messages, ...times, totals, conversations };
}
