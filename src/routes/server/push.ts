/** Route where the app's own backend asks why something pushes, or does not (rules 27 and 28). */
import { createRoute } from "@hono/zod-openapi";
import { CheckPush, PushCheck, parseMessageId } from "@rocket-chat-api/protocol";
import { bodyOf, refuse } from "../../middleware/errors.ts";
import { hubObject } from "../../realtime/objects.ts";
import { createRouter, errors, json, jsonBody, serverSecurity } from "../api.ts";

const check = createRoute({
  operationId: "serverCheckPush",
  method: "post",
  path: "/push/check",
  tags: ["Server"],
  security: serverSecurity,
  summary: "See what would be pushed to a user for a message; nothing is sent",
  request: { body: jsonBody(CheckPush) },
  responses: { 200: json(PushCheck, "The decision for each device, and the three payloads."), ...errors },
});

export const serverPushRoutes = createRouter().openapi(check, async (c) => {
  const { user, message_id } = c.req.valid("json");
  const message = parseMessageId(message_id) ?? refuse("NOT_FOUND", "No such message");
  return c.json(bodyOf(await hubObject(c.env, user).askPush(user, "check", message)), 200);
});
