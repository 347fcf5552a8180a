/** Security and cache headers. Answers are data: nothing in them may run, load or be framed. */
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";

/** One year. A browser that has used https once never uses http for this host again. */
const TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains";

const secure = secureHeaders({
  overwrite: false,
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    baseUri: ["'none'"],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  strictTransportSecurity: false,
});

/**
 * Sets the headers of every answer. Headers that a route has set are kept, such as the `Content-Security-Policy` of a
 * page.
 */
export function securityHeaders() {
  return createMiddleware(async function secureAnswer(c, next) {
    const { protocol } = new URL(c.req.url);
    await secure(c, async () => {
      await next();
      // The headers of an accepted socket cannot be changed.
      if (c.res.status === 101) return;
      if (protocol === "https:") c.header("Strict-Transport-Security", TRANSPORT_SECURITY);
      // Answers are private, so nothing may cache them unless the route allows it. This includes errors, because
      // browsers may cache 404 and 405 by default.
      if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
    });
  });
}
