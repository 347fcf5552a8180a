/** Browsers on the origins of `ALLOWED_ORIGINS` may call the API; tokens travel in a header, so no credentials. */
import type { Context } from "hono";
import { cors } from "hono/cors";
import type { Env } from "../env.ts";
import { mayUse } from "./origins.ts";
import { RATE_LIMIT_HEADERS } from "./rate-limit.ts";

/** Seconds that a browser may remember the answer to a preflight: the most that any of them accepts. */
const PREFLIGHT_TTL_SECONDS = 86_400;

/** What a file says of itself; browsers' scripts see `Content-Type` and `Content-Length` anyway. */
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
    ],
    exposeHeaders: ["X-Request-Id", "Retry-After", ...RATE_LIMIT_HEADERS, ...FILE_HEADERS],
    maxAge: PREFLIGHT_TTL_SECONDS,
  });
}
