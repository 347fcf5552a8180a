/** Conversations: list, create, details. */
import { createRoute } from "@hono/zod-openapi";
import { listConversations } from "../directory/conversations.ts";
import { openDirectory } from "../directory/database.ts";
import { claimDirectPair } from "../directory/pairs.ts";
import { findUsers, toCaller, toUser } from "../directory/users.ts";
import type { Caller } from "../domain/caller.ts";
import { type Env, limitsOf } from "../env.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import {
  Conversation,
  ConversationList,
  ConversationListQuery,
  ConversationParams,
  type ConversationSnapshot,
  CreateDirect,
  CreateGroup,
  newConversationId,
} from "../protocol/index.ts";
import { createRouter, errors, json, jsonBody, security } from "./api.ts";
import { conversationStub } from "./objects.ts";

const tags = ["Conversations"];

const list = createRoute({
  method: "get",
  path: "/",
  tags,
  security,
  summary: "List conversations",
  request: { query: ConversationListQuery },
  responses: { 200: json(ConversationList, "The caller's conversations, newest activity first."), ...errors },
});

const createDirect = createRoute({
  method: "post",
  path: "/direct",
  tags,
  security,
  summary: "Create a direct conversation",
  request: { body: jsonBody(CreateDirect) },
  responses: {
    200: json(Conversation, "It existed; the same body."),
    201: json(Conversation, "The new conversation."),
    ...errors,
  },
});

const createGroup = createRoute({
  method: "post",
  path: "/group",
  tags,
  security,
  summary: "Create a group conversation",
  request: { body: jsonBody(CreateGroup) },
  responses: { 201: json(Conversation, "The new conversation."), ...errors },
});

const details = createRoute({
  method: "get",
  path: "/{conversation_id}",
  tags,
  security,
  summary: "Get conversation details",
  request: { params: ConversationParams },
  responses: { 200: json(Conversation, "The conversation."), ...errors },
});

/** The users behind these ids; refuses if one does not exist. */
async function requireUsers(env: Env, ids: string[]): Promise<Caller[]> {
  const rows = await findUsers(openDirectory(env.DB), ids);
  const byId = new Map(rows.map((row) => [row.user_id, toCaller(row)]));
  const unknown = ids.filter((id) => !byId.has(id));
  if (unknown.length > 0) refuse("NOT_FOUND", "No such user", { user_ids: unknown.slice(0, 20) });
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Adds what only the directory knows: who is online. Without it the conversation is still shown. */
async function withPresence(env: Env, snapshot: ConversationSnapshot): Promise<Conversation> {
  const ids = snapshot.participants.map((participant) => participant.user_id);
  const rows = await findUsers(openDirectory(env.DB), ids).catch(() => []);
  const users = new Map(rows.map((row) => [row.user_id, toUser(row)]));
  const participants = snapshot.participants.map((participant) => ({
    ...participant,
    is_online: users.get(participant.user_id)?.is_online ?? false,
    last_seen_at: users.get(participant.user_id)?.last_seen_at ?? null,
  }));
  return { ...snapshot, participants };
}

export const conversationRoutes = createRouter()
  .openapi(list, async (c) => {
    const { page, limit } = c.req.valid("query");
    const db = openDirectory(c.env.DB);
    return c.json(await listConversations(db, c.var.caller.user_id, page, limit), 200);
  })
  .openapi(createDirect, async (c) => {
    const { user_id } = c.req.valid("json");
    const { caller } = c.var;
    if (user_id === caller.user_id) refuse("VALIDATION_ERROR", "A direct conversation needs somebody else");
    const others = await requireUsers(c.env, [user_id]);
    const conversation_id = await claimDirectPair(openDirectory(c.env.DB), caller.user_id, user_id);
    const outcome = await conversationStub(c.env, conversation_id).create({
      conversation_id,
      type: "direct",
      name: null,
      description: null,
      creator: caller,
      others,
    });
    return c.json(await withPresence(c.env, bodyOf(outcome)), outcome.ok ? outcome.status : 200);
  })
  .openapi(createGroup, async (c) => {
    const { name, description, participant_ids } = c.req.valid("json");
    const { caller } = c.var;
    const ids = [...new Set(participant_ids)].filter((id) => id !== caller.user_id);
    const { maxGroupMembers } = limitsOf(c.env);
    if (ids.length + 1 > maxGroupMembers) {
      refuse("VALIDATION_ERROR", `A group has at most ${maxGroupMembers} members`);
    }
    const conversation_id = newConversationId();
    const outcome = await conversationStub(c.env, conversation_id).create({
      conversation_id,
      type: "group",
      name,
      description: description ?? null,
      creator: caller,
      others: await requireUsers(c.env, ids),
    });
    return c.json(await withPresence(c.env, bodyOf(outcome)), 201);
  })
  .openapi(details, async (c) => {
    const { conversation_id } = c.req.valid("param");
    const outcome = await conversationStub(c.env, conversation_id).details(c.var.caller);
    return c.json(await withPresence(c.env, bodyOf(outcome)), 200);
  });
