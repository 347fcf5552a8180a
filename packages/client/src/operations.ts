/**
 * The operations of conversations over REST: a method for each row of the protocol's table that has a route, so that a
 * new row is a new method without a line here.
 */
import type { RestCalls } from "@rocket-chat-api/protocol";
import { type Declaration, declarationOf, OPERATION_NAMES } from "@rocket-chat-api/protocol/facts";
import type { Http, Query } from "./http.ts";

/** One method for each operation. Ids of the path, query and body are given as one object. */
export type OperationMethods = {
  [Name in keyof RestCalls]: (request: RestCalls[Name]["request"]) => Promise<RestCalls[Name]["answer"]>;
};

/** The methods, which ask over `http`. */
export function operationMethods(http: Http): OperationMethods {
  const methods = OPERATION_NAMES.flatMap((name) => {
    const row = declarationOf(name);
    const { rest } = row;
    return rest === undefined
      ? []
      : [[name, (request: object) => ask(http, rest, row.body !== undefined, request)] as const];
  });
  // Made from the table that the type is made from.
  return Object.fromEntries(methods) as unknown as OperationMethods;
}

async function ask(
  http: Http,
  [method, template]: NonNullable<Declaration["rest"]>,
  hasBody: boolean,
  request: object,
): Promise<unknown> {
  const left: Record<string, unknown> = { ...request };
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const { [name]: value } = left;
    delete left[name];
    return pathSegment(name, value);
  });
  return await http.request(method, path, hasBody ? { body: left } : { query: left as Query });
}

/**
 * A value as one segment of a path.
 * @throws TypeError if it cannot be one: an empty segment, or dots, would make the path of another route.
 */
export function pathSegment(name: string, value: unknown): string {
  if (typeof value !== "string" || /^\.{0,2}$/.test(value)) {
    throw new TypeError(`${name} must be a text that can stand in a path, not ${JSON.stringify(value)}`);
  }
  return encodeURIComponent(value);
}
