/** Routes of reports, and of what moderators have told the caller (rule 29). */
import { createRoute } from "@hono/zod-openapi";
import {
  type CreateReport,
  CreateReport as CreateReportSchema,
  failure,
  NoticeList,
  OPEN_REPORTS,
  parseMessageId,
  ReportReceived,
  type ReportSnapshot,
  timestamp,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openDirectory } from "../directory/database.ts";
import type { ItemTarget } from "../directory/moderation/items.ts";
import { noticesOf } from "../directory/moderation/notices.ts";
import { addReport, findReport, type StoredReport, type TooMany } from "../directory/moderation/reports.ts";
import { findDirectPair } from "../directory/pairs.ts";
import { findUser, toCaller } from "../directory/users.ts";
import { summaryOf } from "../domain/caller.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { TakenSnapshot } from "../domain/report.ts";
import { ApiError, bodyOf, refuse } from "../middleware/errors.ts";
import { describeUsedUp } from "../middleware/rate-limit.ts";
import { withholdSoon } from "../moderation.ts";
import { hubObject } from "../realtime/objects.ts";
import { reportsHideAfter } from "../settings.ts";
import { type AppEnv, createRouter, errors, json, jsonBody, security } from "./api.ts";
import { conversationStub } from "./objects.ts";

const tags = ["Reports"];

const report = createRoute({
  operationId: "report",
  method: "post",
  path: "/reports",
  tags,
  security,
  summary: "Report a message, a user or a conversation to the app's moderators",
  description:
    "What you see of it now is kept as evidence, whatever happens to it later. Reporting the same again changes nothing. " +
    "Nobody but the moderators hears of it.",
  request: { body: jsonBody(CreateReportSchema) },
  responses: { 202: json(ReportReceived, "The report is in the queue of the moderators."), ...errors },
});

const notices = createRoute({
  operationId: "listNotices",
  method: "get",
  path: "/users/me/notices",
  tags,
  security,
  summary: "List what the app's moderators have told me",
  responses: { 200: json(NoticeList, "The newest 50, newest first."), ...errors },
});

/** What is reported, with what the reporter sees of it. */
interface Seen {
  target: ItemTarget;
  snapshot: ReportSnapshot;
  /** Whom `block` blocks; null where there is no such person. */
  person: string | null;
}

/** Asks a conversation what the caller sees, also who has left it. */
async function ask(c: Context<AppEnv>, id: string, seq: number | null): Promise<Outcome<TakenSnapshot>> {
  const { caller } = c.var;
  return await conversationStub(c.env, id).ask(caller, "reportSnapshot", { user_id: caller.user_id, seq });
}

async function seenMessage(c: Context<AppEnv>, id: string): Promise<Seen> {
  const { conversation_id, seq } = parseMessageId(id) ?? refuse("NOT_FOUND", "No such message");
  const outcome = await ask(c, conversation_id, seq);
  if (!outcome.ok && outcome.error.code === "CONVERSATION_NOT_FOUND") refuse("NOT_FOUND", "No such message");
  const { snapshot, user_id } = bodyOf(outcome);
  if (user_id === c.var.caller.user_id) refuse("VALIDATION_ERROR", "You cannot report yourself");
  return { target: { type: "message", id, conversation_id, user_id }, snapshot, person: user_id };
}

async function seenConversation(c: Context<AppEnv>, conversation_id: string): Promise<Seen> {
  const { snapshot, user_id } = bodyOf(await ask(c, conversation_id, null));
  // Both members of a direct conversation may report it, so it is about neither.
  const target = { type: "conversation", id: conversation_id, conversation_id, user_id: null } as const;
  return { target, snapshot, person: user_id };
}

/** A user with their profile, and the newest messages of the direct conversation if there is one. */
async function seenUser(c: Context<AppEnv>, user_id: string): Promise<Seen> {
  const { caller } = c.var;
  if (user_id === caller.user_id) refuse("VALIDATION_ERROR", "You cannot report yourself");
  const db = openDirectory(c.env.DB);
  const [row, pair] = await Promise.all([findUser(db, user_id), findDirectPair(db, caller.user_id, user_id)]);
  if (!row) refuse("NOT_FOUND", "No such user");
  const talk = pair === undefined ? undefined : await ask(c, pair, null);
  const snapshot = talk?.ok ? talk.body.snapshot : nothingSaid(Date.now());
  return {
    target: { type: "user", id: user_id, conversation_id: null, user_id },
    snapshot: { ...snapshot, user: summaryOf(toCaller(row)) },
    person: user_id,
  };
}

function nothingSaid(now: number): ReportSnapshot {
  const nothing = { user: null, conversation: null, message_id: null, messages: [], versions: [] };
  return { taken_at: timestamp(now), ...nothing, is_truncated: false };
}

/** What a body names. Its schema lets exactly one through. */
function named({ message_id, user_id, conversation_id }: CreateReport) {
  if (message_id !== undefined) return { type: "message", id: message_id, look: seenMessage } as const;
  if (user_id !== undefined) return { type: "user", id: user_id, look: seenUser } as const;
  return { type: "conversation", id: conversation_id ?? "", look: seenConversation } as const;
}

/** Stores a report, unless it is there. Refuses who has too many open ones, and a block of nobody. */
export async function storeReport(c: Context<AppEnv>, body: CreateReport): Promise<StoredReport> {
  const db = openDirectory(c.env.DB);
  const { user_id: reporter_id } = c.var.caller;
  const { type, id, look } = named(body);
  const known = await findReport(db, reporter_id, { type, id });
  if (known && !body.block) return known;
  const { target, snapshot, person } = await look(c, id);
  if (body.block && person === null) refuse("VALIDATION_ERROR", "There is nobody to block: it is a group");
  const { reason, comment = null } = body;
  const wanted = { reporter_id, target, reason, comment, snapshot };
  const stored = known ?? (await addReport(db, wanted, reportsHideAfter(c.env), Date.now()));
  if (!("report_id" in stored)) return tooMany(c, stored);
  if (body.block && person !== null) await block(c, person);
  return stored;
}

function tooMany(c: Context<AppEnv>, { retry_after }: TooMany): never {
  describeUsedUp(c, { ...OPEN_REPORTS, reset: retry_after });
  const details = { budget: "open_reports", limit: OPEN_REPORTS.limit, retry_after };
  throw new ApiError(failure("RATE_LIMIT_EXCEEDED", "Too many of your reports are open", details));
}

/** Blocks a person, as `PUT /blocks/:user_id` does. The report is stored: who repeats the request blocks all the same. */
async function block(c: Context<AppEnv>, user_id: string): Promise<void> {
  const { user_id: own } = c.var.caller;
  bodyOf(await hubObject(c.env, own).askBlocks(own, "block", { user_id }));
}

export const reportRoutes = createRouter()
  .openapi(report, async (c) => {
    const body = c.req.valid("json");
    const { report_id, item_id, isWithholdingWanted } = await storeReport(c, body);
    if (isWithholdingWanted && body.message_id !== undefined) {
      // The report stands; if this is interrupted, the cron trigger goes on with it.
      c.executionCtx.waitUntil(withholdSoon(c.env, { item_id, target_id: body.message_id }));
    }
    return c.json({ report_id }, 202);
  })
  .openapi(notices, async (c) => {
    return c.json({ notices: await noticesOf(openDirectory(c.env.DB), c.var.caller.user_id) }, 200);
  });
