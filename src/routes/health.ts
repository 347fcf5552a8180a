/** Whether the Worker is up. It asks nobody, so that a monitor costs nothing and D1 being down is not an outage. */
import { createRoute, z } from "@hono/zod-openapi";
import { createRouter, json } from "./api.ts";

const Health = z.strictObject({ status: z.literal("ok") }).meta({ id: "Health" });

const health = createRoute({
  operationId: "getHealth",
  method: "get",
  path: "/health",
  tags: ["Health"],
  summary: "Whether the service is up",
  responses: { 200: json(Health, "It is.") },
});

export const healthRoutes = createRouter().openapi(health, (c) => c.json({ status: "ok" as const }, 200));
