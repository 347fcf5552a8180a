/** Builds the REST document: the routes, plus what is common to all of them (errors, headers, limits, examples). */
import { declarationOf, ERRORS, type ErrorCode, OPERATION_NAMES } from "@rocket-chat-api/protocol";
import { EXAMPLES, PARAMETER_EXAMPLES } from "./examples.ts";
import { componentFacts, type DeploymentLimits, PARAMETER_FACTS } from "./facts.ts";
import { isObject, type JsonObject, open, withExamples, withFacts } from "./schemas.ts";
import { TAGS } from "./texts.ts";

/** A generated operation. */
interface Operation extends JsonObject {
  operationId?: string;
  tags?: string[];
  security?: object[];
  parameters?: (JsonObject & { in: string; name: string; required?: boolean })[];
  requestBody?: { content: Record<string, JsonObject> };
  responses: Record<string, JsonObject>;
}

/** A generated document. */
interface GeneratedDocument {
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

/** Headers of error responses by status, besides `X-Request-Id`. */
const ERROR_HEADERS: Readonly<Record<number, string[]>> = {
  401: ["WWW-Authenticate"],
  429: ["Retry-After", ...BUDGET, "RateLimit-Remaining", "RateLimit-Reset"],
  503: ["Retry-After"],
};

/** The component name of the response for a status. */
const responseName = (status: number) => `Error${status}`;

/** The components of these error statuses. */
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

/** Operations that can answer 409. */
const CONFLICTS: readonly string[] = [
  ...OPERATION_NAMES.filter((name) => declarationOf(name).conflicts),
  ...["serverCreateConversation", "serverSendMessage"],
];

/** The error statuses of an operation, by what it takes. `default` covers all others. */
function errorsOf(path: string, operation: Operation): number[] {
  const { operationId, security, parameters, requestBody, responses } = operation;
  if (!("default" in responses)) return [];
  const names = path.includes("{") || requestBody !== undefined;
  const takes = names || (parameters ?? []).length > 0;
  // A link that is not valid is refused with 403, and fetching by one counts in no budget.
  const isLinked = (security ?? []).some((one) => "link" in one);
  return [
    ...(takes ? [400] : []),
    ...(security?.length && !isLinked ? [401] : []),
    ...(names ? [403, 404] : []),
    ...(CONFLICTS.includes(operationId ?? "") ? [409] : []),
    ...(requestBody ? [413] : []),
    ...(isLinked ? [] : [429]),
    503,
  ];
}

/** Adds the common headers to a success. */
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

/** Copies the example of the component beside the schema, where tools look first. */
function publishBody(body: NonNullable<Operation["requestBody"]>): JsonObject {
  const content = Object.entries(body.content).map(([type, media]) => {
    const name = isObject(media.schema) ? String(media.schema.$ref).split("/").at(-1) : undefined;
    const example = EXAMPLES[name as keyof typeof EXAMPLES];
    return [type, example === undefined ? media : { ...media, example }] as const;
  });
  return { ...body, content: Object.fromEntries(content) };
}

/** The scope that a server needs for a path; undefined if it may not use it. */
type ScopeOf = (path: string) => string | undefined;

/**
 * The ways to authenticate. Wherever a user's token opens a route, a server may act as a user. Empty for public routes:
 * explicit, so that tools can tell one from a forgotten one.
 */
function publishSecurity(path: string, { security = [] }: Operation, scopeOf: ScopeOf): object[] {
  const scopes = [scopeOf(path) ?? []].flat();
  return security.flatMap((one) => {
    if ("server" in one) return [{ server: scopes }];
    return "bearer" in one ? [one, { server: scopes, actAs: [] }] : [one];
  });
}

function publishOperation(path: string, operation: Operation, scopeOf: ScopeOf): Operation {
  const { parameters, requestBody } = operation;
  return {
    ...operation,
    security: publishSecurity(path, operation, scopeOf),
    ...(parameters ? { parameters: parameters.map(publishParameter) } : {}),
    ...(requestBody ? { requestBody: publishBody(requestBody) } : {}),
    responses: publishResponses(path, operation),
  } as Operation;
}

/** Completes the document. @param generated from the routes. @param scopeOf what a server needs for each path. */
export function publishRest<Document extends GeneratedDocument>(
  generated: Document,
  limits: DeploymentLimits,
  scopeOf: ScopeOf,
) {
  const schemas = withExamples(
    withFacts((generated.components?.schemas ?? {}) as JsonObject, componentFacts(limits)),
    EXAMPLES,
  );
  const paths = Object.entries(generated.paths ?? {}).map(([path, methods]: [string, object]) => {
    const operations = Object.entries(methods).map(([method, operation]: [string, Operation]) => {
      return [method, publishOperation(path, operation, scopeOf)] as const;
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
