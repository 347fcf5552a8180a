/** Routes where the app's own backend says what users may not write (rule 29). */
import { createRoute } from "@hono/zod-openapi";
import {
  Filter,
  FilterList,
  FilterParams,
  MAX_FILTER_CHARACTERS,
  MAX_FILTERS,
  PutFilter,
} from "@rocket-chat-api/protocol";
import { openDirectory } from "../../directory/database.ts";
import { FILTERS } from "../../directory/filters/cache.ts";
import { deleteFilter, findFilter, listFilters, putFilter } from "../../directory/filters/filters.ts";
import { normalEntry } from "../../domain/filter/filter-set.ts";
import type { Env } from "../../env.ts";
import { refuse } from "../../middleware/errors.ts";
import { createRouter, errors, json, jsonBody, noContent, serverSecurity } from "../api.ts";

const common = { tags: ["Server"], security: serverSecurity };
const request = { params: FilterParams };

const list = createRoute({
  ...common,
  operationId: "serverListFilters",
  method: "get",
  path: "/moderation/filters",
  summary: "List the filters, without their entries",
  responses: { 200: json(FilterList, "All filters, by name."), ...errors },
});

const get = createRoute({
  ...common,
  operationId: "serverGetFilter",
  method: "get",
  path: "/moderation/filters/{name}",
  summary: "Get a filter with its entries",
  request,
  responses: { 200: json(Filter, "The filter."), ...errors },
});

const put = createRoute({
  ...common,
  operationId: "serverPutFilter",
  method: "put",
  path: "/moderation/filters/{name}",
  summary: "Make a filter of words or domains, or replace one",
  description:
    "Filters hold for what users write from now on: messages, edits, captions, names of files, groups and people. They reach " +
    "all parts of the service within half a minute.",
  request: { ...request, body: jsonBody(PutFilter) },
  responses: {
    200: json(Filter, "The filter, which was there before."),
    201: json(Filter, "The new filter."),
    ...errors,
  },
});

const remove = createRoute({
  ...common,
  operationId: "serverDeleteFilter",
  method: "delete",
  path: "/moderation/filters/{name}",
  summary: "Delete a filter",
  description: "What it has masked stays masked. Repeating it is harmless.",
  request,
  responses: { 204: noContent, ...errors },
});

/** Refuses entries of which nothing is left to look for. */
function requireEntries({ type, entries }: PutFilter): void {
  const issues = entries.flatMap((entry, i) =>
    normalEntry(type, entry) === undefined
      ? [{ path: `entries.${i}`, message: type === "words" ? "shows nothing" : "is no name of a domain" }]
      : [],
  );
  if (issues.length > 0) refuse("VALIDATION_ERROR", undefined, { issues: issues.slice(0, MAX_ISSUES) });
}

/** Invalid entries that an answer names. */
const MAX_ISSUES = 20;

/** This isolate knows of a change when it is answered. */
async function changed(env: Env): Promise<void> {
  await FILTERS.changed(openDirectory(env.DB), Date.now());
}

export const serverFilterRoutes = createRouter()
  .openapi(list, async (c) => c.json({ filters: await listFilters(openDirectory(c.env.DB)) }, 200))
  .openapi(get, async (c) => {
    const filter = await findFilter(openDirectory(c.env.DB), c.req.valid("param").name);
    return c.json(filter ?? refuse("NOT_FOUND", "No such filter"), 200);
  })
  .openapi(put, async (c) => {
    const wanted = c.req.valid("json");
    requireEntries(wanted);
    const { match = "whole_word" } = wanted;
    const { name } = c.req.valid("param");
    const result = await putFilter(openDirectory(c.env.DB), { ...wanted, name, match }, Date.now());
    if ("limit" in result) {
      refuse("LIMIT_REACHED", undefined, {
        limit: result.limit,
        max: result.limit === "filters" ? MAX_FILTERS : MAX_FILTER_CHARACTERS,
      });
    }
    await changed(c.env);
    return c.json(result.filter, result.isNew ? 201 : 200);
  })
  .openapi(remove, async (c) => {
    await deleteFilter(openDirectory(c.env.DB), c.req.valid("param").name);
    await changed(c.env);
    return c.body(null, 204);
  });
