/** What browsers, and caches in between, may do with an answer. Answers are data: nothing in them runs, loads or is framed. */
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";

/** A year. A name that has once been reached over TLS is never asked without it. */
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

/** Headers of every answer; what a route has set, a page's own `Content-Security-Policy` for example, stays. */
export function securityHeaders() {
  return createMiddleware(async function secureAnswer(c, next) {
    const { protocol } = new URL(c.req.url);
    await secure(c, async () => {
      await next();
      // The headers of a socket that is handed over are not ours to change.
      if (c.res.status === 101) return;
      if (protocol === "https:") c.header("Strict-Transport-Security", TRANSPORT_SECURITY);
      // An answer is its asker's own and is kept by nobody, unless its route says otherwise. Errors too: a browser may
      // keep a 404 or 405 by itself.
      if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
    });
  });
}
