/** Logs one line for each request, without tokens, query strings, texts or ids in paths. */
import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { hashedId } from "../auth/hashed-id.ts";
import type { Actor } from "../domain/actor.ts";
import { log } from "../log.ts";
import { methodLabel } from "../metrics/labels.ts";
import { metrics } from "../metrics/metrics.ts";
import { type MetricsBindings, reportIfDue } from "../metrics/report.ts";
import type { AuthVariables } from "./auth.ts";
import { patternsOf, type Routed, routeOf } from "./not-found.ts";
import type { TraceVariables } from "./trace.ts";

interface Variables extends Partial<TraceVariables>, Partial<AuthVariables> {}

/**
 * Logs each request after it is answered.
 * @param app its routes name requests that no handler took, because of another method or an early refusal.
 */
export function requestLog(app: Routed) {
  let routes: ReturnType<typeof patternsOf> | undefined;
  return createMiddleware<{ Bindings: MetricsBindings & { IDENTITY_SECRET?: string }; Variables: Variables }>(
    async function logRequest(c, next) {
      const start = Date.now();
      await next();
      // Middleware is mounted on wildcards. Of the matching routes the first one answers: `/users/me` before
      // `/users/:user_id`.
      let route = matchedRoutes(c).find(({ path }) => !path.endsWith("*"))?.path;
      if (route === undefined) {
        routes ??= patternsOf(app);
        route = routeOf(routes, c.req.path);
      }
      const now = Date.now();
      metrics.add("requests", 1, methodLabel(c.req.method), route ?? "none", String(c.res.status));
      metrics.observe("request_seconds", (now - start) / 1_000);
      log("info", "request.answered", {
        method: c.req.method,
        route: route ?? "none",
        status: c.res.status,
        duration_ms: now - start,
        ...whoAsks(c.env.IDENTITY_SECRET, c.get("actor"), c.get("caller")?.user_id),
        // The answer never says this.
        token_refused: c.get("tokenRefused"),
        parent_span_id: c.get("parentSpanId"),
      });
      reportIfDue(c.env, now, (work) => c.executionCtx.waitUntil(work));
    },
  );
}

/** What the line says of who asks: a user, a server, or a server in a user's name. Nothing of who is not known. */
function whoAsks(secret: string | undefined, actor: Actor | undefined, userId: string | undefined) {
  return {
    caller: actor?.kind,
    ...(userId !== undefined && { user: hashedId(secret, userId) }),
    ...(actor?.kind === "server" && { credential: actor.credential.id }),
  };
}
