/** The table of operations by name. */
import type { Declaration } from "./operation-declaration.ts";
import { OPERATIONS } from "./operations.ts";

export type OperationName = keyof typeof OPERATIONS;

/** The declaration of an operation, as any of them. */
export function declarationOf(name: OperationName): Declaration {
  return OPERATIONS[name];
}

/** The names of all operations. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];
