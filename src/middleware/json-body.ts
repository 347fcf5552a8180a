/** Bodies are JSON whatever a client calls them: the guide's own examples name no type. */
import { createMiddleware } from "hono/factory";

const JSON_TYPE = /^application\/([a-z0-9.+-]+\+)?json\b/i;

/** Marks a body as JSON, so that what does not parse is refused as such. */
export function jsonBody() {
  return createMiddleware(async function assumeJson(c, next) {
    const { method, body } = c.req.raw;
    if (method !== "GET" && body && !JSON_TYPE.test(c.req.header("content-type") ?? "")) {
      const headers = new Headers(c.req.raw.headers);
      headers.set("content-type", "application/json");
      c.req.raw = new Request(c.req.raw, { headers });
    }
    await next();
  });
}
