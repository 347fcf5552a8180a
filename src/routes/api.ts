/** Shared by the route files: the app's type, validation, and common responses. */
import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { ErrorBody, validationFailure } from "@rocket-chat-api/protocol";
import type { RequestIdVariables } from "hono/request-id";
import type { Env } from "../env.ts";
import type { AuthVariables } from "../middleware/auth.ts";
import { errorResponse } from "../middleware/errors.ts";

export interface AppEnv {
  Bindings: Env;
  Variables: RequestIdVariables & AuthVariables;
}

/** A router whose validators answer with `VALIDATION_ERROR`. Ignores a slash at the end of a path. */
export function createRouter() {
  return new OpenAPIHono<AppEnv>({
    strict: false,
    defaultHook: (result, c) => {
      if (!result.success) return errorResponse(c, validationFailure(result.error));
      return undefined;
    },
  });
}

/** A JSON response of a route's description. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A success without a body (204). */
export const noContent = { description: "Done." };

/** A required JSON body of a route's description. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/** The error response of every route. */
export const errors = { default: json(ErrorBody, "An error: see `code`.") };

export const security = [{ bearer: [] }];

/** For routes that only the app's own backend may use (rule 28). */
export const serverSecurity = [{ server: [] }];

/** For files that a signed link leads to (rule 26). */
export const linkSecurity = [{ link: [] }];

/** Ways to open a socket (rule 4). */
export const socketSecurity = [{ bearer: [] }, { token: [] }, { ticket: [] }];
