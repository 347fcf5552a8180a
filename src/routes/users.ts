/** Users: oneself, others by id, others by prefix (rule 3). */
import { createRoute, z } from "@hono/zod-openapi";
import { openDirectory } from "../directory/database.ts";
import { findUser, searchUsers, toUser, updateProfile } from "../directory/users.ts";
import { forgetProfile } from "../middleware/auth.ts";
import { refuse } from "../middleware/errors.ts";
import { UpdateMe, User, UserList, UserSearchQuery, Uuid } from "../protocol/index.ts";
import { createRouter, errors, json, jsonBody, security } from "./api.ts";

const tags = ["Users"];

const getMe = createRoute({
  method: "get",
  path: "/me",
  tags,
  security,
  summary: "Oneself",
  responses: { 200: json(User, "The caller."), ...errors },
});

const patchMe = createRoute({
  method: "patch",
  path: "/me",
  tags,
  security,
  summary: "Change one's display name or photo",
  request: { body: jsonBody(UpdateMe) },
  responses: { 200: json(User, "The caller, changed."), ...errors },
});

const search = createRoute({
  method: "get",
  path: "/",
  tags,
  security,
  summary: "Find users by the beginning of their username or display name",
  request: { query: UserSearchQuery },
  responses: { 200: json(UserList, "The users found, by username."), ...errors },
});

const getUser = createRoute({
  method: "get",
  path: "/{user_id}",
  tags,
  security,
  summary: "One user",
  request: { params: z.object({ user_id: Uuid }) },
  responses: { 200: json(User, "The user."), ...errors },
});

export const userRoutes = createRouter()
  .openapi(getMe, async (c) => {
    const row = await findUser(openDirectory(c.env.DB), c.var.caller.user_id);
    return c.json(toUser(row ?? refuse("SERVICE_UNAVAILABLE")), 200);
  })
  .openapi(patchMe, async (c) => {
    const { user_id } = c.var.caller;
    const row = await updateProfile(openDirectory(c.env.DB), user_id, c.req.valid("json"));
    forgetProfile(user_id);
    return c.json(toUser(row ?? refuse("SERVICE_UNAVAILABLE")), 200);
  })
  .openapi(search, async (c) => {
    const { q, limit } = c.req.valid("query");
    const rows = await searchUsers(openDirectory(c.env.DB), q, limit);
    return c.json({ users: rows.map(toUser) }, 200);
  })
  .openapi(getUser, async (c) => {
    const row = await findUser(openDirectory(c.env.DB), c.req.valid("param").user_id);
    return c.json(toUser(row ?? refuse("NOT_FOUND", "No such user")), 200);
  });
