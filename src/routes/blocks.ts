/** Routes of blocks: whom the caller has blocked (rule 29). Their hub owns the list. */
import { createRoute } from "@hono/zod-openapi";
import { Block, BlockPage, BlockParams, BlocksQuery, timestamp } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openDirectory } from "../directory/database.ts";
import { findUsers, toCaller } from "../directory/users.ts";
import type { BlockRequestName, BlockRequests, StoredBlock } from "../domain/block-requests.ts";
import { type Caller, summaryOf } from "../domain/caller.ts";
import { errorFields, log } from "../log.ts";
import { anonymous } from "../middleware/callers.ts";
import { bodyOf } from "../middleware/errors.ts";
import { hubObject } from "../realtime/objects.ts";
import { type AppEnv, createRouter, errors, json, noContent, security } from "./api.ts";

const common = { tags: ["Blocks"], security };

const put = createRoute({
  ...common,
  operationId: "blockUser",
  method: "put",
  path: "/blocks/{user_id}",
  summary: "Block a user",
  description:
    "Nobody tells them. Repeating it gives the same answer. A user who has never been here can be blocked too.",
  request: { params: BlockParams },
  responses: { 200: json(Block, "The block."), ...errors },
});

const remove = createRoute({
  ...common,
  operationId: "unblockUser",
  method: "delete",
  path: "/blocks/{user_id}",
  summary: "Unblock a user",
  description: "What they have said is there again.",
  request: { params: BlockParams },
  responses: { 204: noContent, ...errors },
});

const list = createRoute({
  ...common,
  operationId: "listBlocks",
  method: "get",
  path: "/blocks",
  summary: "List the users whom I have blocked",
  request: { query: BlocksQuery },
  responses: { 200: json(BlockPage, "A page of blocks, newest first."), ...errors },
});

/** Asks the caller's hub. */
async function ask<Name extends BlockRequestName>(
  c: Context<AppEnv>,
  name: Name,
  input: BlockRequests[Name]["input"],
): Promise<BlockRequests[Name]["result"]> {
  const { user_id } = c.var.caller;
  return bodyOf(await hubObject(c.env, user_id).askBlocks(user_id, name, input));
}

/** The profiles of users, by id; undefined if the directory does not answer. */
async function profilesOf(c: Context<AppEnv>, ids: string[]) {
  try {
    const rows = await findUsers(openDirectory(c.env.DB), ids);
    return new Map(rows.map((row) => [row.user_id, toCaller(row)]));
  } catch (error) {
    log("warn", "profile.unavailable", { ...errorFields(error) });
    return undefined;
  }
}

/** A block as clients see it. A user whose profile is not known has a name made of their id. */
function toBlock({ user_id, blocked_at }: StoredBlock, profiles?: ReadonlyMap<string, Caller>): Block {
  const user = summaryOf(profiles?.get(user_id) ?? anonymous(user_id));
  return { user, blocked_at: timestamp(blocked_at) };
}

export const blockRoutes = createRouter()
  .openapi(put, async (c) => {
    const { user_id } = c.req.valid("param");
    // Nobody is looked up before: it works while the directory is down, and says nothing about who exists.
    const [block, profiles] = await Promise.all([ask(c, "block", { user_id }), profilesOf(c, [user_id])]);
    return c.json(toBlock(block, profiles), 200);
  })
  .openapi(remove, async (c) => {
    await ask(c, "unblock", c.req.valid("param"));
    return c.body(null, 204);
  })
  .openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { blocks, next_cursor } = await ask(c, "list", { limit, cursor });
    const ids = blocks.map(({ user_id }) => user_id);
    const profiles = ids.length > 0 ? await profilesOf(c, ids) : undefined;
    const page = blocks.map((block) => toBlock(block, profiles));
    return c.json({ blocks: page, next_cursor: next_cursor?.toString() ?? null }, 200);
  });
