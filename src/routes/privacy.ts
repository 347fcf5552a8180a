/** Routes of the caller's own privacy settings (rule 29). */
import { createRoute } from "@hono/zod-openapi";
import { Privacy, UpdatePrivacy } from "@rocket-chat-api/protocol";
import { openDirectory } from "../directory/database.ts";
import { toPrivacy, updatePrivacy } from "../directory/privacy.ts";
import { findUser, toCaller } from "../directory/users.ts";
import { forgetProfile } from "../middleware/callers.ts";
import { refuse } from "../middleware/errors.ts";
import { announcePrivacy, announceProfile } from "../profiles.ts";
import { createRouter, errors, json, jsonBody, security } from "./api.ts";

const tags = ["Users"];

const getPrivacy = createRoute({
  operationId: "getPrivacy",
  method: "get",
  path: "/users/me/privacy",
  tags,
  security,
  summary: "Get my privacy settings",
  responses: { 200: json(Privacy, "The settings."), ...errors },
});

const patchPrivacy = createRoute({
  operationId: "updatePrivacy",
  method: "patch",
  path: "/users/me/privacy",
  tags,
  security,
  summary: "Change who may write to me or add me, and what others learn of me",
  request: { body: jsonBody(UpdatePrivacy) },
  responses: { 200: json(Privacy, "The updated settings."), ...errors },
});

export const privacyRoutes = createRouter()
  .openapi(getPrivacy, async (c) => {
    const row = await findUser(openDirectory(c.env.DB), c.var.caller.user_id);
    return c.json(toPrivacy(row ?? refuse("SERVICE_UNAVAILABLE")), 200);
  })
  .openapi(patchPrivacy, async (c) => {
    const { user_id } = c.var.caller;
    const row = await updatePrivacy(openDirectory(c.env.DB), user_id, c.req.valid("json"));
    forgetProfile(user_id);
    if (!row) refuse("SERVICE_UNAVAILABLE");
    if (row.is_untold) await announceProfile(c.env, toCaller(row));
    await announcePrivacy(c.env, row);
    return c.json(toPrivacy(row), 200);
  });
