/** Routes of the queue and the log of moderation, for the app's own backend (rules 28 and 29). */
import { createRoute } from "@hono/zod-openapi";
import {
  DecideItem,
  ItemEvidencePage,
  ItemParams,
  LogQuery,
  ModerationItem,
  ModerationLog,
  ModerationQueue,
  PageQuery,
  QueueQuery,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openDirectory } from "../../directory/database.ts";
import { decideItem, findItem } from "../../directory/moderation/items.ts";
import { listLog } from "../../directory/moderation/log.ts";
import { listItems, reportsOfItem, shownItem } from "../../directory/moderation/queue.ts";
import type { ItemRow } from "../../directory/moderation-schema.ts";
import { checkDecision } from "../../domain/moderation-steps.ts";
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import { forgetProfile } from "../../middleware/callers.ts";
import { ApiError, bodyOf, refuse } from "../../middleware/errors.ts";
import { applyDecision } from "../../moderation.ts";
import { type AppEnv, createRouter, errors, json, jsonBody, serverSecurity } from "../api.ts";
import { conversationStub } from "../objects.ts";

const common = { tags: ["Server"], security: serverSecurity };
const QUEUE = "/moderation/queue";
const NO_ITEM = "No such item";

const list = createRoute({
  ...common,
  operationId: "serverListQueue",
  method: "get",
  path: QUEUE,
  summary: "List what was reported or flagged, oldest first",
  request: { query: QueueQuery },
  responses: { 200: json(ModerationQueue, "A page of the queue. It may end before `limit`."), ...errors },
});

const one = createRoute({
  ...common,
  operationId: "serverGetQueueItem",
  method: "get",
  path: `${QUEUE}/{item_id}`,
  summary: "See one item of the queue",
  request: { params: ItemParams },
  responses: { 200: json(ModerationItem, "The item."), ...errors },
});

const reports = createRoute({
  ...common,
  operationId: "serverListItemReports",
  method: "get",
  path: `${QUEUE}/{item_id}/reports`,
  summary: "List the reports of an item, each with what its reporter saw",
  request: { params: ItemParams, query: PageQuery },
  responses: { 200: json(ItemEvidencePage, "A page of reports, oldest first."), ...errors },
});

const decide = createRoute({
  ...common,
  operationId: "serverDecideQueueItem",
  method: "post",
  path: `${QUEUE}/{item_id}`,
  summary: "Decide about an item of the queue",
  description:
    "`delete` and `restore` are about the message, `ban`, `mute` and `warn` about its person, who hears of each with the " +
    "note as the reason. After `dismiss` a withheld message is back, and nobody hears of it. Repeating a decision gives " +
    "the same answer; another one is 409.",
  request: { params: ItemParams, body: jsonBody(DecideItem) },
  responses: { 200: json(ModerationItem, "The decided item."), ...errors },
});

const readLog = createRoute({
  ...common,
  operationId: "serverListModerationLog",
  method: "get",
  path: "/moderation/log",
  summary: "List who has moderated whom, when and why, newest first",
  request: { query: LogQuery },
  responses: { 200: json(ModerationLog, "A page of the log."), ...errors },
});

/** The server credential that asks, as the log names it. */
export function credentialOf(c: Context<AppEnv>): string {
  const { actor } = c.var;
  return actor.kind === "server" ? actor.credential.id : refuse("FORBIDDEN");
}

/** Mutes the person of an item in its group. What the group refuses is not decided. */
async function mute(
  c: Context<AppEnv>,
  { conversation_id, user_id }: ItemRow,
  until: string,
  reason: string,
): Promise<void> {
  if (conversation_id === null || user_id === null) refuse("VALIDATION_ERROR");
  const input = { user_id, until, reason, announce: false };
  bodyOf(await conversationStub(c.env, conversation_id).executeForServer("muteParticipant", input));
}

/** Writes a decision, or finds the same one that was made before. */
async function decided(
  c: Context<AppEnv>,
  item: ItemRow,
  { action, note, until: end }: DecideItem,
  now: EpochMs,
): Promise<ItemRow> {
  const until = end === undefined ? undefined : Date.parse(end);
  if (item.status === "open") {
    const refusal = checkDecision(item, { action, until }, now);
    if (refusal) throw new ApiError(refusal);
  }
  if (item.status === "open" && action === "mute" && end !== undefined) await mute(c, item, end, note);
  const wanted = { action, note, until: until ?? null, decided_by: credentialOf(c) };
  const row = await decideItem(openDirectory(c.env.DB), item.item_id, wanted, now);
  if (!row) refuse("NOT_FOUND", NO_ITEM);
  if (row.action !== action) {
    refuse("CONFLICT", "The item was decided before", { action: row.action, decided_by: row.decided_by });
  }
  return row;
}

export const serverQueueRoutes = createRouter()
  .openapi(list, async (c) => {
    return c.json(await listItems(openDirectory(c.env.DB), c.req.valid("query"), Date.now()), 200);
  })
  .openapi(one, async (c) => {
    const item = await shownItem(openDirectory(c.env.DB), c.req.valid("param").item_id, Date.now());
    return c.json(item ?? refuse("NOT_FOUND", NO_ITEM), 200);
  })
  .openapi(reports, async (c) => {
    const db = openDirectory(c.env.DB);
    const { item_id } = c.req.valid("param");
    if (!(await findItem(db, item_id))) refuse("NOT_FOUND", NO_ITEM);
    return c.json(await reportsOfItem(db, item_id, c.req.valid("query")), 200);
  })
  .openapi(decide, async (c) => {
    const db = openDirectory(c.env.DB);
    const { item_id } = c.req.valid("param");
    const item = (await findItem(db, item_id)) ?? refuse("NOT_FOUND", NO_ITEM);
    const row = await decided(c, item, c.req.valid("json"), Date.now());
    if (row.action === "ban" && row.user_id !== null) forgetProfile(row.user_id);
    if (!row.is_applied) {
      // The decision stands: what could not be reached now is tried again by the cron trigger.
      await applyDecision(c.env, row).catch((error: unknown) =>
        log("warn", "moderation.interrupted", { item_id, ...errorFields(error) }),
      );
    }
    return c.json((await shownItem(db, item_id, Date.now())) ?? refuse("NOT_FOUND", NO_ITEM), 200);
  })
  .openapi(readLog, async (c) => {
    return c.json(await listLog(openDirectory(c.env.DB), c.req.valid("query")), 200);
  });
