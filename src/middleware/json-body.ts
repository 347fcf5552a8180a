/** Bodies are JSON in UTF-8 whatever a client calls them: the guide's own examples name no type. */
import { createMiddleware } from "hono/factory";
import { refuse } from "./errors.ts";

/** Whether these bytes are UTF-8. Reading them as text would put U+FFFD where they are not, and keep that. */
function isUtf8(bytes: ArrayBuffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Refuses a body that is not UTF-8, and marks any other as JSON, so that what does not parse is refused as such. */
export function jsonBody() {
  return createMiddleware(async function assumeJson(c, next) {
    const { method, body } = c.req.raw;
    if (method !== "GET" && method !== "HEAD" && body) {
      const bytes = await c.req.raw.arrayBuffer();
      if (!isUtf8(bytes)) refuse("VALIDATION_ERROR", "The body is not valid UTF-8");
      const headers = new Headers(c.req.raw.headers);
      headers.set("content-type", "application/json");
      c.req.raw = new Request(c.req.raw, { headers, body: bytes });
    }
    await next();
  });
}
