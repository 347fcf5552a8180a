/** Routes where the app's own backend makes, changes and restricts users (rule 28). */
import { createRoute } from "@hono/zod-openapi";
import {
  CUSTOM_PREFIX,
  PutUser,
  PutUsers,
  RevokeTokens,
  SendEvent,
  ServerUser,
  ServerUsers,
  UserParams,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openDirectory } from "../../directory/database.ts";
import { addNameNotes } from "../../directory/moderation/notes.ts";
import type { UserRow } from "../../directory/schema.ts";
import { putUser, revokeTokens, setDeactivated, toServerUser } from "../../directory/server-users.ts";
import { findUser, toCaller } from "../../directory/users.ts";
import type { EpochMs } from "../../domain/time.ts";
import { forgetProfile } from "../../middleware/callers.ts";
import { refuse } from "../../middleware/errors.ts";
import { type FilteredProfile, filterName } from "../../middleware/filters.ts";
import { enforce as takeEffect } from "../../moderation.ts";
import { announceProfile } from "../../profiles.ts";
import { concurrently } from "../../realtime/concurrently.ts";
import { hubObject } from "../../realtime/objects.ts";
import { type AppEnv, createRouter, errors, json, jsonBody, noContent, serverSecurity } from "../api.ts";
import { requirePhotoHost } from "../presenters.ts";

const common = { tags: ["Server"], security: serverSecurity };
const request = { params: UserParams };

const put = createRoute({
  ...common,
  operationId: "serverPutUser",
  method: "put",
  path: "/users/{user_id}",
  summary: "Make a user, or change one",
  request: { ...request, body: jsonBody(PutUser) },
  responses: {
    200: json(ServerUser, "The user, who was there before."),
    201: json(ServerUser, "The new user."),
    ...errors,
  },
});

const batch = createRoute({
  ...common,
  operationId: "serverPutUsers",
  method: "post",
  path: "/users/batch",
  summary: "Make or change up to 100 users",
  request: { body: jsonBody(PutUsers) },
  responses: {
    200: json(
      ServerUsers,
      "The users, in the order of the request. Repeat it if it fails: nothing happens twice.",
    ),
    ...errors,
  },
});

const deactivate = createRoute({
  ...common,
  operationId: "serverDeactivateUser",
  method: "post",
  path: "/users/{user_id}/deactivate",
  summary: "Deactivate a user",
  description: "Sockets close with 4012, requests are answered with `USER_DEACTIVATED`. Messages stay.",
  request,
  responses: { 200: json(ServerUser, "The user."), ...errors },
});

const reactivate = createRoute({
  ...common,
  operationId: "serverReactivateUser",
  method: "post",
  path: "/users/{user_id}/reactivate",
  summary: "Reactivate a user",
  request,
  responses: { 200: json(ServerUser, "The user."), ...errors },
});

const revoke = createRoute({
  ...common,
  operationId: "serverRevokeTokens",
  method: "post",
  path: "/users/{user_id}/tokens/revoke",
  summary: "Refuse the tokens of a user that were issued before a time",
  description:
    "Their sockets close with 4009 within 5 seconds. A token without `iat` is older than any time.",
  request: { ...request, body: jsonBody(RevokeTokens) },
  responses: { 200: json(ServerUser, "The user."), ...errors },
});

const sendEvent = createRoute({
  ...common,
  operationId: "serverSendUserEvent",
  method: "post",
  path: "/users/{user_id}/events",
  summary: "Send an event of your app to a user who is connected",
  request: { ...request, body: jsonBody(SendEvent) },
  responses: { 204: noContent, ...errors },
});

/** Why nothing can be done to a user any more. */
const ERASED = "This user was erased, and cannot come back";

/** How far `issued_before` may be ahead of our clock, in milliseconds. */
const MAX_AHEAD_MS = 60_000;
/** Users of a batch who are written at a time. */
const CONCURRENCY = 8;

/** Makes or changes one user, and lets everybody know who shows them. */
async function store(c: Context<AppEnv>, user_id: string, { shown: patch, notes }: FilteredProfile<PutUser>) {
  requirePhotoHost(c.env, patch.profile_photo_url);
  const external_id = c.var.externalIds?.get(user_id);
  const db = openDirectory(c.env.DB);
  const result = await putUser(db, { user_id, external_id, patch }, Date.now());
  if (result.effect === "erased") refuse("CONFLICT", ERASED, { user_id });
  if (result.effect !== "unchanged") {
    forgetProfile(user_id);
    await addNameNotes(db, user_id, notes, Date.now());
  }
  if (result.effect === "changed" && result.row.is_untold) await announceProfile(c.env, toCaller(result.row));
  return result;
}

/** Enforces what was written: at the hub, which closes sockets, and in this isolate. */
async function enforce(c: Context<AppEnv>, row: UserRow | undefined): Promise<ServerUser> {
  if (!row) refuse("NOT_FOUND", "No such user");
  if (row.erased_at !== null) refuse("CONFLICT", ERASED, { user_id: row.user_id });
  forgetProfile(row.user_id);
  await takeEffect(c.env, row.user_id);
  return toServerUser(row);
}

function revokedBefore(issued_before: string | undefined, now: EpochMs): EpochMs {
  const wanted = issued_before === undefined ? now : Date.parse(issued_before);
  if (wanted > now + MAX_AHEAD_MS) refuse("VALIDATION_ERROR", "issued_before is in the future");
  return Math.min(wanted, now);
}

export const serverUserRoutes = createRouter()
  .openapi(batch, async (c) => {
    const { users } = c.req.valid("json");
    // If one name is rejected, nothing is stored.
    const filtered = await Promise.all(
      users.map(async ({ user_id, ...patch }) => ({ user_id, ...(await filterName(c, user_id, patch)) })),
    );
    const stored = new Map<number, ServerUser>();
    await concurrently([...filtered.entries()], CONCURRENCY, async ([i, { user_id, ...profile }]) => {
      stored.set(i, toServerUser((await store(c, user_id, profile)).row));
    });
    return c.json({ users: users.flatMap((_, i) => stored.get(i) ?? []) }, 200);
  })
  .openapi(put, async (c) => {
    const { user_id } = c.req.valid("param");
    const { row, effect } = await store(c, user_id, await filterName(c, user_id, c.req.valid("json")));
    return c.json(toServerUser(row), effect === "created" ? 201 : 200);
  })
  .openapi(deactivate, async (c) => {
    const { user_id } = c.req.valid("param");
    return c.json(
      await enforce(c, await setDeactivated(openDirectory(c.env.DB), user_id, true, Date.now())),
      200,
    );
  })
  .openapi(reactivate, async (c) => {
    const { user_id } = c.req.valid("param");
    return c.json(
      await enforce(c, await setDeactivated(openDirectory(c.env.DB), user_id, false, Date.now())),
      200,
    );
  })
  .openapi(revoke, async (c) => {
    const { user_id } = c.req.valid("param");
    const before = revokedBefore(c.req.valid("json").issued_before, Date.now());
    return c.json(await enforce(c, await revokeTokens(openDirectory(c.env.DB), user_id, before)), 200);
  })
  .openapi(sendEvent, async (c) => {
    const { user_id } = c.req.valid("param");
    const { name, data } = c.req.valid("json");
    if (!(await findUser(openDirectory(c.env.DB), user_id))) refuse("NOT_FOUND", "No such user");
    await hubObject(c.env, user_id).sendCustom(JSON.stringify({ type: `${CUSTOM_PREFIX}${name}`, data }));
    return c.body(null, 204);
  });
