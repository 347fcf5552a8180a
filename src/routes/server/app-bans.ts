/** Routes where the app's own backend bans users from the app (rules 28 and 29). */
import { createRoute } from "@hono/zod-openapi";
import {
  AppBan,
  AppBanList,
  AppBanned,
  PageQuery,
  PutAppBan,
  timestamp,
  UserParams,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openDirectory } from "../../directory/database.ts";
import { startJob } from "../../directory/jobs.ts";
import { banUser, isBanned, listBans, toBan, unbanUser } from "../../directory/moderation/bans.ts";
import { findUser } from "../../directory/users.ts";
import { purgeSubject } from "../../domain/purged.ts";
import type { EpochMs } from "../../domain/time.ts";
import { runStartedJob } from "../../jobs.ts";
import { forgetProfile } from "../../middleware/callers.ts";
import { refuse } from "../../middleware/errors.ts";
import { enforce, enforceBan } from "../../moderation.ts";
import { type AppEnv, createRouter, errors, json, jsonBody, noContent, serverSecurity } from "../api.ts";
import { credentialOf } from "./queue.ts";

const common = { tags: ["Server"], security: serverSecurity };
const BAN = "/moderation/bans/{user_id}";
const request = { params: UserParams };
const NO_USER = "No such user";

const list = createRoute({
  ...common,
  operationId: "serverListAppBans",
  method: "get",
  path: "/moderation/bans",
  summary: "List the users whom the app has banned",
  request: { query: PageQuery },
  responses: { 200: json(AppBanList, "A page of bans, the longest standing first."), ...errors },
});

const get = createRoute({
  ...common,
  operationId: "serverGetAppBan",
  method: "get",
  path: BAN,
  summary: "See the ban of a user",
  request,
  responses: { 200: json(AppBan, "The ban."), ...errors },
});

const put = createRoute({
  ...common,
  operationId: "serverPutAppBan",
  method: "put",
  path: BAN,
  summary: "Ban a user from the app, or change the ban",
  description:
    "Sockets close with 4012, requests are answered with `BANNED`, until when, and why. It is harmless to repeat. With " +
    "`delete_messages` a job deletes what they have said, for everyone.",
  request: { ...request, body: jsonBody(PutAppBan) },
  responses: { 200: json(AppBanned, "The ban."), ...errors },
});

const remove = createRoute({
  ...common,
  operationId: "serverDeleteAppBan",
  method: "delete",
  path: BAN,
  summary: "End the ban of a user",
  request,
  responses: { 204: noContent, ...errors },
});

/** A day, in milliseconds. */
const DAY_MS = 86_400_000;

/** Deletes what a banned user has said. @returns the job; null if nothing is to be deleted. */
async function deleteMessages(
  c: Context<AppEnv>,
  user_id: string,
  which: PutAppBan["delete_messages"],
  now: EpochMs,
): Promise<string | null> {
  if (which === undefined || which === "none") return null;
  const subject = purgeSubject({ user_id, since: which === "day" ? now - DAY_MS : 0 });
  const started = await startJob(openDirectory(c.env.DB), { kind: "delete_messages", subject }, now);
  c.executionCtx.waitUntil(runStartedJob(c.env, started, now));
  return started.job.job_id;
}

export const serverAppBanRoutes = createRouter()
  .openapi(list, async (c) => {
    return c.json(await listBans(openDirectory(c.env.DB), c.req.valid("query"), Date.now()), 200);
  })
  .openapi(get, async (c) => {
    const row = await findUser(openDirectory(c.env.DB), c.req.valid("param").user_id);
    if (!row) refuse("NOT_FOUND", NO_USER);
    return c.json(
      isBanned(row, Date.now()) ? toBan(row) : refuse("NOT_FOUND", "The user is not banned"),
      200,
    );
  })
  .openapi(put, async (c) => {
    const now = Date.now();
    const { user_id } = c.req.valid("param");
    const { until: end, reason, delete_messages } = c.req.valid("json");
    const until = end === undefined ? null : Date.parse(end);
    if (until !== null && until <= now) refuse("VALIDATION_ERROR", "`until` must be a time to come");
    const wanted = { until, reason, actor_id: credentialOf(c) };
    const banned = await banUser(openDirectory(c.env.DB), user_id, wanted, now);
    if (!banned) refuse("NOT_FOUND", NO_USER);
    forgetProfile(user_id);
    const job_id = await deleteMessages(c, user_id, delete_messages, now);
    const { row, notice_id } = banned;
    const ban = toBan(row);
    const about = { conversation_id: null, message_id: null, created_at: timestamp(now) };
    const notice = { action: "ban" as const, reason, until: ban.until, ...about };
    await enforceBan(c.env, user_id, notice_id === null ? undefined : { notice_id, ...notice });
    return c.json({ ...ban, job_id }, 200);
  })
  .openapi(remove, async (c) => {
    const { user_id } = c.req.valid("param");
    const row = await unbanUser(openDirectory(c.env.DB), user_id, credentialOf(c), Date.now());
    if (!row) refuse("NOT_FOUND", NO_USER);
    forgetProfile(user_id);
    await enforce(c.env, user_id);
    return c.body(null, 204);
  });
