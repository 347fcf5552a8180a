/** Participants: add, remove, change a role (rule 8). */
import { createRoute } from "@hono/zod-openapi";
import { bodyOf, refuse } from "../middleware/errors.ts";
import {
  AddParticipants,
  ChangeRole,
  Conversation,
  ConversationParams,
  Participant,
  ParticipantParams,
} from "../protocol/index.ts";
import { createRouter, errors, json, jsonBody, noContent, security } from "./api.ts";
import { act, conversationStub } from "./objects.ts";
import { requireUsers, toConversation, toParticipants } from "./presenters.ts";
import { spendQuota } from "./quotas.ts";

const tags = ["Participants"];

const add = createRoute({
  operationId: "addParticipants",
  method: "post",
  path: "/{conversation_id}/participants",
  tags,
  security,
  summary: "Add participants to a group",
  request: { params: ConversationParams, body: jsonBody(AddParticipants) },
  responses: {
    200: json(Conversation, "All of them were in already."),
    201: json(Conversation, "The group with the new participants."),
    ...errors,
  },
});

const remove = createRoute({
  operationId: "removeParticipant",
  method: "delete",
  path: "/{conversation_id}/participants/{user_id}",
  tags,
  security,
  summary: "Remove a participant from a group, or leave it",
  request: { params: ParticipantParams },
  responses: { 204: noContent, ...errors },
});

const changeRole = createRoute({
  operationId: "changeRole",
  method: "patch",
  path: "/{conversation_id}/participants/{user_id}",
  tags,
  security,
  summary: "Change a participant's role",
  request: { params: ParticipantParams, body: jsonBody(ChangeRole) },
  responses: { 200: json(Participant, "The updated participant."), ...errors },
});

export const participantRoutes = createRouter()
  .openapi(add, async (c) => {
    const body = c.req.valid("json");
    const ids = [...new Set(body.user_ids ?? (body.user_id === undefined ? [] : [body.user_id]))];
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    // The caller's right first: who may not add learns nothing about who exists.
    const invite = bodyOf(await stub.mayAdd(c.var.caller, ids));
    const people = await requireUsers(c.env, ids);
    if (invite > 0) await spendQuota(c, { invite });
    const outcome = await act(stub, c.var.caller, { type: "add", people });
    return c.json(await toConversation(c.env, bodyOf(outcome)), outcome.ok ? outcome.status : 200);
  })
  .openapi(remove, async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    const stub = conversationStub(c.env, conversation_id);
    bodyOf(await act(stub, c.var.caller, { type: "remove", user_id }));
    return c.body(null, 204);
  })
  .openapi(changeRole, async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    const { role } = c.req.valid("json");
    const stub = conversationStub(c.env, conversation_id);
    const member = bodyOf(await act(stub, c.var.caller, { type: "role", user_id, role }));
    const [participant] = await toParticipants(c.env, [member]);
    return c.json(participant ?? refuse("INTERNAL_ERROR"), 200);
  });
