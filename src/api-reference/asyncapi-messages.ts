/** The messages of the AsyncAPI document, generated from the unions of commands and events. */
import { OpenAPIHono, type z } from "@hono/zod-openapi";
import {
  ClientCommand,
  ConversationSocketQuery,
  CustomEvent,
  Message,
  ReadResult,
  ServerEvent,
} from "@rocket-chat-api/protocol";
import type { JsonObject } from "./schemas.ts";

/** Answers of commands that are not answered with `ack`. */
const ANSWERS: Readonly<Record<string, string[]>> = { ping: ["pong"], "flow.ack": [] };
/** Schemas of the `data` in an `ack`, for commands that have one. */
const ACK_DATA: Readonly<Record<string, z.ZodType>> = { "message.send": Message, "message.read": ReadResult };

type Union = typeof ClientCommand | typeof ServerEvent;

/** The members of a union, by type. */
function membersOf(union: Union): Record<string, z.ZodType> {
  return Object.fromEntries(union.options.map((option) => [option.shape.type.value, option]));
}

const asContent = (schemas: Record<string, z.ZodType>) =>
  Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }]));

/** The generator's output for the schemas below. */
interface GeneratedOperation {
  requestBody: { content: Content };
  parameters: (JsonObject & { name: string; schema: JsonObject })[];
  responses: Record<"200" | "201", { content: Content }>;
}
/** References to schemas, by message type. */
type Content = Record<string, { schema: JsonObject }>;

/** Generates the components of all messages, and a reference to each by type. */
export function generate() {
  const api = new OpenAPIHono();
  const [commands, events] = [membersOf(ClientCommand), membersOf(ServerEvent)];
  // Not a real route. It makes the REST generator write these schemas.
  api.openAPIRegistry.registerPath({
    method: "post",
    path: "/",
    request: { body: { content: asContent(commands) }, query: ConversationSocketQuery },
    responses: {
      200: { description: "", content: asContent({ ...events, custom: CustomEvent }) },
      201: { description: "", content: asContent(ACK_DATA) },
    },
  });
  const { paths, components } = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "", version: "" },
  });
  const operation: unknown = paths?.["/"]?.post;
  const { requestBody, parameters, responses } = operation as GeneratedOperation;
  return {
    schemas: (components?.schemas ?? {}) as JsonObject,
    commands: requestBody.content,
    events: responses[200].content,
    ackData: responses[201].content,
    parameters,
  };
}

export type Generated = ReturnType<typeof generate>;

export const tagRef = (name: string) => [{ $ref: `#/components/tags/${name}` }];
/** Answers are matched by the id of their command. */
const correlationId = { $ref: "#/components/correlationIds/request" };

/** The message name of a command's `ack`. An `ack` with known data is a message of its own. */
const ackName = (command: string) => (command in ACK_DATA ? `${command}.ack` : "ack");
export const answersTo = (command: string) => ANSWERS[command] ?? [ackName(command), "error"];

/** All messages, by name: commands, events, acks with known data, and the batch. */
export function messagesOf({ commands, events, ackData }: Generated): Record<string, JsonObject> {
  const plain = (tag: string, content: Content) =>
    Object.entries(content).map(([name, { schema }]) => {
      const isAnswer = tag === "commands" || name === "ack" || name === "error";
      const payload = { name, title: name, tags: tagRef(tag), payload: schema };
      return [name, isAnswer ? { ...payload, correlationId } : payload] as const;
    });
  const acks = Object.entries(ackData).map(([command, { schema }]) => {
    const payload = { allOf: [events.ack?.schema, { type: "object", properties: { data: schema } }] };
    const name = ackName(command);
    return [name, { name: "ack", title: name, tags: tagRef("events"), correlationId, payload }] as const;
  });
  const batch = {
    name: "batch",
    title: "batch",
    summary: "Several events in one frame, in order. Only on sockets that were opened with `?batch=1`.",
    tags: tagRef("events"),
    payload: {
      type: "array",
      minItems: 1,
      items: { oneOf: Object.values(events).map(({ schema }) => schema) },
    },
  };
  return Object.fromEntries([
    ...plain("commands", commands),
    ...plain("events", events),
    ...acks,
    ["batch", batch],
  ]);
}
