/**
 * Collects the bytes that nobody can see: uploads that were not sent within a day, and what was left of deletions that
 * failed. A run does a bounded piece of work, and may be repeated or broken off at any point.
 */
import {
  type AttachmentRow,
  type Collected,
  dueAttachments,
  expireUploads,
  settleAttachments,
} from "../directory/attachments.ts";
import { openDirectory } from "../directory/database.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { deleteObjects } from "./storage.ts";

/** Rows of one round, and rounds of one run, at most. */
const ROUND = 100;
const MAX_ROUNDS = 10;

/** One run. @param now milliseconds since 1970. */
export async function collect(env: Env, now: number): Promise<{ deleted: number; failed: number }> {
  const db = openDirectory(env.DB);
  const total = { deleted: 0, failed: 0 };
  await expireUploads(db, now, ROUND * MAX_ROUNDS);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const rows = await dueAttachments(db, now, ROUND);
    if (rows.length === 0) break;
    const collected = await collectRows(env, rows);
    await settleAttachments(db, collected, now);
    total.deleted += collected.gone.length;
    total.failed += collected.failed.length;
  }
  if (total.deleted + total.failed > 0) log("info", "attachments.collected", total);
  return total;
}

async function collectRows(env: Env, rows: AttachmentRow[]): Promise<Collected> {
  const collected: Collected = { bound: [], gone: [], failed: [] };
  const idsOf = (some: AttachmentRow[]) => some.map((row) => row.attachment_id);
  const useless = idsOf(rows.filter((row) => row.state === "deleted"));
  const unsent = Map.groupBy(
    rows.filter((row) => row.state !== "deleted"),
    (row) => row.conversation_id,
  );
  for (const [conversationId, some] of unsent) {
    const ids = idsOf(some);
    try {
      // The directory may lag behind: only the conversation knows what it shows.
      const stub = env.CONVERSATION.get(env.CONVERSATION.idFromName(conversationId));
      const shown = new Set(await stub.shownAttachments(ids));
      collected.bound.push(...ids.filter((id) => shown.has(id)));
      useless.push(...ids.filter((id) => !shown.has(id)));
    } catch (error) {
      log("warn", "attachments.not_asked", { ...errorFields(error) });
      collected.failed.push(...ids);
    }
  }
  try {
    await deleteObjects(env.ATTACHMENTS, useless);
    collected.gone.push(...useless);
  } catch (error) {
    log("warn", "attachments.not_deleted", { count: useless.length, ...errorFields(error) });
    collected.failed.push(...useless);
  }
  return collected;
}
