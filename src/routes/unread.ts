/** Route of `GET /unread`: how much the caller has not read, over all conversations (rule 30). */
import { createRoute } from "@hono/zod-openapi";
import { UnreadTotals } from "@rocket-chat-api/protocol";
import { openDirectory } from "../directory/database.ts";
import { unreadTotals } from "../directory/unread.ts";
import { createRouter, errors, json, security } from "./api.ts";

const unread = createRoute({
  operationId: "getUnread",
  method: "get",
  path: "/unread",
  tags: ["Conversations"],
  security,
  summary: "Get the unread totals of all conversations",
  responses: { 200: json(UnreadTotals, "The sums of what the conversation list says."), ...errors },
});

export const unreadRoutes = createRouter().openapi(unread, async (c) => {
  const totals = await unreadTotals(openDirectory(c.env.DB), c.var.caller.user_id, Date.now());
  return c.json(totals, 200);
});
