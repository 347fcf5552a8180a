/** Reactions (rule 18). */
import { createRoute, z } from "@hono/zod-openapi";
import { bodyOf } from "../middleware/errors.ts";
import { AddReaction, Emoji, MessageParams, Reaction, Uuid } from "../protocol/index.ts";
import { createRouter, errors, json, jsonBody, noContent, security } from "./api.ts";
import { actOnMessage, messageStub } from "./objects.ts";

const tags = ["Reactions"];

const add = createRoute({
  operationId: "addReaction",
  method: "post",
  path: "/messages/{message_id}/reactions",
  tags,
  security,
  summary: "Add a reaction",
  request: { params: MessageParams, body: jsonBody(AddReaction) },
  responses: {
    200: json(Reaction, "It was there already."),
    201: json(Reaction, "The new reaction."),
    ...errors,
  },
});

const remove = createRoute({
  operationId: "removeReaction",
  method: "delete",
  path: "/messages/{message_id}/reactions/{emoji}",
  tags,
  security,
  summary: "Remove a reaction",
  request: { params: z.object({ message_id: Uuid, emoji: Emoji }) },
  responses: { 204: noContent, ...errors },
});

export const reactionRoutes = createRouter()
  .openapi(add, async (c) => {
    const { stub, seq } = messageStub(c.env, c.req.valid("param").message_id);
    const { emoji } = c.req.valid("json");
    const outcome = await actOnMessage(stub, c.var.caller, { type: "react", seq, emoji });
    return c.json(bodyOf(outcome), outcome.ok ? outcome.status : 200);
  })
  .openapi(remove, async (c) => {
    const { message_id, emoji } = c.req.valid("param");
    const { stub, seq } = messageStub(c.env, message_id);
    bodyOf(await actOnMessage(stub, c.var.caller, { type: "unreact", seq, emoji }));
    return c.body(null, 204);
  });
