/** Messages: send, history, one message, edit, delete, earlier versions. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Outcome } from "../domain/outcome.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import {
  ClientMessageId,
  ConversationParams,
  DeleteQuery,
  EditMessage,
  EditsQuery,
  FetchedMessage,
  HistoryQuery,
  Message,
  MessageEdits,
  MessagePage,
  MessageParams,
  SendMessage,
} from "../protocol/index.ts";
import { createRouter, errors, json, jsonBody, noContent, security } from "./api.ts";
import { act, actOnMessage, conversationStub, messageStub } from "./objects.ts";

const tags = ["Messages"];

const send = createRoute({
  operationId: "sendMessage",
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
  operationId: "listMessages",
  method: "get",
  path: "/conversations/{conversation_id}/messages",
  tags,
  security,
  summary: "Get messages",
  request: { params: ConversationParams, query: HistoryQuery },
  responses: { 200: json(MessagePage, "A page, newest first."), ...errors },
});

const getMessage = createRoute({
  operationId: "getMessage",
  method: "get",
  path: "/messages/{message_id}",
  tags,
  security,
  summary: "Get one message",
  request: { params: MessageParams },
  responses: { 200: json(FetchedMessage, "The message."), ...errors },
});

const editMessage = createRoute({
  operationId: "editMessage",
  method: "put",
  path: "/messages/{message_id}",
  tags,
  security,
  summary: "Edit a message",
  request: { params: MessageParams, body: jsonBody(EditMessage) },
  responses: { 200: json(Message, "The edited message."), ...errors },
});

const deleteMessage = createRoute({
  operationId: "deleteMessage",
  method: "delete",
  path: "/messages/{message_id}",
  tags,
  security,
  summary: "Delete a message for yourself or for everyone",
  request: { params: MessageParams, query: DeleteQuery },
  responses: { 204: noContent, ...errors },
});

const getEdits = createRoute({
  operationId: "listMessageEdits",
  method: "get",
  path: "/messages/{message_id}/edits",
  tags,
  security,
  summary: "Get the versions of a message",
  request: { params: MessageParams, query: EditsQuery },
  responses: { 200: json(MessageEdits, "The newest versions, oldest first."), ...errors },
});

export const messageRoutes = createRouter()
  .openapi(send, async (c) => {
    const body = c.req.valid("json");
    const key = c.req.valid("header")["idempotency-key"];
    if (key !== undefined && (body.client_message_id ?? key) !== key) {
      refuse("VALIDATION_ERROR", "Idempotency-Key and client_message_id differ");
    }
    const input = key === undefined ? body : { ...body, client_message_id: key };
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    const outcome = await act(stub, c.var.caller, { type: "send", input });
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
  })
  .openapi(editMessage, async (c) => {
    const { stub, seq } = messageStub(c.env, c.req.valid("param").message_id);
    const input = c.req.valid("json");
    return c.json(bodyOf(await actOnMessage(stub, c.var.caller, { type: "edit", seq, input })), 200);
  })
  .openapi(deleteMessage, async (c) => {
    const { stub, seq } = messageStub(c.env, c.req.valid("param").message_id);
    const { delete_for_everyone: for_everyone } = c.req.valid("query");
    bodyOf(await actOnMessage(stub, c.var.caller, { type: "delete", seq, for_everyone }));
    return c.body(null, 204);
  })
  .openapi(getEdits, async (c) => {
    const { stub, seq } = messageStub(c.env, c.req.valid("param").message_id);
    return c.json(bodyOf(await stub.edits(c.var.caller, seq, c.req.valid("query"))), 200);
  });
