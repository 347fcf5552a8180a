/**
 * Carries out what reports and moderators have decided (rule 29). The directory has the decision first; each step may be
 * repeated, and the cron trigger goes on with what was interrupted.
 */
import { encodeEvent, type ModerationNotice, parseMessageId, timestamp } from "@rocket-chat-api/protocol";
import { type Directory, openDirectory, runBatch } from "./directory/database.ts";
import { findItem, markApplied, markWithheld, unfinishedItems } from "./directory/moderation/items.ts";
import { logEntry } from "./directory/moderation/log.ts";
import type { ItemRow } from "./directory/moderation-schema.ts";
import { findUser, restrictionOf } from "./directory/users.ts";
import { type ModeratedMessage, type ModerationStep, stepOf } from "./domain/moderation-steps.ts";
import type { EpochMs } from "./domain/time.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { conversationObject, hubObject } from "./realtime/objects.ts";

/** What was begun so long ago and is not done was interrupted, in milliseconds. */
const INTERRUPTED_MS = 60_000;
/** Items of each kind taken up in one run of the cron trigger. */
const MAX_ITEMS = 50;

/** Takes a step with a message. @returns what has become of it; undefined if its conversation is gone. */
async function moderateMessage(
  env: Env,
  messageId: string,
  step: ModerationStep,
): Promise<ModeratedMessage | undefined> {
  const target = parseMessageId(messageId);
  if (!target) return undefined;
  const conversation = conversationObject(env, target.conversation_id);
  const outcome = await conversation.executeForServer("moderateMessage", { seq: target.seq, step });
  return outcome.ok ? outcome.body : undefined;
}

/** Withholds the message of an item that enough people have reported. Repeating it is harmless. */
async function withhold(
  env: Env,
  { item_id, target_id }: Pick<ItemRow, "item_id" | "target_id">,
): Promise<void> {
  const db = openDirectory(env.DB);
  const message = await moderateMessage(env, target_id, "withhold");
  const isWithheld = message?.state === "withheld";
  if (isWithheld) await logWithheld(db, item_id, target_id, message.sender_id);
  if (await markWithheld(db, item_id, isWithheld)) return;
  // Somebody has decided while this went on: what was decided comes last.
  const item = await findItem(db, item_id);
  if (item?.status === "done") await applyDecision(env, item);
}

/** The same beside a request. Never rejects: what is interrupted is logged, and the cron trigger goes on with it. */
export async function withholdSoon(env: Env, item: Pick<ItemRow, "item_id" | "target_id">): Promise<void> {
  await attempt(item, () => withhold(env, item));
}

async function logWithheld(db: Directory, item_id: string, message_id: string, target_id: string) {
  const conversation_id = parseMessageId(message_id)?.conversation_id ?? null;
  const about = { actor_id: null, target_id, conversation_id, message_id, item_id, reason: null };
  // Its id is made of the item's: it is written once.
  const entry = logEntry({ action: "app.withhold", ...about }, Date.now(), { id: `${item_id}:0` });
  await runBatch(db, [entry]);
}

/** Carries out the decision about an item: its message, its person, and what they are told. Repeating it is harmless. */
export async function applyDecision(env: Env, item: ItemRow): Promise<void> {
  const { item_id, target_id, user_id, action } = item;
  if (action === null) return;
  const step = stepOf(item, action);
  if (step) await moderateMessage(env, target_id, step);
  if (user_id !== null && action !== "dismiss") {
    const notice = noticeOf(item, action);
    await (action === "ban" ? enforceBan(env, user_id, notice) : sendNotice(env, user_id, notice));
  }
  await markApplied(openDirectory(env.DB), item_id);
}

/** What the person concerned is told. It is the row that the decision has written. */
function noticeOf(item: ItemRow, action: ModerationNotice["action"]): ModerationNotice {
  const { item_id, target_type, target_id, conversation_id, note, until, decided_at } = item;
  return {
    notice_id: item_id,
    action,
    reason: note ?? "",
    until: until === null ? null : timestamp(until),
    conversation_id,
    message_id: target_type === "message" ? target_id : null,
    created_at: timestamp(decided_at ?? 0),
  };
}

/** Sends a notice to all sockets of its user. It is kept in the directory for those who have none. */
async function sendNotice(env: Env, userId: string, notice: ModerationNotice): Promise<void> {
  await hubObject(env, userId).sendCustom(encodeEvent({ type: "moderation.notice", data: notice }));
}

/**
 * Tells a user of their ban, if there is something new to tell, and makes it take effect. Sockets close also where the notice
 * reaches none of them: it is kept. Rejects if something could not be reached; repeating it is harmless.
 */
export async function enforceBan(
  env: Env,
  userId: string,
  notice: ModerationNotice | undefined,
): Promise<void> {
  const [told] = await Promise.allSettled([notice && sendNotice(env, userId, notice)]);
  await enforce(env, userId);
  if (told.status === "rejected") throw told.reason;
}

/**
 * Makes what the directory says of a user's ban take effect: sockets close, or may open again. What has changed since
 * the hub was told is told again, so that of several changes at one moment the last one holds there.
 */
export async function enforce(env: Env, userId: string): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const row = await findUser(openDirectory(env.DB), userId);
    if (!row) return;
    const restriction = restrictionOf(row);
    const wanted = JSON.stringify(restriction);
    if (wanted === told) return;
    await hubObject(env, userId).restrict(userId, restriction);
    told = wanted;
  }
}

/** Goes on with what was interrupted. For the cron trigger. */
export async function resumeModeration(env: Env, now: EpochMs): Promise<void> {
  const { wanted, decided } = await unfinishedItems(openDirectory(env.DB), now - INTERRUPTED_MS, MAX_ITEMS);
  for (const item of wanted) await attempt(item, () => withhold(env, item));
  for (const item of decided) await attempt(item, () => applyDecision(env, item));
}

/** One that fails must not keep back the others. */
async function attempt({ item_id }: Pick<ItemRow, "item_id">, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log("warn", "moderation.interrupted", { item_id, ...errorFields(error) });
  }
}
