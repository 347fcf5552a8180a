/** What holds for the query of every route, before any of them reads it. */
import { createMiddleware } from "hono/factory";
import { refuse } from "./errors.ts";

/** A parameter without a value: `name`, or `name=`. */
const WITHOUT_VALUE = /^[^=]*=?$/;

/** The query without its empty parameters. @param query what follows the `?`, as it was sent. */
function withoutEmpty(query: string): string {
  return query
    .split("&")
    .filter((parameter) => !WITHOUT_VALUE.test(parameter))
    .join("&");
}

/**
 * The address without empty parameters in its query; the very same if there are none.
 * @param url as it was sent: nothing in it is decoded or encoded again.
 */
export function dropEmptyParameters(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  const query = withoutEmpty(url.slice(start + 1));
  if (query.length === url.length - start - 1) return url;
  return url.slice(0, start) + (query === "" ? "" : `?${query}`);
}

/** A parameter that is there but empty counts as absent (rule 5). Forms in browsers send all of their fields. */
export function emptyIsAbsent() {
  return createMiddleware(async function dropEmpty(c, next) {
    const url = dropEmptyParameters(c.req.raw.url);
    if (url !== c.req.raw.url) c.req.raw = new Request(url, c.req.raw);
    await next();
  });
}

/** Encoded bytes in a row. A percent sign that encodes nothing stands for itself, as browsers have it. */
const ENCODED = /(?:%[0-9a-f]{2})+/gi;

/** Whether all that is encoded in a query is UTF-8. */
export function isUtf8Query(query: string): boolean {
  try {
    for (const [bytes] of query.matchAll(ENCODED)) decodeURIComponent(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Refuses a query whose bytes are no text: `caf%E9` would be looked for as it stands there. */
export function utf8Query() {
  return createMiddleware(async function checkQuery(c, next) {
    if (!isUtf8Query(new URL(c.req.raw.url).search)) {
      refuse("VALIDATION_ERROR", "The query is not valid UTF-8");
    }
    await next();
  });
}
