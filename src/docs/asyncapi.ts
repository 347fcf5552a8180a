/**
 * The socket protocol as AsyncAPI 3, generated from the schemas that the server parses with: whatever joins the unions
 * of commands and events is in the document.
 */
import { z } from "zod";
import {
  CLOSE,
  ClientCommand,
  ConversationSocketQuery,
  ServerEvent,
  SocketQuery,
} from "../protocol/index.ts";
import { CLOSE_CODES, SOCKET_INTRODUCTION } from "./texts.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;
/** A union whose members are told apart by their `type`. */
type MessageUnion = typeof ClientCommand | typeof ServerEvent;

/** Leaves out what zod adds to say the same twice: the pattern of a known format, the bounds of every integer. */
function tidy(schema: JsonSchema): void {
  if (schema.format === "uuid" || schema.format === "date-time") delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

/** A schema in the dialect of AsyncAPI, and the definitions it refers to, as components. */
function convert(schema: z.ZodType, io: "input" | "output") {
  const { $schema, definitions, ...root } = z.toJSONSchema(schema, {
    io,
    target: "draft-7",
    unrepresentable: "any",
    override: ({ jsonSchema }) => tidy(jsonSchema),
  });
  const text = JSON.stringify({ root, definitions: definitions ?? {} });
  return JSON.parse(text.replaceAll('"#/definitions/', '"#/components/schemas/')) as {
    root: JsonSchema;
    definitions: Record<string, JsonSchema>;
  };
}

/** The members of a union as messages, named by their `type`. */
function messagesOf(union: MessageUnion, io: "input" | "output", tag: string) {
  const { root, definitions } = convert(union, io);
  const messages = Object.fromEntries(
    union.options.map((option, i) => {
      const name = option.shape.type.value;
      return [name, { name, title: name, tags: [{ name: tag }], payload: root.oneOf?.[i] ?? {} }];
    }),
  );
  return { messages, schemas: definitions };
}

const refs = (prefix: string, names: string[]) => names.map((name) => ({ $ref: `${prefix}/${name}` }));

/** One kind of socket: where it is opened, and what goes which way. */
function socket(
  id: string,
  names: { commands: string[]; events: string[] },
  query: z.ZodType,
  channel: Record<string, unknown>,
) {
  const { commands, events } = names;
  const own = `#/channels/${id}/messages`;
  return {
    channel: {
      ...channel,
      messages: Object.fromEntries(
        [...commands, ...events].map((name) => [name, { $ref: `#/components/messages/${name}` }]),
      ),
      bindings: { ws: { method: "GET", query: convert(query, "input").root, bindingVersion: "0.1.0" } },
    },
    operations: {
      [`${id}.commands`]: {
        action: "receive",
        title: "Commands",
        summary: "What clients send.",
        channel: { $ref: `#/channels/${id}` },
        messages: refs(own, commands),
        reply: { channel: { $ref: `#/channels/${id}` }, messages: refs(own, ["ack", "error"]) },
      },
      [`${id}.events`]: {
        action: "send",
        title: "Events",
        summary: "What clients hear.",
        channel: { $ref: `#/channels/${id}` },
        messages: refs(own, events),
      },
    },
  };
}

const securitySchemes = {
  bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  token: { type: "httpApiKey", in: "query", name: "token", description: "A bearer token." },
  ticket: {
    type: "httpApiKey",
    in: "query",
    name: "ticket",
    description: "From `POST /api/v1/ws/ticket`: good once, for 30 seconds. The way for browsers.",
  },
};

/** The document, but for its server. */
function build(version: string) {
  const commands = messagesOf(ClientCommand, "input", "Commands");
  const events = messagesOf(ServerEvent, "output", "Events");
  const names = { commands: Object.keys(commands.messages), events: Object.keys(events.messages) };
  const user = socket("user", names, SocketQuery, {
    address: "/ws",
    title: "The user's socket",
    description: "Everything from all of the user's conversations, on any number of devices.",
  });
  const conversation = socket("conversation", names, ConversationSocketQuery, {
    address: "/api/v1/conversations/{conversation_id}/ws",
    title: "A conversation's own socket",
    description: "The same events of that one conversation; a command for another is refused.",
    parameters: { conversation_id: { description: "The conversation's id." } },
  });
  return {
    asyncapi: "3.0.0",
    info: { title: "Rocket Chat API: sockets", version, description: SOCKET_INTRODUCTION },
    defaultContentType: "application/json",
    channels: { user: user.channel, conversation: conversation.channel },
    operations: { ...user.operations, ...conversation.operations },
    components: {
      messages: { ...commands.messages, ...events.messages },
      schemas: { ...commands.schemas, ...events.schemas },
      securitySchemes,
    },
    "x-close-codes": Object.fromEntries(
      Object.entries(CLOSE_CODES).map(([name, meaning]) => [CLOSE[name as keyof typeof CLOSE], meaning]),
    ),
  };
}

let built: ReturnType<typeof build> | undefined;

/**
 * The document for a server, built once for the isolate.
 * @param url where the request for the document came in.
 */
export function asyncApiDocument(version: string, url: URL) {
  built ??= build(version);
  const security = Object.keys(securitySchemes).map((name) => ({
    $ref: `#/components/securitySchemes/${name}`,
  }));
  const protocol = url.protocol === "https:" ? "wss" : "ws";
  return { ...built, servers: { this: { host: url.host, protocol, security } } };
}
