/** What browsers may do with an answer. An API's answers are data: nothing in them runs, loads or is framed. */
import { secureHeaders } from "hono/secure-headers";

/** Headers of every answer; a page that brings its own `Content-Security-Policy` keeps it. */
export function securityHeaders() {
  return secureHeaders({
    overwrite: false,
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: "DENY",
  });
}
