/** `GET /sync`: all conversations in one request, for a client that was away (rule 21). */
import { createRoute } from "@hono/zod-openapi";
import { MAX_PAGE_BYTES, type SyncItem, SyncPage, SyncQuery, syncToken } from "@rocket-chat-api/protocol";
import { openDirectory } from "../directory/database.ts";
import { type ChangedConversation, changedConversations } from "../directory/sync.ts";
import type { Caller } from "../domain/caller.ts";
import { countFitting, sizesOf } from "../domain/page-bytes.ts";
import { placeAfter } from "../domain/sync.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
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
  summary: "Get everything that changed since a token, or everything if there is no token",
  request: { query: SyncQuery },
  responses: { 200: json(SyncPage, "A page of changed conversations."), ...errors },
});

/** Conversations that are asked at the same time: each may answer with as much as a page. */
const CONCURRENCY = 8;

/** One conversation's changes, from itself; undefined if the caller is not in it any more. */
async function changesOf(
  env: Env,
  caller: Caller,
  { conversation_id, item, since }: ChangedConversation,
): Promise<SyncItem | undefined> {
  if (!item) return undefined;
  const stub = conversationStub(env, conversation_id);
  // Without a place to start from, the newest page replaces whatever the client has.
  const outcome = await stub.changes(caller, since ?? null, FEW_MESSAGES);
  return outcome.ok ? { conversation: item, changes: outcome.body } : undefined;
}

/**
 * The changes of as many of these conversations as fit into a page, in their order.
 * @returns one for each conversation that fits; what was asked for beyond that comes with the next page.
 */
async function fittingChanges(
  env: Env,
  caller: Caller,
  changed: readonly ChangedConversation[],
): Promise<(SyncItem | undefined)[]> {
  const items: (SyncItem | undefined)[] = [];
  for (let next = 0; next < changed.length; next += CONCURRENCY) {
    const some = changed.slice(next, next + CONCURRENCY);
    items.push(...(await Promise.all(some.map((one) => changesOf(env, caller, one)))));
    const fit = countFitting(
      sizesOf(
        items.map((item) => item ?? null),
        MAX_PAGE_BYTES,
      ),
      MAX_PAGE_BYTES,
    );
    if (fit < items.length) return items.slice(0, fit);
  }
  return items;
}

/** What a page hands over is delivered (rule 19): only what is in it, which is known when it is made. */
async function acknowledge(env: Env, caller: Caller, { changes }: SyncItem): Promise<void> {
  const newest = changes.messages.findLast((message) => message.sender_id !== caller.user_id);
  if (!newest) return;
  const { conversation_id, message_id } = newest;
  try {
    await conversationStub(env, conversation_id).execute(caller, {
      operation: "markAsDelivered",
      message_id,
      input: {},
    });
  } catch (error) {
    // The next page begins behind it, and whoever comes from there has it.
    log("warn", "acknowledging.failed", { ...errorFields(error) });
  }
}

export const syncRoutes = createRouter().openapi(sync, async (c) => {
  const { since, limit } = c.req.valid("query");
  const { caller } = c.var;
  const db = openDirectory(c.env.DB);
  const page = await changedConversations(db, caller.user_id, since, limit, Date.now());
  const items = await fittingChanges(c.env, caller, page.changed);
  const told = page.changed.slice(0, items.length);
  for (const item of items) if (item) c.executionCtx.waitUntil(acknowledge(c.env, caller, item));
  const hasMore = page.has_more || told.length < page.changed.length;
  const body = {
    conversations: items.filter((item) => item !== undefined),
    removed_conversation_ids: told.filter((one) => one.is_removed).map((one) => one.conversation_id),
    next_token: syncToken(placeAfter(page.place, told.at(-1)?.rev, hasMore)),
    has_more: hasMore,
    limited: page.limited,
  };
  return c.json(body, 200);
});
