/**
 * Builds the AsyncAPI 3 document of the sockets from the schemas that the server parses with. Every member of the
 * command and event unions is included. The components are generated like those of the REST document, so that shared
 * schemas (a `Message`) are equal in both.
 */
import { OpenAPIHono, type z } from "@hono/zod-openapi";
import {
  CLOSE,
  ClientCommand,
  ConversationSocketQuery,
  Message,
  ReadResult,
  ServerEvent,
  SOCKET_OPERATIONS,
  SocketQuery,
} from "@rocket-chat-api/protocol";
import { EXAMPLES } from "./examples.ts";
import { componentFacts, type DeploymentLimits, PARAMETER_FACTS } from "./facts.ts";
import { type JsonObject, open, withExamples, withFacts } from "./schemas.ts";
import { CLOSE_CODES, COMMANDS, LICENSE, SOCKET_INTRODUCTION } from "./texts.ts";

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
function generate() {
  const api = new OpenAPIHono();
  const [commands, events] = [membersOf(ClientCommand), membersOf(ServerEvent)];
  // Not a real route. It makes the REST generator write these schemas.
  api.openAPIRegistry.registerPath({
    method: "post",
    path: "/",
    request: { body: { content: asContent(commands) }, query: ConversationSocketQuery },
    responses: {
      200: { description: "", content: asContent(events) },
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

type Generated = ReturnType<typeof generate>;

const messageRef = (name: string) => ({ $ref: `#/components/messages/${name}` });
const tagRef = (name: string) => [{ $ref: `#/components/tags/${name}` }];
/** Answers are matched by the id of their command. */
const correlationId = { $ref: "#/components/correlationIds/request" };

/** The message name of a command's `ack`. An `ack` with known data is a message of its own. */
const ackName = (command: string) => (command in ACK_DATA ? `${command}.ack` : "ack");
const answersTo = (command: string) => ANSWERS[command] ?? [ackName(command), "error"];

/** All messages, by name: commands, events, acks with known data, and the batch. */
function messagesOf({ commands, events, ackData }: Generated): Record<string, JsonObject> {
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
    "x-close-codes": Object.fromEntries(
      Object.entries(CLOSE_CODES).map(([name, meaning]) => [CLOSE[name as keyof typeof CLOSE], meaning]),
    ),
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
