/**
 * `/health`: whether the Worker runs. It asks nobody, so that a monitor costs nothing and D1 being down restarts nothing.
 * `/health/ready`: whether everything that it needs answers.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { ErrorBody, failure } from "@rocket-chat-api/protocol";
import manifest from "../../package.json" with { type: "json" };
import { failing, readiness } from "../health.ts";
import { errorResponse } from "../middleware/errors.ts";
import { createRouter, json } from "./api.ts";

const { version } = manifest;

const Health = z.strictObject({ status: z.literal("ok"), version: z.string() }).meta({ id: "Health" });

const CheckResult = z
  .strictObject({ ok: z.boolean(), ms: z.int().nonnegative() })
  .meta({ id: "HealthCheck", description: "Whether it answers, and after how many milliseconds." });

const Readiness = z
  .strictObject({
    status: z.literal("ok"),
    version: z.string(),
    checks: z.strictObject({ keys: CheckResult, d1: CheckResult, r2: CheckResult, objects: CheckResult }),
  })
  .meta({ id: "Readiness" });

const health = createRoute({
  operationId: "getHealth",
  method: "get",
  path: "/health",
  tags: ["Health"],
  summary: "Whether the service runs",
  responses: { 200: json(Health, "It runs.") },
});

const ready = createRoute({
  operationId: "getReadiness",
  method: "get",
  path: "/health/ready",
  tags: ["Health"],
  summary: "Whether everything that the service needs answers",
  description:
    "The keys that verify tokens, the directory (D1), the storage of attachments (R2) and an object. The answer may be a second old.",
  responses: {
    200: json(Readiness, "Everything answers."),
    503: json(ErrorBody, "Something does not: `details.checks` names what."),
  },
});

export const healthRoutes = createRouter()
  .openapi(health, (c) => {
    // Pages of every origin may find out that it runs: so the client library tells a refused origin from an outage.
    c.header("Cross-Origin-Resource-Policy", "cross-origin");
    return c.json({ status: "ok" as const, version }, 200);
  })
  .openapi(ready, async (c) => {
    c.header("Cache-Control", "no-store");
    const checks = await readiness(c.env, Date.now(), (work) => c.executionCtx.waitUntil(work));
    const broken = failing(checks);
    if (broken.length === 0) return c.json({ status: "ok" as const, version, checks }, 200);
    const message = `Not ready: ${broken.join(", ")}`;
    // As every error, typed by the table of codes.
    return errorResponse(c, failure("SERVICE_UNAVAILABLE", message, { checks })) as never;
  });
