/** The routes of the table of operations. operation-hooks.ts has the exceptions. */
import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import {
  ConversationParams,
  type Declaration,
  declarationOf,
  isConversationId,
  MessageParams,
  OPERATION_NAMES,
  type OperationName,
  objectNamed,
  parseMessageId,
  schemaNamed,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import type { Command } from "../domain/command.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import { conversationObject } from "../realtime/objects.ts";
import { type AppEnv, createRouter, errors, json, jsonBody, noContent, security } from "./api.ts";
import { LINKED } from "./message-links.ts";
import { BEFORE, SHOWN } from "./operation-hooks.ts";

/** The parameters of a path: its ids, and the parameters of the row. */
function paramsOf({ params }: Declaration, path: string): z.ZodObject {
  return z.object({
    ...(path.includes("{conversation_id}") ? ConversationParams.shape : {}),
    ...(path.includes("{message_id}") ? MessageParams.shape : {}),
    ...(params === undefined ? {} : objectNamed(params).shape),
  });
}

function responsesOf({ result, shown, answers = {} }: Declaration): RouteConfig["responses"] {
  if (result === null) return { 204: noContent, ...errors };
  const schema = schemaNamed(shown ?? result);
  const described = Object.entries(answers).map(([status, text]) => [status, json(schema, text)] as const);
  return { ...Object.fromEntries(described), ...errors };
}

function routeOf(name: OperationName, row: Declaration, [method, path]: NonNullable<Declaration["rest"]>) {
  const { query, headers, body, tag, summary } = row;
  return createRoute({
    operationId: name,
    method: method.toLowerCase() as Lowercase<typeof method>,
    path,
    tags: [tag],
    security,
    summary,
    request: {
      params: paramsOf(row, path),
      ...(query === undefined ? {} : { query: objectNamed(query) }),
      ...(headers === undefined ? {} : { headers: objectNamed(headers) }),
      ...(body === undefined ? {} : { body: jsonBody(schemaNamed(body)) }),
    },
    responses: responsesOf(row),
  });
}

type Carried = Record<string, unknown>;

/** The validated parts of a request. */
function carriedBy(c: Context<AppEnv>, row: Declaration) {
  // Hono infers types only for routes that are written out.
  const valid = (target: string): Carried => c.req.valid(target as never);
  return {
    params: valid("param"),
    rest: { ...(row.query ? valid("query") : {}), ...(row.body ? valid("json") : {}) },
  };
}

/** The command of a request and the conversation's id. An id that cannot exist does not wake an object. */
function commandOf(c: Context<AppEnv>, name: OperationName, row: Declaration) {
  const { params, rest } = carriedBy(c, row);
  const { conversation_id, message_id, ...more } = params;
  const { [row.message ?? ""]: named, ...input } = rest;
  const message = row.message === undefined ? message_id : named;
  const id =
    conversation_id ??
    (parseMessageId(String(message)) ?? refuse("NOT_FOUND", "No such message")).conversation_id;
  if (!isConversationId(String(id))) refuse(conversation_id ? "CONVERSATION_NOT_FOUND" : "NOT_FOUND");
  const command = {
    operation: name,
    ...(conversation_id === undefined ? {} : { conversation_id }),
    ...(row.on === "message" ? { message_id: message } : {}),
    input: { ...more, ...input },
  };
  return { id: String(id), command: command as Command };
}

function handlerOf(name: OperationName, row: Declaration) {
  const before = BEFORE[name];
  const show = SHOWN[name] ?? LINKED[row.result ?? ""];
  return async (c: Context<AppEnv>): Promise<Response> => {
    const asked = commandOf(c, name, row);
    const conversation = conversationObject(c.env, asked.id);
    const command = before ? await before(c, asked.command, conversation) : asked.command;
    const outcome = await conversation.execute(c.var.caller, command);
    const body = bodyOf(outcome);
    if (row.result === null) return c.body(null, 204);
    const status = outcome.ok && row.answers?.[201] !== undefined ? outcome.status : 200;
    return c.json(show ? await show(c, body) : body, status);
  };
}

/** All routes of the table, for mounting at `/api/v1`. */
function createOperationRoutes() {
  const router = createRouter();
  for (const name of OPERATION_NAMES) {
    const row = declarationOf(name);
    if (row.rest) router.openapi(routeOf(name, row, row.rest), handlerOf(name, row) as never);
  }
  return router;
}

export const operationRoutes = createOperationRoutes();
