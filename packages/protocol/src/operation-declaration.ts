/** What the table of operations says of each. */
import type { z } from "zod";
import type * as conversations from "./conversations.ts";
import type { RATE_LIMITS } from "./limits.ts";
import type * as messages from "./messages.ts";
import type * as reactions from "./reactions.ts";
import type * as receipts from "./receipt-schemas.ts";
import type * as requests from "./requests.ts";
import type * as moderation from "./room-moderation.ts";

/** The schemas that a row can name. */
export type Schemas = typeof conversations &
  typeof messages &
  typeof moderation &
  typeof reactions &
  typeof receipts &
  typeof requests;
/** The name of one of them. */
export type SchemaName = {
  [Name in keyof Schemas]: Schemas[Name] extends z.ZodType ? Name : never;
}[keyof Schemas];

/** One operation. */
export interface Declaration {
  /** The target: the conversation itself, or one of its messages. */
  on: "conversation" | "message";
  /** The budget that it counts against, as a request and as a command (rule 24). */
  budget: Exclude<keyof typeof RATE_LIMITS, "address" | "server">;
  /** Method and path, behind `/api/v1`. */
  rest?: readonly ["GET" | "POST" | "PUT" | "PATCH" | "DELETE", string];
  /** The type of its command over a socket: the address, and the body as `data`. Such a row has no `params` and `query`. */
  socket?: string;
  /** The parts of the request besides the ids of its path. The handler gets all of them as one input. */
  params?: SchemaName;
  query?: SchemaName;
  headers?: SchemaName;
  body?: SchemaName;
  /** The field of the body that names the message, where the path does not. */
  message?: string;
  /** The answer; null is none (204). */
  result: SchemaName | null;
  /** The answer of REST, where that is more than the conversation knows. */
  shown?: SchemaName;
  tag: string;
  summary: string;
  /** The description of the answer: of 200, and of 201 if something new was created. */
  answers?: { readonly 200?: string; readonly 201?: string };
  /** It can conflict with what is stored (409). */
  conflicts?: true;
  /** It reads or writes for many users, so it is refused if it cannot be counted. */
  isCostly?: true;
}
