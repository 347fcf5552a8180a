/** `GET /metrics`: what the service has counted, for Prometheus and its kin. */
import { createRoute, z } from "@hono/zod-openapi";
import { exposition, OPEN_METRICS } from "../metrics/exposition.ts";
import { readMetrics } from "../metrics/report.ts";
import { bearerToken, identify } from "../middleware/auth.ts";
import { ApiError, refuse } from "../middleware/errors.ts";
import { countActor } from "../middleware/rate-limit.ts";
import { createRouter, errors, serverSecurity } from "./api.ts";

const ONLY = "Metrics are for a server credential with the scope `stats`";

const read = createRoute({
  operationId: "getMetrics",
  method: "get",
  path: "/metrics",
  tags: ["Health"],
  summary: "Get what the service has counted, in the OpenMetrics format",
  description:
    "Needs a server credential with the scope `stats`; a user's token is answered with 401. Numbers are those of the whole " +
    "deployment, up to 10 seconds old while it is busy. docs/operating.md says what each one means.",
  security: serverSecurity,
  responses: {
    200: { description: "The metrics.", content: { "application/openmetrics-text": { schema: z.string() } } },
    ...errors,
  },
});

export const metricsRoutes = createRouter().openapi(read, async (c) => {
  const bearer = bearerToken(c.req.header("authorization"));
  if (!bearer) refuse("UNAUTHORIZED", ONLY);
  await identify(c, bearer).catch((error: unknown) => {
    // Whose token it is does not matter: for users there is nothing here.
    if (error instanceof ApiError && c.get("actor")?.kind === "user") refuse("UNAUTHORIZED", ONLY);
    throw error;
  });
  await countActor(c);
  const text = exposition(await readMetrics(c.env));
  return c.body(text, 200, { "Content-Type": OPEN_METRICS, "Cache-Control": "no-store" }) as never;
});
