/** CORS for the origins of `ALLOWED_ORIGINS`. Tokens are sent in a header, so credentials are not allowed. */
import type { Context } from "hono";
import { cors } from "hono/cors";
import type { Env } from "../env.ts";
import { mayUse } from "./origins.ts";
import { RATE_LIMIT_HEADERS } from "./rate-limit.ts";

/** How long browsers may cache a preflight, in seconds: the largest value that any of them accepts. */
const PREFLIGHT_TTL_SECONDS = 86_400;

/** Headers of attachments. Scripts can read `Content-Type` and `Content-Length` without this. */
const FILE_HEADERS = ["Accept-Ranges", "Content-Disposition", "Content-Range", "ETag"];

/** Cross-origin access for browsers. */
export function crossOrigin() {
  return cors({
    origin: (origin, c: Context<{ Bindings: Env }>) => (mayUse(c.env, origin, c.req.url) ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: [
      "Authorization",
      "Content-Type",
      "Idempotency-Key",
      "If-None-Match",
      "If-Range",
      "Range",
      "X-Request-Id",
      // What instrumented pages add to each request by themselves: a refused preflight would break them.
      "traceparent",
      "tracestate",
    ],
    exposeHeaders: ["X-Request-Id", "Retry-After", ...RATE_LIMIT_HEADERS, ...FILE_HEADERS],
    maxAge: PREFLIGHT_TTL_SECONDS,
  });
}
