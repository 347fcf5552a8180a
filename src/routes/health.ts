/**
 * Health routes. `/health` only says that the Worker runs; it calls nothing, so monitoring is free and an outage of D1
 * causes no restarts. `/health/ready` checks everything that the service needs.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { ErrorBody, failure } from "@rocket-chat-api/protocol";
import manifest from "../../package.json" with { type: "json" };
import { commitOf, failing, readiness } from "../health.ts";
import { errorResponse } from "../middleware/errors.ts";
import { createRouter, json } from "./api.ts";

const { version } = manifest;

const Version = {
  version: z.string(),
  commit: z.string().nullable().meta({
    description: "What this version was made from; null where it was not deployed by `npm run deploy`.",
  }),
};

const Health = z.strictObject({ status: z.literal("ok"), ...Version }).meta({ id: "Health" });

const CheckResult = z
  .strictObject({ ok: z.boolean(), ms: z.int().nonnegative() })
  .meta({ id: "HealthCheck", description: "Whether it answered, and how many milliseconds that took." });

const Readiness = z
  .strictObject({
    status: z.literal("ok"),
    ...Version,
    checks: z.strictObject({ keys: CheckResult, d1: CheckResult, r2: CheckResult, objects: CheckResult }),
  })
  .meta({ id: "Readiness" });

const health = createRoute({
  operationId: "getHealth",
  method: "get",
  path: "/health",
  tags: ["Health"],
  summary: "Check that the Worker is running",
  responses: { 200: json(Health, "Healthy.") },
});

const ready = createRoute({
  operationId: "getReadiness",
  method: "get",
  path: "/health/ready",
  tags: ["Health"],
  summary: "Check that everything the service needs is available",
  description:
    "Checks the keys that verify tokens, the directory (D1), the attachment storage (R2) and a Durable Object. Results are cached for one second.",
  responses: {
    200: json(Readiness, "Ready."),
    503: json(ErrorBody, "Not ready: `details.checks` says what failed."),
  },
});

export const healthRoutes = createRouter()
  .openapi(health, (c) => {
    // Pages of every origin may read this. The client library uses it to tell a refused origin from an outage.
    c.header("Cross-Origin-Resource-Policy", "cross-origin");
    return c.json({ status: "ok" as const, version, commit: commitOf(c.env) }, 200);
  })
  .openapi(ready, async (c) => {
    c.header("Cache-Control", "no-store");
    const checks = await readiness(c.env, Date.now(), (work) => c.executionCtx.waitUntil(work));
    const broken = failing(checks);
    if (broken.length === 0)
      return c.json({ status: "ok" as const, version, commit: commitOf(c.env), checks }, 200);
    const message = `Not ready: ${broken.join(", ")}`;
    // Error statuses are not in the types of this route.
    return errorResponse(c, failure("SERVICE_UNAVAILABLE", message, { checks })) as never;
  });
