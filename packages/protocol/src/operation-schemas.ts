/** The schemas that the table of operations names. */
import { z } from "zod";
import * as conversations from "./conversations.ts";
import * as messages from "./messages.ts";
import type { Declaration } from "./operation-declaration.ts";
import { declarationOf, OPERATION_NAMES, type OperationName } from "./operation-names.ts";
import * as reactions from "./reactions.ts";
import * as receipts from "./receipt-schemas.ts";
import * as requests from "./requests.ts";
import * as moderation from "./room-moderation.ts";

const SCHEMAS: Readonly<Record<string, unknown>> = {
  ...conversations,
  ...messages,
  ...moderation,
  ...reactions,
  ...receipts,
  ...requests,
};

/** The schema of this name. @throws if there is none, which the types of the table rule out. */
export function schemaNamed(name: string): z.ZodType {
  const schema = SCHEMAS[name];
  if (!(schema instanceof z.ZodType)) throw new Error(`no schema is called ${name}`);
  return schema;
}

/** A schema of an object, for a place where only an object can stand. */
export function objectNamed(name: string): z.ZodObject {
  const schema = schemaNamed(name);
  if (!(schema instanceof z.ZodObject)) throw new Error(`${name} is no object`);
  return schema;
}

/** The operations that have a command over the sockets, with the command's type. */
export const SOCKET_OPERATIONS: readonly { name: OperationName; type: string; row: Declaration }[] =
  OPERATION_NAMES.flatMap((name) => {
    const row = declarationOf(name);
    if (row.socket === undefined) return [];
    // A frame has no place for them, so the handler would lack a part of its input.
    if (row.params !== undefined || row.query !== undefined) throw new Error(`${name} cannot be a command`);
    return [{ name, type: row.socket, row }];
  });
