/** Read state and typing: what a member's devices tell while they look on (rules 19 and 22). */
import { createRoute } from "@hono/zod-openapi";
import { bodyOf, refuse } from "../middleware/errors.ts";
import {
  ConversationParams,
  MarkRead,
  MessageParams,
  ReadResult,
  Receipts,
  seqWithin,
} from "../protocol/index.ts";
import { createRouter, errors, json, jsonBody, noContent, security } from "./api.ts";
import { act, conversationStub, messageStub } from "./objects.ts";

const markRead = createRoute({
  operationId: "markAsRead",
  method: "put",
  path: "/conversations/{conversation_id}/read",
  tags: ["Receipts"],
  security,
  summary: "Mark messages as read",
  request: { params: ConversationParams, body: jsonBody(MarkRead) },
  responses: { 200: json(ReadResult, "What the watermark passed, and what is left."), ...errors },
});

const getReceipts = createRoute({
  operationId: "listReceipts",
  method: "get",
  path: "/messages/{message_id}/receipts",
  tags: ["Receipts"],
  security,
  summary: "Get who has received and read a message",
  request: { params: MessageParams },
  responses: { 200: json(Receipts, "The members other than the sender."), ...errors },
});

const startTyping = createRoute({
  operationId: "startTyping",
  method: "post",
  path: "/conversations/{conversation_id}/typing",
  tags: ["Typing"],
  security,
  summary: "Start typing; it ends by itself after 6 seconds",
  request: { params: ConversationParams },
  responses: { 204: noContent, ...errors },
});

const stopTyping = createRoute({
  operationId: "stopTyping",
  method: "delete",
  path: "/conversations/{conversation_id}/typing",
  tags: ["Typing"],
  security,
  summary: "Stop typing",
  request: { params: ConversationParams },
  responses: { 204: noContent, ...errors },
});

export const receiptRoutes = createRouter()
  .openapi(markRead, async (c) => {
    const { conversation_id } = c.req.valid("param");
    const stub = conversationStub(c.env, conversation_id);
    const seq = seqWithin(conversation_id, c.req.valid("json").up_to_message_id);
    if (seq === undefined) {
      // Whether the conversation is there and theirs comes first (rule 6).
      bodyOf(await stub.membership(c.var.caller));
      refuse("NOT_FOUND", "No such message here");
    }
    return c.json(bodyOf(await act(stub, c.var.caller, { type: "read", seq })), 200);
  })
  .openapi(getReceipts, async (c) => {
    const { stub, seq } = messageStub(c.env, c.req.valid("param").message_id);
    return c.json(bodyOf(await stub.receipts(c.var.caller, seq)), 200);
  })
  .openapi(startTyping, async (c) => {
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    bodyOf(await stub.typing(c.var.caller, true));
    return c.body(null, 204);
  })
  .openapi(stopTyping, async (c) => {
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    bodyOf(await stub.typing(c.var.caller, false));
    return c.body(null, 204);
  });
