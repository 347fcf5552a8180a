/** Route of `GET /sync`: the changes of all conversations, for a client that was away (rule 21). */
import { createRoute } from "@hono/zod-openapi";
import { MAX_PAGE_BYTES, type SyncItem, SyncPage, SyncQuery, syncToken } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openDirectory } from "../directory/database.ts";
import { type ChangedConversation, changedConversations } from "../directory/sync.ts";
import type { Caller } from "../domain/caller.ts";
import { listItemSeenBy } from "../domain/last-seen.ts";
import { countFitting, sizesOf } from "../domain/page-bytes.ts";
import { MARK_INTERVAL, placeAfter } from "../domain/sync.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { type AppEnv, createRouter, errors, json, security } from "./api.ts";
import { withLinks } from "./message-links.ts";
import { conversationStub } from "./objects.ts";

/**
 * Changed messages of one conversation in a page. A client that is further behind gets the newest page (`limited`). Those
 * that it may have already, because the last mark lies before its token, are not counted against it.
 */
const FEW_MESSAGES = 100 + MARK_INTERVAL - 1;

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

/** Conversations that are asked in parallel. Each answer can be as large as a page. */
const CONCURRENCY = 8;

/** Gets one conversation's changes from its object; undefined if the caller is no longer a member. */
async function changesOf(
  env: Env,
  caller: Caller,
  { conversation_id, item, since, may_have_copy }: ChangedConversation,
): Promise<SyncItem | undefined> {
  if (!item) return undefined;
  const stub = conversationStub(env, conversation_id);
  // Without a start, the newest page replaces everything that the client has.
  const outcome = await stub.changes(caller, since ?? null, FEW_MESSAGES, may_have_copy);
  return outcome.ok ? { conversation: listItemSeenBy(caller, item), changes: outcome.body } : undefined;
}

/**
 * The changes of as many conversations as fit into a page, in order.
 * @returns one entry for each conversation that fits. The others are on the next page.
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

/** Marks the messages of a page as delivered (rule 19). Only those in the page, which is known after it is built. */
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
    // A client that asks for the next page has this one, so that marks it as delivered.
    log("warn", "acknowledging.failed", { ...errorFields(error) });
  }
}

/** A conversation's changes with links to what is attached. */
async function withLinksIn(c: Context<AppEnv>, item: SyncItem): Promise<SyncItem> {
  return { ...item, changes: { ...item.changes, messages: await withLinks(c, item.changes.messages) } };
}

export const syncRoutes = createRouter().openapi(sync, async (c) => {
  const { since, limit } = c.req.valid("query");
  const { caller } = c.var;
  const db = openDirectory(c.env.DB);
  const page = await changedConversations(db, caller.user_id, since, limit, Date.now());
  const items = await fittingChanges(c.env, caller, page.changed);
  const listed = page.changed.slice(0, items.length);
  for (const item of items) if (item) c.executionCtx.waitUntil(acknowledge(c.env, caller, item));
  const hasMore = page.has_more || listed.length < page.changed.length;
  const body = {
    conversations: await Promise.all(items.flatMap((item) => (item ? [withLinksIn(c, item)] : []))),
    removed_conversation_ids: listed.filter((one) => one.is_removed).map((one) => one.conversation_id),
    next_token: syncToken(placeAfter(page.place, listed.at(-1)?.rev, hasMore)),
    unread: page.unread,
    has_more: hasMore,
    limited: page.limited,
  };
  return c.json(body, 200);
});
