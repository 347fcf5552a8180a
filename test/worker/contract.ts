/** Holds whatever the service says in a test against its schema; a field that the schema does not declare fails too. */

import { CustomEvent, ErrorBody, ServerEvent } from "@rocket-chat-api/protocol";
import { z } from "zod";
import { createApp } from "../../src/app.ts";
import { publishedFault, publishedFrameFault } from "./published.ts";

interface Described {
  method: string;
  pattern: RegExp;
  parameters: number;
  responses: Record<string, { content?: Record<string, { schema?: unknown } | undefined> } | undefined>;
}

/** The routes as the application describes them; of two that match, the one with fewer parameters is meant. */
const routes: Described[] = createApp()
  .openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === "route" ? [definition.route] : [],
  )
  .map(({ method, path, responses }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
    parameters: path.split("{").length,
    responses: responses as Described["responses"],
  }))
  .sort((one, other) => one.parameters - other.parameters);

/** Paths of the fields of `value` that did not survive parsing. */
function undeclared(value: unknown, parsed: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return value === parsed ? [] : [path];
  if (typeof parsed !== "object" || parsed === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    key in parsed
      ? undeclared(inner, parsed[key as keyof typeof parsed], `${path}/${key}`)
      : [`${path}/${key}`],
  );
}

/** What is wrong with a value, or undefined. */
function fault(schema: z.ZodType, value: unknown): string | undefined {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const fields = undeclared(value, parsed.data);
  return fields.length > 0 ? `not as declared: ${fields.join(", ")}` : undefined;
}

/** The schema of an answer; null if it has no body, undefined if it is not described. */
function schemaOf(method: string, path: string, status: number): z.ZodType | null | undefined {
  const route = routes.find((described) => described.method === method && described.pattern.test(path));
  // What is not a route is refused as such: an unknown path, or a known one with another method.
  const refusal = { content: { "application/json": { schema: ErrorBody } } };
  const responses: Described["responses"] = route?.responses ?? { 401: refusal, 404: refusal, 405: refusal };
  const response = responses[status] ?? responses.default;
  if (response === undefined) return undefined;
  const schema = response.content?.["application/json"]?.schema;
  return schema instanceof z.ZodType ? schema : null;
}

/**
 * Fails unless an answer is one that its route describes, to a field, and the exchange fits the published document.
 * @param path with or without a query. @param sent the body of the request, if it is JSON.
 */
export function checkAnswer(
  method: string,
  path: string,
  status: number,
  body: unknown,
  sent?: unknown,
): void {
  const place = `${method} ${path} answered ${status}`;
  const schema = schemaOf(method, path.split("?")[0] ?? "", status);
  if (schema === undefined) throw new Error(`${place}, which its route does not describe`);
  const wrong = schema ? fault(schema, body) : body !== undefined && "a body, where none is described";
  if (wrong) throw new Error(`${place}: ${wrong}\n${JSON.stringify(body)}`);
  const unpublished = publishedFault(method, path, status, body, sent);
  if (unpublished) throw new Error(`${place}, which /openapi.json does not allow: ${unpublished}`);
}

/** Events that were not as the protocol has them; the test in which they were heard fails. */
export const strayEvents: string[] = [];

/** Notes an event that is not as the protocol has it, or not as it is published. */
export function checkEvent(event: unknown): void {
  const type = typeof event === "object" && event !== null && "type" in event ? String(event.type) : "";
  const isCustom = type.startsWith("custom.");
  const wrong =
    fault(isCustom ? CustomEvent : ServerEvent, event) ??
    publishedFrameFault(isCustom ? "custom" : type, event);
  if (wrong) strayEvents.push(`${wrong}\n${JSON.stringify(event)}`);
}

/** Notes a command that was taken, or its `ack`, where the published document does not allow it. */
export function checkCommand(command: { type?: unknown }, answer: ServerEvent): void {
  if (answer.type !== "ack") return;
  const type = String(command.type);
  const wrong = publishedFrameFault(type, command) ?? ackFault(type, answer);
  if (wrong) strayEvents.push(`${wrong}\n${JSON.stringify([command, answer])}`);
}

function ackFault(type: string, answer: unknown): string | undefined {
  const wrong = publishedFrameFault(`${type}.ack`, answer);
  return wrong?.startsWith("no message") ? undefined : wrong;
}
