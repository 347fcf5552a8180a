/** Conversations: list, create, details, change, leave, and the caller's own preferences. */
import { createRoute } from "@hono/zod-openapi";
import { listConversations } from "../directory/conversations.ts";
import { openDirectory } from "../directory/database.ts";
import { InvalidCursor } from "../directory/list-cursor.ts";
import { claimDirectPair, findDirectPair } from "../directory/pairs.ts";
import { updatePreferences } from "../directory/preferences.ts";
import { limitsOf } from "../env.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import {
  Conversation,
  ConversationList,
  ConversationListQuery,
  ConversationParams,
  CreateDirect,
  CreateGroup,
  encodeEvent,
  newConversationId,
  Preferences,
  UpdateConversation,
  UpdatePreferences,
} from "../protocol/index.ts";
import { createRouter, errors, json, jsonBody, noContent, security } from "./api.ts";
import { act, conversationStub, hubStub } from "./objects.ts";
import { requireCallerAnd, requirePhotoHost, toConversation } from "./presenters.ts";
import { spendQuota } from "./quotas.ts";

const tags = ["Conversations"];

const list = createRoute({
  operationId: "listConversations",
  method: "get",
  path: "/",
  tags,
  security,
  summary: "List conversations",
  request: { query: ConversationListQuery },
  responses: {
    200: json(ConversationList, "The caller's conversations, pinned first, then newest activity."),
    ...errors,
  },
});

const createDirect = createRoute({
  operationId: "createDirectConversation",
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
  operationId: "createGroupConversation",
  method: "post",
  path: "/group",
  tags,
  security,
  summary: "Create a group conversation",
  request: { body: jsonBody(CreateGroup) },
  responses: { 201: json(Conversation, "The new conversation."), ...errors },
});

const details = createRoute({
  operationId: "getConversation",
  method: "get",
  path: "/{conversation_id}",
  tags,
  security,
  summary: "Get conversation details",
  request: { params: ConversationParams },
  responses: { 200: json(Conversation, "The conversation."), ...errors },
});

const update = createRoute({
  operationId: "updateConversation",
  method: "put",
  path: "/{conversation_id}",
  tags,
  security,
  summary: "Change a conversation's name, description, photo or settings",
  request: { params: ConversationParams, body: jsonBody(UpdateConversation) },
  responses: { 200: json(Conversation, "The updated conversation."), ...errors },
});

const leave = createRoute({
  operationId: "leaveConversation",
  method: "delete",
  path: "/{conversation_id}",
  tags,
  security,
  summary: "Leave a conversation; a direct one is hidden until the next message",
  request: { params: ConversationParams },
  responses: { 204: noContent, ...errors },
});

const preferences = createRoute({
  operationId: "updatePreferences",
  method: "patch",
  path: "/{conversation_id}/preferences",
  tags,
  security,
  summary: "Mute, pin or archive a conversation for yourself",
  request: { params: ConversationParams, body: jsonBody(UpdatePreferences) },
  responses: { 200: json(Preferences, "The caller's preferences."), ...errors },
});

export const conversationRoutes = createRouter()
  .openapi(list, async (c) => {
    const db = openDirectory(c.env.DB);
    try {
      const { user_id } = c.var.caller;
      return c.json(await listConversations(db, user_id, c.req.valid("query"), Date.now()), 200);
    } catch (error) {
      if (error instanceof InvalidCursor) refuse("VALIDATION_ERROR", "The cursor is not one of ours");
      throw error;
    }
  })
  .openapi(createDirect, async (c) => {
    const { user_id } = c.req.valid("json");
    const { caller } = c.var;
    if (user_id === caller.user_id) refuse("VALIDATION_ERROR", "A direct conversation needs somebody else");
    const [creator, ...others] = await requireCallerAnd(c.env, caller, [user_id]);
    const db = openDirectory(c.env.DB);
    // To open what exists is not to make it.
    const known = await findDirectPair(db, caller.user_id, user_id);
    if (known === undefined) await spendQuota(c, { create: 1 });
    const conversation_id = known ?? (await claimDirectPair(db, caller.user_id, user_id));
    const beginning = { conversation_id, type: "direct" as const, name: null, description: null };
    const stub = conversationStub(c.env, conversation_id);
    const outcome = await stub.create({ ...beginning, creator, others });
    return c.json(await toConversation(c.env, bodyOf(outcome)), outcome.ok ? outcome.status : 200);
  })
  .openapi(createGroup, async (c) => {
    const { name, description = null, participant_ids } = c.req.valid("json");
    const { caller } = c.var;
    const ids = [...new Set(participant_ids)].filter((id) => id !== caller.user_id);
    const { maxGroupMembers } = limitsOf(c.env);
    if (ids.length + 1 > maxGroupMembers) {
      refuse("VALIDATION_ERROR", `A group has at most ${maxGroupMembers} members`);
    }
    const conversation_id = newConversationId();
    const [creator, ...others] = await requireCallerAnd(c.env, caller, ids);
    await spendQuota(c, { create: 1, invite: ids.length });
    const beginning = { conversation_id, type: "group" as const, name, description };
    const stub = conversationStub(c.env, conversation_id);
    const outcome = await stub.create({ ...beginning, creator, others });
    return c.json(await toConversation(c.env, bodyOf(outcome)), 201);
  })
  .openapi(details, async (c) => {
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    return c.json(await toConversation(c.env, bodyOf(await stub.details(c.var.caller))), 200);
  })
  .openapi(update, async (c) => {
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    const patch = c.req.valid("json");
    requirePhotoHost(c.env, patch.photo_url);
    const outcome = await act(stub, c.var.caller, { type: "update", patch });
    return c.json(await toConversation(c.env, bodyOf(outcome)), 200);
  })
  .openapi(leave, async (c) => {
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    bodyOf(await act(stub, c.var.caller, { type: "leave" }));
    return c.body(null, 204);
  })
  .openapi(preferences, async (c) => {
    const { conversation_id } = c.req.valid("param");
    const { caller } = c.var;
    bodyOf(await conversationStub(c.env, conversation_id).membership(caller));
    const patch = c.req.valid("json");
    const db = openDirectory(c.env.DB);
    const data = await updatePreferences(db, caller.user_id, conversation_id, patch, Date.now());
    const frame = encodeEvent({ type: "preferences.updated", conversation_id, data });
    c.executionCtx.waitUntil(hubStub(c.env, caller.user_id).notify(frame, conversation_id));
    return c.json(data, 200);
  });
