/** Routes of conversations that need the directory: list, create, and preferences. */
import { createRoute } from "@hono/zod-openapi";
import {
  Conversation,
  ConversationList,
  ConversationListQuery,
  ConversationParams,
  CreateDirect,
  CreateGroup,
  encodeEvent,
  failure,
  newConversationId,
  Preferences,
  UpdatePreferences,
} from "@rocket-chat-api/protocol";
import { blocksAmong } from "../directory/blocks.ts";
import { listConversations } from "../directory/conversations.ts";
import { openDirectory } from "../directory/database.ts";
import { InvalidCursor } from "../directory/list-cursor.ts";
import { claimDirectPair, findDirectPair } from "../directory/pairs.ts";
import { updatePreferences } from "../directory/preferences.ts";
import { textsOfGroup, toGroup } from "../domain/filter/group-texts.ts";
import { listItemSeenBy } from "../domain/last-seen.ts";
import { ApiError, bodyOf, refuse } from "../middleware/errors.ts";
import { filterTexts } from "../middleware/filters.ts";
import { hubObject } from "../realtime/objects.ts";
import { limitsOf } from "../settings.ts";
import { createRouter, errors, json, jsonBody, security } from "./api.ts";
import { requireAddable, termsOfDirect } from "./consent.ts";
import { conversationStub } from "./objects.ts";
import { requireCallerAnd, toConversation } from "./presenters.ts";
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
    200: json(Conversation, "The conversation that already existed."),
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
      const { caller } = c.var;
      const found = await listConversations(db, caller.user_id, c.req.valid("query"), Date.now());
      const conversations = found.conversations.map((item) => listItemSeenBy(caller, item));
      return c.json({ ...found, conversations }, 200);
    } catch (error) {
      if (error instanceof InvalidCursor) refuse("VALIDATION_ERROR", "Invalid cursor");
      throw error;
    }
  })
  .openapi(createDirect, async (c) => {
    const { user_id } = c.req.valid("json");
    const { caller } = c.var;
    if (user_id === caller.user_id)
      refuse("VALIDATION_ERROR", "A direct conversation needs another user: this is your own id");
    const [creator, ...others] = await requireCallerAnd(c.env, caller, [user_id]);
    const other = others[0] ?? refuse("NOT_FOUND", "No such user");
    const db = openDirectory(c.env.DB);
    const [known, blocks, { request, refusal }] = await Promise.all([
      findDirectPair(db, caller.user_id, user_id),
      blocksAmong(db, [caller.user_id, user_id], []),
      termsOfDirect(c, other),
    ]);
    const closed = blocks.length > 0 ? failure("BLOCKED") : refusal;
    // What exists is returned, whoever may begin now. A pair can be claimed without a conversation, if a Worker died.
    const exists =
      known !== undefined &&
      (!closed || (await conversationStub(c.env, known).ask(caller, "membership", null)).ok);
    if (closed && !exists) throw new ApiError(closed);
    // Only a new conversation counts against the quota.
    if (known === undefined) await spendQuota(c, { create: 1 });
    const conversation_id = known ?? (await claimDirectPair(db, caller.user_id, user_id));
    const beginning = { conversation_id, type: "direct" as const, name: null, description: null };
    const stub = conversationStub(c.env, conversation_id);
    const outcome = await stub.create({ ...beginning, creator, others, request, blocks });
    return c.json(await toConversation(c.env, bodyOf(outcome), caller), outcome.ok ? outcome.status : 200);
  })
  .openapi(createGroup, async (c) => {
    const { name, description = null, participant_ids } = c.req.valid("json");
    const { caller } = c.var;
    const texts = { name, description };
    const filtered = await filterTexts(c, textsOfGroup(texts), Date.now());
    const ids = [...new Set(participant_ids)].filter((id) => id !== caller.user_id);
    const { maxGroupMembers } = limitsOf(c.env);
    if (ids.length + 1 > maxGroupMembers) {
      refuse("VALIDATION_ERROR", `A group can have at most ${maxGroupMembers} members`);
    }
    const conversation_id = newConversationId();
    const [[creator, ...others], blocks] = await Promise.all([
      requireCallerAnd(c.env, caller, ids),
      blocksAmong(openDirectory(c.env.DB), [caller.user_id, ...ids], []),
    ]);
    const blockers = blocks.filter((word) => word.blocked_id === caller.user_id);
    await requireAddable(
      c,
      ids.map((id) => ({ user_id: id, has_left: false })),
      blockers.map((word) => word.blocker_id),
    );
    await spendQuota(c, { create: 1, invite: ids.length });
    const beginning = { conversation_id, type: "group" as const, ...texts };
    const masked = filtered ? { ...toGroup(texts, filtered), filtered: filtered.notes } : {};
    const stub = conversationStub(c.env, conversation_id);
    const outcome = await stub.create({ ...beginning, ...masked, creator, others, blocks });
    return c.json(await toConversation(c.env, bodyOf(outcome), caller), 201);
  })
  .openapi(preferences, async (c) => {
    const { conversation_id } = c.req.valid("param");
    const { caller } = c.var;
    bodyOf(await conversationStub(c.env, conversation_id).ask(caller, "membership", null));
    const patch = c.req.valid("json");
    const db = openDirectory(c.env.DB);
    const data = await updatePreferences(db, caller.user_id, conversation_id, patch, Date.now());
    const frame = encodeEvent({ type: "preferences.updated", conversation_id, data });
    const hub = hubObject(c.env, caller.user_id);
    const { is_muted, muted_until, push_level } = data;
    const choice = {
      is_muted,
      muted_until: muted_until === null ? null : Date.parse(muted_until),
      push_level,
    };
    // Awaited: what the user has muted must not push. If the hub cannot be reached, the client tries again.
    await hub.preferencesChanged(caller.user_id, conversation_id, choice, frame);
    return c.json(data, 200);
  });
