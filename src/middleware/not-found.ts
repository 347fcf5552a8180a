/** Answers unknown paths with 404, and known paths with another method with 405 and `Allow` (rule 5). */

import { failure } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { errorResponse } from "./errors.ts";

/** A route: its method, its path, and the pattern of that path. */
interface RoutePattern {
  method: string;
  path: string;
  pattern: RegExp;
}

/** Converts a path to a pattern. `:name` matches one segment, and may have a pattern in braces. */
function toPattern(path: string): RegExp {
  const segments = path.split("/").map((segment) => {
    return segment.startsWith(":") ? "[^/]+" : segment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${segments.join("/")}$`);
}

/**
 * The methods of a path in alphabetical order; empty if there is no such route.
 * @param path without a query.
 */
function methodsOf(routes: readonly RoutePattern[], path: string): string[] {
  const methods = new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].sort();
}

/** The route of a path for any method. Fixed segments are preferred to parameters. */
export function routeOf(routes: readonly RoutePattern[], path: string): string | undefined {
  const parameters = (route: RoutePattern): number => route.path.split("/:").length;
  const fitting = routes.filter(({ pattern }) => pattern.test(path));
  return fitting.sort((one, other) => parameters(one) - parameters(other))[0]?.path;
}

/** An application with routes. */
export interface Routed {
  readonly routes: readonly { method: string; path: string }[];
}

/** The routes of an application after all are mounted. Middleware has the method `ALL` and is left out. */
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
