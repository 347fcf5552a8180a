/** Messages: send, history, one message. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Outcome } from "../domain/outcome.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import {
  ClientMessageId,
  ConversationParams,
  FetchedMessage,
  HistoryQuery,
  Message,
  MessagePage,
  MessageParams,
  SendMessage,
} from "../protocol/index.ts";
import { createRouter, errors, json, jsonBody, security } from "./api.ts";
import { conversationStub, messageStub } from "./objects.ts";

const tags = ["Messages"];

const send = createRoute({
  method: "post",
  path: "/conversations/{conversation_id}/messages",
  tags,
  security,
  summary: "Send a message",
  request: {
    params: ConversationParams,
    headers: z.object({ "idempotency-key": ClientMessageId.optional() }),
    body: jsonBody(SendMessage),
  },
  responses: {
    200: json(Message, "It was sent before with this `client_message_id`; nothing happened twice."),
    201: json(Message, "The message, on disk."),
    ...errors,
  },
});

const history = createRoute({
  method: "get",
  path: "/conversations/{conversation_id}/messages",
  tags,
  security,
  summary: "Get messages",
  request: { params: ConversationParams, query: HistoryQuery },
  responses: { 200: json(MessagePage, "A page, newest first."), ...errors },
});

const getMessage = createRoute({
  method: "get",
  path: "/messages/{message_id}",
  tags,
  security,
  summary: "Get one message",
  request: { params: MessageParams },
  responses: { 200: json(FetchedMessage, "The message."), ...errors },
});

export const messageRoutes = createRouter()
  .openapi(send, async (c) => {
    const body = c.req.valid("json");
    const key = c.req.valid("header")["idempotency-key"];
    if (key !== undefined && body.client_message_id !== undefined && key !== body.client_message_id) {
      refuse("VALIDATION_ERROR", "Idempotency-Key and client_message_id differ");
    }
    const input = key === undefined ? body : { ...body, client_message_id: key };
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    const outcome = (await stub.send(c.var.caller, input)) as Outcome<Message>;
    return c.json(bodyOf(outcome), outcome.ok ? outcome.status : 200);
  })
  .openapi(history, async (c) => {
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    const outcome = (await stub.history(c.var.caller, c.req.valid("query"))) as Outcome<MessagePage>;
    return c.json(bodyOf(outcome), 200);
  })
  .openapi(getMessage, async (c) => {
    const { stub, seq } = messageStub(c.env, c.req.valid("param").message_id);
    const outcome = (await stub.message(c.var.caller, seq)) as Outcome<FetchedMessage>;
    return c.json(bodyOf(outcome), 200);
  });
