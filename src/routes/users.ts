/** Routes of users: the caller's profile, other users by id, and user search (rule 3). */
import { createRoute, z } from "@hono/zod-openapi";
import { Me, UpdateMe, UserDetails, UserList, UserSearchQuery, Uuid } from "@rocket-chat-api/protocol";
import { apartFrom } from "../directory/blocks.ts";
import { openDirectory } from "../directory/database.ts";
import { addNameNotes } from "../directory/moderation/notes.ts";
import { searchUsers } from "../directory/people.ts";
import {
  acquaintances,
  findUser,
  toCaller,
  toDetails,
  toMe,
  toStranger,
  toUser,
  updateProfile,
} from "../directory/users.ts";
import { seenBy } from "../domain/last-seen.ts";
import { forgetProfile } from "../middleware/callers.ts";
import { refuse } from "../middleware/errors.ts";
import { filterName } from "../middleware/filters.ts";
import { announceProfile } from "../profiles.ts";
import { createRouter, errors, json, jsonBody, security } from "./api.ts";
import { requirePhotoHost } from "./presenters.ts";

const tags = ["Users"];

const getMe = createRoute({
  operationId: "getMe",
  method: "get",
  path: "/me",
  tags,
  security,
  summary: "Get my profile",
  responses: { 200: json(Me, "The profile."), ...errors },
});

const patchMe = createRoute({
  operationId: "updateMe",
  method: "patch",
  path: "/me",
  tags,
  security,
  summary: "Change my display name or photo",
  request: { body: jsonBody(UpdateMe) },
  responses: { 200: json(Me, "The updated profile."), ...errors },
});

const search = createRoute({
  operationId: "searchUsers",
  method: "get",
  path: "/",
  tags,
  security,
  summary: "Search users by the start of their username or of a word of their display name",
  request: { query: UserSearchQuery },
  responses: {
    200: json(
      UserList,
      "The users found. Presence is shown only for users who share a conversation with the caller.",
    ),
    ...errors,
  },
});

const getUser = createRoute({
  operationId: "getUser",
  method: "get",
  path: "/{user_id}",
  tags,
  security,
  summary: "Get a user",
  request: { params: z.object({ user_id: Uuid }) },
  responses: { 200: json(UserDetails, "The user."), ...errors },
});

export const userRoutes = createRouter()
  .openapi(getMe, async (c) => {
    const row = await findUser(openDirectory(c.env.DB), c.var.caller.user_id);
    return c.json(toMe(row ?? refuse("SERVICE_UNAVAILABLE")), 200);
  })
  .openapi(patchMe, async (c) => {
    const { user_id } = c.var.caller;
    const patch = c.req.valid("json");
    requirePhotoHost(c.env, patch.profile_photo_url);
    const db = openDirectory(c.env.DB);
    const { shown, notes } = await filterName(c, user_id, patch);
    const row = await updateProfile(db, user_id, shown);
    await addNameNotes(db, user_id, notes, Date.now());
    forgetProfile(user_id);
    if (!row) refuse("SERVICE_UNAVAILABLE");
    await announceProfile(c.env, toCaller(row));
    return c.json(toMe(row), 200);
  })
  .openapi(search, async (c) => {
    const { q, limit } = c.req.valid("query");
    const { user_id } = c.var.caller;
    const db = openDirectory(c.env.DB);
    const rows = await searchUsers(db, user_id, q, limit);
    const ids = rows.map((row) => row.user_id);
    const [known, apart] = await Promise.all([acquaintances(db, user_id, ids), apartFrom(db, user_id, ids)]);
    const isSeen = (id: string) => known.has(id) && !apart.has(id);
    const shown = rows.map((row) => (isSeen(row.user_id) ? toUser : toStranger)(row));
    return c.json({ users: shown.map((user) => seenBy(c.var.caller, user)) }, 200);
  })
  .openapi(getUser, async (c) => {
    const { user_id } = c.req.valid("param");
    const db = openDirectory(c.env.DB);
    const { user_id: callerId } = c.var.caller;
    const [row, known, apart] = await Promise.all([
      findUser(db, user_id),
      acquaintances(db, callerId, [user_id]),
      apartFrom(db, callerId, [user_id]),
    ]);
    if (!row) refuse("NOT_FOUND", "No such user");
    const shown = toDetails(row, known.has(user_id), apart.has(user_id));
    return c.json(seenBy(c.var.caller, shown), 200);
  });
