/** Normalises and checks the query string before any route reads it. */
import { createMiddleware } from "hono/factory";
import { refuse } from "./errors.ts";

/** A parameter without a value: `name`, or `name=`. */
const WITHOUT_VALUE = /^[^=]*=?$/;

/** Removes empty parameters. @param query the text after the `?`, as it was sent. */
function withoutEmpty(query: string): string {
  return query
    .split("&")
    .filter((parameter) => !WITHOUT_VALUE.test(parameter))
    .join("&");
}

/**
 * Removes empty parameters from a URL. Returns the same string if there are none.
 * @param url as it was sent; it is not decoded or encoded again.
 */
export function dropEmptyParameters(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  const query = withoutEmpty(url.slice(start + 1));
  if (query.length === url.length - start - 1) return url;
  return url.slice(0, start) + (query === "" ? "" : `?${query}`);
}

/** Treats an empty parameter as absent (rule 5). HTML forms send all of their fields. */
export function emptyIsAbsent() {
  return createMiddleware(async function dropEmpty(c, next) {
    const url = dropEmptyParameters(c.req.raw.url);
    if (url !== c.req.raw.url) c.req.raw = new Request(url, c.req.raw);
    await next();
  });
}

/** Consecutive encoded bytes. Like in browsers, a percent sign without two hex digits stands for itself. */
const ENCODED = /(?:%[0-9a-f]{2})+/gi;

/** Whether the encoded bytes of a query are UTF-8. */
export function isUtf8Query(query: string): boolean {
  try {
    for (const [bytes] of query.matchAll(ENCODED)) decodeURIComponent(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Refuses a query that is not UTF-8. Otherwise a search for `caf%E9` would look for that literal text. */
export function utf8Query() {
  return createMiddleware(async function checkQuery(c, next) {
    if (!isUtf8Query(new URL(c.req.raw.url).search)) {
      refuse("VALIDATION_ERROR", "The query is not valid UTF-8");
    }
    await next();
  });
}
