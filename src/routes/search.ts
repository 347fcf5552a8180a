/** Route of message search. */
import { createRoute } from "@hono/zod-openapi";
import { SearchQuery, SearchResults } from "@rocket-chat-api/protocol";
import { openDirectory } from "../directory/database.ts";
import { searchMessages } from "../directory/search/search.ts";
import { createRouter, errors, json, security } from "./api.ts";

const search = createRoute({
  operationId: "searchMessages",
  method: "get",
  path: "/messages",
  tags: ["Search"],
  security,
  summary: "Search messages",
  description:
    "Finds messages that contain every word of `q`, in the caller's conversations and from the time since they " +
    "joined. Case and accents are ignored. The last word also matches the start of a word.",
  request: { query: SearchQuery },
  responses: { 200: json(SearchResults, "A page of matching messages, newest first."), ...errors },
});

export const searchRoutes = createRouter().openapi(search, async (c) => {
  const query = c.req.valid("query");
  return c.json(await searchMessages(openDirectory(c.env.DB), c.var.caller.user_id, query, Date.now()), 200);
});
