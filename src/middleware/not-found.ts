/** What is no route: an unknown path is 404, a known path with another method is 405 with `Allow` (rule 5). */

import { failure } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { errorResponse } from "./errors.ts";

/** A route as its method, its path as it was mounted, and that path's pattern. */
interface RoutePattern {
  method: string;
  path: string;
  pattern: RegExp;
}

/** `:name` stands for one segment, and may carry a pattern of its own in braces. */
function toPattern(path: string): RegExp {
  const segments = path.split("/").map((segment) => {
    return segment.startsWith(":") ? "[^/]+" : segment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${segments.join("/")}$`);
}

/**
 * The methods that a path takes, in alphabetical order; none if it is no route.
 * @param path without a query.
 */
export function methodsOf(routes: readonly RoutePattern[], path: string): string[] {
  const methods = new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].sort();
}

/** The route of a path, whatever the method: a fixed segment goes before one that stands for any. */
export function routeOf(routes: readonly RoutePattern[], path: string): string | undefined {
  const parameters = (route: RoutePattern): number => route.path.split("/:").length;
  const fitting = routes.filter(({ pattern }) => pattern.test(path));
  return fitting.sort((one, other) => parameters(one) - parameters(other))[0]?.path;
}

/** What has routes. */
export interface Routed {
  readonly routes: readonly { method: string; path: string }[];
}

/** The routes of an application once all are mounted. Middleware has the method `ALL`. */
export function patternsOf(app: Routed): RoutePattern[] {
  const routes = app.routes.filter(({ method }) => method !== "ALL");
  return routes.map(({ method, path }) => ({ method, path, pattern: toPattern(path) }));
}

/**
 * Hono's `notFound` of an application.
 * @param app its routes are read at the first unknown request, when all are mounted.
 */
export function notFound(app: Routed) {
  let routes: RoutePattern[] | undefined;
  return function answerNotFound(c: Context): Response {
    routes ??= patternsOf(app);
    const methods = methodsOf(routes, c.req.path);
    if (methods.length === 0) return errorResponse(c, failure("NOT_FOUND", "No such route"));
    c.header("Allow", methods.join(", "));
    return errorResponse(c, failure("METHOD_NOT_ALLOWED", undefined, { allow: methods }));
  };
}
