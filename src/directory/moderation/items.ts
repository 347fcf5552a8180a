/** Items of the queue of moderation (rule 29): opened by a report or a filter, decided once. */
import type { DecideItem, QueueAction, TargetType } from "@rocket-chat-api/protocol";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import { type Directory, runBatch } from "../database.ts";
import { type ItemRow, moderationItems } from "../moderation-schema.ts";
import { beginsAt } from "./ban-begin.ts";
import { trimNotices } from "./notices.ts";

/** What an item is about. */
export interface ItemTarget {
  type: TargetType;
  id: string;
  conversation_id: string | null;
  /** The person concerned. */
  user_id: string | null;
}

/** Opens an item, unless one about the same target is open. @param unless a condition under which none is opened. */
export function openItem({ type, id, conversation_id, user_id }: ItemTarget, unless: SQL, now: EpochMs): SQL {
  return sql`INSERT INTO moderation_items (item_id, target_type, target_id, conversation_id, user_id, status, opened_at)
    SELECT ${crypto.randomUUID()}, ${type}, ${id}, ${conversation_id}, ${user_id}, 'open', ${now}
    WHERE NOT (${unless})
    ON CONFLICT (target_id, target_type) WHERE status = 'open' DO NOTHING`;
}

/** The id of the open item about a target, as an expression; null if none is open. */
export function openItemOf({ type, id }: Pick<ItemTarget, "type" | "id">): SQL {
  return sql`(SELECT item_id FROM moderation_items
    WHERE status = 'open' AND target_id = ${id} AND target_type = ${type})`;
}

/** An item, or undefined. */
export async function findItem(db: Directory, itemId: string): Promise<ItemRow | undefined> {
  return await db.query.moderationItems.findFirst({ where: eq(moderationItems.item_id, itemId) });
}

/** A decision about an item. */
export interface Decision extends Pick<DecideItem, "note"> {
  action: QueueAction;
  /** When a ban or a mute ends; null if it does not. */
  until: EpochMs | null;
  /** The server credential. */
  decided_by: string;
}

/**
 * Decides about an open item, with the entry of the log, what its person is told, and a ban. One batch: all of it, or
 * nothing. Whoever decides first has decided; then nothing changes. @returns the item as it is now.
 */
export async function decideItem(
  db: Directory,
  itemId: string,
  { action, note, until, decided_by }: Decision,
  now: EpochMs,
): Promise<ItemRow | undefined> {
  const ban = sql`UPDATE users
    SET banned_at = ${beginsAt(now)}, banned_until = ${until}, ban_reason = ${note}
    WHERE user_id = (SELECT user_id FROM moderation_items WHERE item_id = ${itemId} AND status = 'open')`;
  const decide = sql`UPDATE moderation_items
    SET status = 'done', action = ${action}, note = ${note}, until = ${until}, decided_by = ${decided_by},
      decided_at = ${now}, is_applied = 0
    WHERE item_id = ${itemId} AND status = 'open'`;
  // From the row: it holds the decision that counts, which may be an earlier one.
  const messageId = sql`iif(target_type = 'message', target_id, NULL)`;
  const decided = sql`FROM moderation_items WHERE item_id = ${itemId} AND status = 'done'`;
  const entry = sql`INSERT INTO moderation_log
      (log_id, at, action, actor_id, target_id, conversation_id, message_id, item_id, reason, details)
    SELECT item_id, decided_at, 'app.' || action, decided_by, user_id, conversation_id, ${messageId}, item_id, note,
      json_object('until', until) ${decided}
    ON CONFLICT (log_id) DO NOTHING`;
  const notice = sql`INSERT INTO moderation_notices
      (user_id, created_at, notice_id, action, reason, until, conversation_id, message_id)
    SELECT user_id, decided_at, item_id, action, note, until, conversation_id, ${messageId} ${decided}
      AND user_id IS NOT NULL AND action <> 'dismiss'
    ON CONFLICT (user_id, notice_id) DO NOTHING`;
  const person = sql`(SELECT user_id FROM moderation_items WHERE item_id = ${itemId})`;
  const steps = [decide, entry, notice, trimNotices(person)];
  await runBatch(db, action === "ban" ? [ban, ...steps] : steps);
  return await findItem(db, itemId);
}

/** A decision has been carried out. */
export async function markApplied(db: Directory, itemId: string): Promise<void> {
  await db.update(moderationItems).set({ is_applied: true }).where(eq(moderationItems.item_id, itemId));
}

/**
 * What members see of a message has followed its reports.
 * @returns false if the item was decided before that.
 */
export async function markWithheld(db: Directory, itemId: string, isWithheld: boolean): Promise<boolean> {
  const isWanted = and(eq(moderationItems.withholding, "wanted"), eq(moderationItems.status, "open"));
  const [row] = await db
    .update(moderationItems)
    .set({ withholding: isWithheld ? "done" : "none" })
    .where(and(eq(moderationItems.item_id, itemId), isWanted))
    .returning({ item_id: moderationItems.item_id });
  return row !== undefined;
}

/**
 * Items whose message is to be withheld, and decisions that are not carried out: what was interrupted. The indexes are named: otherwise
 * the one of the queue is taken, and with it everything that was ever decided is read each minute.
 */
export async function unfinishedItems(
  db: Directory,
  before: EpochMs,
  limit: number,
): Promise<{ wanted: ItemRow[]; decided: ItemRow[] }> {
  const items = moderationItems;
  const taken = (index: SQL, time: SQL, isMeant: SQL) =>
    db
      .select()
      .from(items)
      .where(
        sql`item_id IN (SELECT item_id FROM ${items} INDEXED BY ${index}
          WHERE ${isMeant} AND ${time} <= ${before} ORDER BY ${time} LIMIT ${limit})`,
      )
      .orderBy(time);
  const [wanted, decided] = await Promise.all([
    taken(sql`moderation_items_wanted`, sql`opened_at`, sql`withholding = 'wanted' AND status = 'open'`),
    taken(sql`moderation_items_unapplied`, sql`decided_at`, sql`status = 'done' AND is_applied = 0`),
  ]);
  return { wanted, decided };
}
