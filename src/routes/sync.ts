/** `GET /sync`: all conversations in one request, for a client that was away (rule 21). */
import { createRoute } from "@hono/zod-openapi";
import { openDirectory } from "../directory/database.ts";
import { type ChangedConversation, changedConversations } from "../directory/sync.ts";
import type { Caller } from "../domain/caller.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import {
  type ConversationChanges,
  type SyncItem,
  SyncPage,
  SyncQuery,
  syncToken,
} from "../protocol/index.ts";
import { createRouter, errors, json, security } from "./api.ts";
import { conversationStub } from "./objects.ts";

/** Changed messages of one conversation in a page; whoever is further behind gets its newest page (`limited`). */
const FEW_MESSAGES = 100;

const sync = createRoute({
  operationId: "sync",
  method: "get",
  path: "/sync",
  tags: ["Sync"],
  security,
  summary: "Get everything that changed since a token; without one, everything",
  request: { query: SyncQuery },
  responses: { 200: json(SyncPage, "A page of changed conversations."), ...errors },
});

/** One conversation's changes, from itself; undefined if the caller left it meanwhile. */
async function changesOf(
  env: Env,
  caller: Caller,
  { item, since }: ChangedConversation,
): Promise<SyncItem | undefined> {
  const stub = conversationStub(env, item.conversation_id);
  // Without a place to start from, the newest page replaces whatever the client has.
  const outcome = (await stub.changes(caller, since ?? null, FEW_MESSAGES)) as Outcome<ConversationChanges>;
  return outcome.ok ? { conversation: item, changes: outcome.body } : undefined;
}

export const syncRoutes = createRouter().openapi(sync, async (c) => {
  const { since, limit } = c.req.valid("query");
  const { caller } = c.var;
  const db = openDirectory(c.env.DB);
  const page = await changedConversations(db, caller.user_id, since, limit, Date.now());
  const items = await Promise.all(page.changed.map((changed) => changesOf(c.env, caller, changed)));
  const body = {
    conversations: items.filter((item) => item !== undefined),
    removed_conversation_ids: page.removed,
    next_token: syncToken(page.next),
    has_more: page.has_more,
    limited: page.limited,
  };
  return c.json(body, 200);
});
