/**
 * Holds what tests send and hear against the documents as they are served: what the server takes must fit the request
 * that it describes, what it says must fit the answer. That the answers have no field too many is for `contract.ts`.
 */
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { createApp } from "../../src/app.ts";

interface Media {
  content?: Record<string, { schema?: object } | undefined>;
}

interface Operation {
  parameters?: { in: string; name: string; required?: boolean; schema: { type?: unknown } }[];
  requestBody?: Media;
  responses: Record<string, (Media & { $ref?: string }) | undefined>;
}

interface RestDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Media> };
}

interface SocketDocument {
  components: { messages: Record<string, { payload: object }> };
}

/** A document as a deployment without settings of its own serves it. */
async function served<Document>(path: string): Promise<Document> {
  return await (await createApp().request(`https://chat.test${path}`, {}, {})).json();
}

const rest = await served<RestDocument>("/openapi.json");
const sockets = await served<SocketDocument>("/asyncapi.json");

const restAjv = addFormats.default(new Ajv2020({ strict: false, validateSchema: false }));
restAjv.addSchema(rest, "document");
const socketAjv = addFormats.default(new Ajv({ strict: false, validateSchema: false }));
socketAjv.addSchema(sockets, "document");

const compiled = new Map<object, ValidateFunction>();

/** What is wrong with a value by a schema of a document, or undefined. */
function fault(ajv: Ajv | Ajv2020, schema: object, value: unknown): string | undefined {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')));
    compiled.set(schema, validate);
  }
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

/** The operations; of two that match a path, the one with fewer parameters is meant. */
const operations = Object.entries(rest.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  .map(({ path, ...one }) => ({
    ...one,
    names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name),
    pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "([^/]+)")}$`),
  }))
  .sort((one, other) => one.names.length - other.names.length);

const JSON_TYPE = "application/json";

/** A parameter as it was given, in the type that its schema wants. */
function given(text: string, { type }: { type?: unknown }): unknown {
  return type === "integer" && /^-?\d+$/.test(text) ? Number(text) : text;
}

/** What is wrong with the parameters of a request that was taken. */
function parameterFaults(operation: Operation, path: Record<string, string>, query: URLSearchParams) {
  return (operation.parameters ?? []).flatMap(({ in: place, name, required, schema }) => {
    // Header names are for transport: what tests send in them reaches here in no form that could be compared.
    if (place === "header") return [];
    const text = place === "path" ? path[name] : (query.get(name) ?? undefined);
    // There but empty counts as absent (rule 5).
    if (text === undefined || text === "") return required ? [`${place} ${name} is missing`] : [];
    const wrong = fault(restAjv, schema, given(text, schema));
    return wrong ? [`${place} ${name}: ${wrong}`] : [];
  });
}

/**
 * What is wrong with an exchange by the published document, or undefined. A request is looked at where it was taken.
 * @param sent the body of the request, if it is JSON.
 */
export function publishedFault(
  method: string,
  url: string,
  status: number,
  answer: unknown,
  sent?: unknown,
): string | undefined {
  const { pathname, searchParams } = new URL(url, "https://chat.test");
  const found = operations.find((one) => one.method === method && one.pattern.test(pathname));
  // What is no route is refused, and in no document.
  if (!found) return undefined;
  const { operation, pattern, names } = found;
  const entry = operation.responses[status] ?? operation.responses.default;
  if (entry === undefined) return `${status} is not described`;
  const response = entry.$ref ? rest.components.responses[entry.$ref.split("/").at(-1) ?? ""] : entry;
  const schema = response?.content?.[JSON_TYPE]?.schema;
  const wrong = schema && answer !== undefined ? fault(restAjv, schema, answer) : undefined;
  if (wrong) return `the answer: ${wrong}`;
  if (status >= 300) return undefined;
  const values = pattern.exec(pathname)?.slice(1).map(decodeURIComponent) ?? [];
  const path = Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
  const faults = parameterFaults(operation, path, searchParams);
  const body = operation.requestBody?.content?.[JSON_TYPE]?.schema;
  const wrongBody = body && sent !== undefined ? fault(restAjv, body, sent) : undefined;
  if (wrongBody) faults.push(`the body: ${wrongBody}`);
  return faults.length > 0 ? `the request was taken, but ${faults.join("; ")}` : undefined;
}

/** What is wrong with a command that was taken, or with an event, by the published document; undefined if nothing is. */
export function publishedFrameFault(name: string, frame: unknown): string | undefined {
  const message = sockets.components.messages[name];
  if (!message) return `no message is called ${name}`;
  const wrong = fault(socketAjv, message.payload, frame);
  return wrong && `${name}: ${wrong}`;
}
