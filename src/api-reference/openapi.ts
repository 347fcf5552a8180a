/**
 * The REST document: what the routes say of themselves, and what holds for all of them (errors, headers, limits,
 * examples), which is added here, so that no route has to repeat it.
 */
import { ERRORS, type ErrorCode } from "@rocket-chat-api/protocol";
import { EXAMPLES, PARAMETER_EXAMPLES } from "./examples.ts";
import { componentFacts, type DeploymentLimits, PARAMETER_FACTS } from "./facts.ts";
import { isObject, type JsonObject, open, withExamples, withFacts } from "./schemas.ts";
import { TAGS } from "./texts.ts";

/** What a route says of itself. */
interface Operation extends JsonObject {
  operationId?: string;
  tags?: string[];
  security?: object[];
  parameters?: (JsonObject & { in: string; name: string; required?: boolean })[];
  requestBody?: { content: Record<string, JsonObject> };
  responses: Record<string, JsonObject>;
}

/** A document as the generator makes it. */
export interface GeneratedDocument {
  paths?: object | undefined;
  components?: { schemas?: object | undefined } | undefined;
}

const header = (description: string, schema: JsonObject) => ({ description, schema });
const ref = (place: string) => ({ $ref: `#/components/${place}` });
const headerRefs = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, ref(`headers/${name}`)]));

const HEADERS = {
  "X-Request-Id": header("Identifies this request in the server's log.", { type: "string" }),
  "Retry-After": header("Seconds to wait before another attempt.", { type: "integer", minimum: 0 }),
  "RateLimit-Limit": header("The size of the budget that this request counted against.", {
    type: "integer",
  }),
  "RateLimit-Policy": header("The budget: `100;w=60` is 100 in 60 seconds.", { type: "string" }),
  "RateLimit-Remaining": header("What is left of the budget. Sent only when that is 0.", { type: "integer" }),
  "RateLimit-Reset": header("Seconds until the budget is full again, at most.", { type: "integer" }),
  "WWW-Authenticate": header("How to authenticate.", { type: "string" }),
};

const BUDGET = ["RateLimit-Limit", "RateLimit-Policy"];

/** Headers of the errors of a status, beside `X-Request-Id`. */
const ERROR_HEADERS: Readonly<Record<number, string[]>> = {
  401: ["WWW-Authenticate"],
  429: ["Retry-After", ...BUDGET, "RateLimit-Remaining", "RateLimit-Reset"],
  503: ["Retry-After"],
};

/** The name of the response of a status: a component. */
const responseName = (status: number) => `Error${status}`;

/** A response for each of these statuses. */
function errorResponses(used: readonly number[]): JsonObject {
  return Object.fromEntries(
    used.map((status) => {
      const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].status === status);
      const description = codes.map((code) => `\`${code}\`: ${ERRORS[code].message}.`).join(" ");
      const headers = headerRefs("X-Request-Id", ...(ERROR_HEADERS[status] ?? []));
      const content = { "application/json": { schema: ref("schemas/Error") } };
      return [responseName(status), { description, headers, content }];
    }),
  );
}

/** Operations that may meet what contradicts them. */
const CONFLICTS = ["sendMessage", "editMessage", "addReaction"];

/** The errors that an operation may be answered with, by what it takes. `default` stands for all others. */
function errorsOf(path: string, operation: Operation): number[] {
  const { operationId, security, parameters, requestBody, responses } = operation;
  if (!("default" in responses)) return [];
  const names = path.includes("{") || requestBody !== undefined;
  const takes = names || (parameters ?? []).length > 0;
  return [
    ...(takes ? [400] : []),
    ...(security?.length ? [401] : []),
    ...(names ? [403, 404] : []),
    ...(CONFLICTS.includes(operationId ?? "") ? [409] : []),
    ...(requestBody ? [413] : []),
    429,
    503,
  ];
}

/** A success with the headers that every one of them has. */
function withHeaders(response: JsonObject): JsonObject {
  const own = isObject(response.headers) ? response.headers : {};
  return { ...response, headers: { ...headerRefs("X-Request-Id", ...BUDGET), ...own } };
}

function publishResponses(path: string, operation: Operation): JsonObject {
  const limited = "default" in operation.responses;
  const described = Object.entries(operation.responses).map(([status, response]) => {
    return [status, limited && status.startsWith("2") ? withHeaders(response) : response] as const;
  });
  const added = errorsOf(path, operation).map((status) => [status, ref(`responses/${responseName(status)}`)]);
  return { ...Object.fromEntries(added), ...Object.fromEntries(described) };
}

function publishParameter(
  parameter: JsonObject & { in: string; name: string; required?: boolean },
): JsonObject {
  const place = `${parameter.in} ${parameter.name.toLowerCase()}`;
  const schema = isObject(parameter.schema) ? { ...parameter.schema, ...PARAMETER_FACTS[place] } : {};
  const isNeeded = parameter.required === true && place in PARAMETER_EXAMPLES;
  return { ...parameter, schema, ...(isNeeded ? { example: PARAMETER_EXAMPLES[place] } : {}) };
}

/** A body with the example of its component beside the schema, where tools look for it first. */
function publishBody(body: NonNullable<Operation["requestBody"]>): JsonObject {
  const content = Object.entries(body.content).map(([type, media]) => {
    const name = isObject(media.schema) ? String(media.schema.$ref).split("/").at(-1) : undefined;
    const example = EXAMPLES[name as keyof typeof EXAMPLES];
    return [type, example === undefined ? media : { ...media, example }] as const;
  });
  return { ...body, content: Object.fromEntries(content) };
}

function publishOperation(path: string, operation: Operation): Operation {
  const { parameters, requestBody } = operation;
  return {
    ...operation,
    // Said aloud: without it a tool cannot tell a public route from a forgotten one.
    security: operation.security ?? [],
    ...(parameters ? { parameters: parameters.map(publishParameter) } : {}),
    ...(requestBody ? { requestBody: publishBody(requestBody) } : {}),
    responses: publishResponses(path, operation),
  } as Operation;
}

/** The document that is published. @param generated from the routes. */
export function publishRest<Document extends GeneratedDocument>(
  generated: Document,
  limits: DeploymentLimits,
) {
  const schemas = withExamples(
    withFacts((generated.components?.schemas ?? {}) as JsonObject, componentFacts(limits)),
    EXAMPLES,
  );
  const paths = Object.entries(generated.paths ?? {}).map(([path, methods]: [string, object]) => {
    const operations = Object.entries(methods).map(([method, operation]: [string, Operation]) => {
      return [method, publishOperation(path, operation)] as const;
    });
    return [path, Object.fromEntries(operations)] as const;
  });
  const operations = paths.flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, operation })),
  );
  const tags = new Set(operations.flatMap(({ operation }) => operation.tags ?? []));
  const statuses = new Set(operations.flatMap(({ path, operation }) => errorsOf(path, operation)));
  return {
    ...generated,
    tags: TAGS.filter(({ name }) => tags.has(name)),
    paths: Object.fromEntries(paths),
    components: {
      ...generated.components,
      schemas: open(schemas),
      headers: HEADERS,
      responses: errorResponses([...statuses].sort()),
    },
  };
}
