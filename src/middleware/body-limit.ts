/** Refuses bodies that are too large, before anything reads them. */
import { failure, MAX_BODY_BYTES, MAX_FILTER_BYTES } from "@rocket-chat-api/protocol";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { errorResponse } from "./errors.ts";

/** A filter has thousands of entries. */
const FILTER_PATH = /^\/api\/v1\/server\/moderation\/filters\//;

function limitTo(max_bytes: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: max_bytes,
    onError: (c) => errorResponse(c, failure("PAYLOAD_TOO_LARGE", undefined, { max_bytes })),
  });
}

/** Limits every body, by its path. */
export function limitBody(): MiddlewareHandler {
  const [usual, ofFilters] = [limitTo(MAX_BODY_BYTES), limitTo(MAX_FILTER_BYTES)];
  return async function limitBodyByPath(c, next) {
    return await (FILTER_PATH.test(c.req.path) ? ofFilters : usual)(c, next);
  };
}
