/** Treats every request body as JSON in UTF-8, whatever its `Content-Type`: the guide's examples send none. */

import { withoutMark } from "@rocket-chat-api/protocol";
import { createMiddleware } from "hono/factory";
import { refuse } from "./errors.ts";

/** Decodes a body; undefined if it is not UTF-8. A lenient decoder would replace invalid bytes by U+FFFD. */
function textOf(bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Refuses a body that is not UTF-8, and sets its type to JSON, so that the validators parse it. */
export function jsonBody() {
  return createMiddleware(async function assumeJson(c, next) {
    const { method, body } = c.req.raw;
    if (method !== "GET" && method !== "HEAD" && body) {
      const text = textOf(await c.req.raw.arrayBuffer());
      if (text === undefined) refuse("VALIDATION_ERROR", "The body is not valid UTF-8");
      const headers = new Headers(c.req.raw.headers);
      headers.set("content-type", "application/json");
      c.req.raw = new Request(c.req.raw, { headers, body: withoutMark(text) });
    }
    await next();
  });
}
