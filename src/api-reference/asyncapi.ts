/**
 * Builds the AsyncAPI 3 document of the sockets from the schemas that the server parses with. Every member of the
 * command and event unions is included. The components are generated like those of the REST document, so that shared
 * schemas (a `Message`) are equal in both.
 */
import type { z } from "@hono/zod-openapi";
import { ConversationSocketQuery, SOCKET_OPERATIONS, SocketQuery } from "@rocket-chat-api/protocol";
import { answersTo, type Generated, generate, messagesOf, tagRef } from "./asyncapi-messages.ts";
import { EXAMPLES } from "./examples.ts";
import { componentFacts, type DeploymentLimits, PARAMETER_FACTS } from "./facts.ts";
import { type JsonObject, open, withExamples, withFacts } from "./schemas.ts";
import { COMMANDS, closeCodes, LICENSE, SOCKET_INTRODUCTION } from "./texts.ts";

const messageRef = (name: string) => ({ $ref: `#/components/messages/${name}` });

/** The query parameters of a socket's address, as one schema. */
function querySchema({ parameters }: Generated, query: z.ZodObject): JsonObject {
  const known = parameters.filter(({ name }) => name in query.shape);
  const properties = known.map(({ name, schema }) => {
    return [name, { ...schema, ...PARAMETER_FACTS[`query ${name}`] }] as const;
  });
  return { type: "object", properties: Object.fromEntries(properties) };
}

interface Socket {
  id: string;
  query: z.ZodObject;
  description: JsonObject;
}

/** The description of a command, from the table of operations. */
function summaryOf(command: string): string {
  const operation = SOCKET_OPERATIONS.find(({ type }) => type === command);
  if (!operation) throw new Error(`${command} has no description`);
  return `${operation.row.summary}.`;
}

/** The channel and the operations of one kind of socket. */
function describeSocket(generated: Generated, names: string[], { id, query, description }: Socket) {
  const channel = { $ref: `#/channels/${id}` };
  const own = (name: string) => ({ $ref: `#/channels/${id}/messages/${name}` });
  const commands = Object.keys(generated.commands).map((command) => {
    const answers = answersTo(command);
    const operation = {
      action: "receive",
      title: command,
      description: COMMANDS[command] ?? summaryOf(command),
      channel,
      messages: [own(command)],
      ...(answers.length > 0 ? { reply: { channel, messages: answers.map(own) } } : {}),
    };
    return [`${id}.${command}`, operation] as const;
  });
  const headers = {
    type: "object",
    properties: { Authorization: { type: "string", description: "`Bearer <token>`, instead of the query." } },
  };
  return {
    channel: {
      ...description,
      messages: Object.fromEntries(names.map((name) => [name, messageRef(name)])),
      bindings: {
        ws: { method: "GET", query: querySchema(generated, query), headers, bindingVersion: "0.1.0" },
      },
    },
    operations: {
      ...Object.fromEntries(commands),
      [`${id}.events`]: {
        action: "send",
        title: "Events",
        description: "What the server sends: each event in a frame, or many in a batch.",
        channel,
        messages: [...Object.keys(generated.events), "batch"].map(own),
      },
    },
  };
}

const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  token: { type: "httpApiKey", in: "query", name: "token", description: "A bearer token." },
  ticket: {
    type: "httpApiKey",
    in: "query",
    name: "ticket",
    description: "From `POST /api/v1/ws/ticket`: valid once, for 30 seconds. Recommended for browsers.",
  },
};

const SOCKETS: Socket[] = [
  {
    id: "user",
    query: SocketQuery,
    description: {
      address: "/ws",
      title: "The user's socket",
      description: "Events of all the user's conversations, on any number of devices.",
    },
  },
  {
    id: "conversation",
    query: ConversationSocketQuery,
    description: {
      address: "/api/v1/conversations/{conversation_id}/ws",
      title: "A conversation's own socket",
      description: "The same events of that one conversation; a command for another is refused.",
      parameters: { conversation_id: { description: "The conversation's id." } },
    },
  },
];

const TAGS = {
  commands: { name: "Commands", description: "What clients send." },
  events: { name: "Events", description: "What the server sends." },
};

function publishSchemas(schemas: JsonObject, limits: DeploymentLimits): JsonObject {
  return open(withExamples(withFacts(schemas, componentFacts(limits)), EXAMPLES));
}

/** Builds the document without its server. */
export function buildAsyncApi(version: string, limits: DeploymentLimits) {
  const generated = generate();
  const messages = messagesOf(generated);
  const sockets = SOCKETS.map((socket) => {
    return [socket.id, describeSocket(generated, Object.keys(messages), socket)] as const;
  });
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Rocket Chat API: sockets",
      version,
      description: SOCKET_INTRODUCTION,
      license: LICENSE,
      tags: Object.keys(TAGS).flatMap(tagRef),
    },
    defaultContentType: "application/json",
    channels: Object.fromEntries(sockets.map(([id, { channel }]) => [id, channel])),
    operations: Object.assign({}, ...sockets.map(([, { operations }]) => operations)) as Record<
      string,
      JsonObject
    >,
    components: {
      messages,
      schemas: publishSchemas(generated.schemas, limits),
      securitySchemes: SECURITY_SCHEMES,
      correlationIds: {
        request: {
          description: "The answer to a command repeats the command's `request_id`.",
          location: "$message.payload#/request_id",
        },
      },
      tags: TAGS,
    },
    "x-close-codes": Object.fromEntries(closeCodes()),
  };
}

/** The server of the document. @param url of the request for it. */
export function asyncApiServers(url: URL) {
  const security = Object.keys(SECURITY_SCHEMES).map((name) => ({
    $ref: `#/components/securitySchemes/${name}`,
  }));
  const protocol = url.protocol === "https:" ? "wss" : "ws";
  return { this: { host: url.host, protocol, security } };
}
