/** Routes where the app's own backend makes and deletes conversations, and says who is in them (rule 28). */
import { createRoute, z } from "@hono/zod-openapi";
import {
  AddServerParticipants,
  Conversation,
  ConversationParams,
  CreateConversation,
  CUSTOM_PREFIX,
  ExternalId,
  JobStarted,
  SendEvent,
  ServerConversation,
  UpdateConversation,
  UserParams,
} from "@rocket-chat-api/protocol";
import { openDirectory } from "../../directory/database.ts";
import { findByExternalId } from "../../directory/external-conversations.ts";
import { startJob } from "../../directory/jobs.ts";
import { runStartedJob } from "../../jobs.ts";
import { bodyOf, refuse } from "../../middleware/errors.ts";
import { createRouter, errors, json, jsonBody, noContent, serverSecurity } from "../api.ts";
import { conversationStub } from "../objects.ts";
import { requirePhotoHost, requireUsers, toConversation } from "../presenters.ts";
import { createNamed, shown } from "./creation.ts";

const common = { tags: ["Server"], security: serverSecurity };

const create = createRoute({
  ...common,
  operationId: "serverCreateConversation",
  method: "post",
  path: "/conversations",
  summary: "Create a conversation, once for each `external_id`",
  description:
    "With `external_id`, repeating the request gives the same conversation. With other participants it is 409, and " +
    "`details.existing_id` names the conversation. A direct conversation takes two participants; there is one for each pair.",
  request: { body: jsonBody(CreateConversation) },
  responses: {
    200: json(ServerConversation, "The conversation that already existed."),
    201: json(ServerConversation, "The new conversation."),
    ...errors,
  },
});

const byExternalId = createRoute({
  ...common,
  operationId: "serverFindConversation",
  method: "get",
  path: "/conversations/by-external-id/{external_id}",
  summary: "Find a conversation by its `external_id`",
  request: { params: z.object({ external_id: ExternalId }) },
  responses: { 200: json(ServerConversation, "The conversation."), ...errors },
});

const update = createRoute({
  ...common,
  operationId: "serverUpdateConversation",
  method: "put",
  path: "/conversations/{conversation_id}",
  summary: "Change a conversation's name, description, photo, settings or metadata",
  description: "A change of `metadata` alone leaves no message in the history.",
  request: { params: ConversationParams, body: jsonBody(UpdateConversation) },
  responses: { 200: json(ServerConversation, "The updated conversation."), ...errors },
});

const addParticipants = createRoute({
  ...common,
  operationId: "serverAddParticipants",
  method: "post",
  path: "/conversations/{conversation_id}/participants",
  summary: "Add participants to a group, whoever may otherwise",
  request: { params: ConversationParams, body: jsonBody(AddServerParticipants) },
  responses: {
    200: json(Conversation, "All of them were members already."),
    201: json(Conversation, "The group with the new participants."),
    ...errors,
  },
});

const removeParticipant = createRoute({
  ...common,
  operationId: "serverRemoveParticipant",
  method: "delete",
  path: "/conversations/{conversation_id}/participants/{user_id}",
  summary: "Remove a participant from a group, whoever may otherwise",
  request: { params: ConversationParams.extend(UserParams.shape) },
  responses: { 204: noContent, ...errors },
});

const remove = createRoute({
  ...common,
  operationId: "serverDeleteConversation",
  method: "delete",
  path: "/conversations/{conversation_id}",
  summary: "Delete a conversation for everybody, with its files",
  description: "The members are out when this is answered, and their sockets there close with 4011.",
  request: { params: ConversationParams },
  responses: { 202: json(JobStarted, "What is stored is being deleted: see the job."), ...errors },
});

const sendEvent = createRoute({
  ...common,
  operationId: "serverSendConversationEvent",
  method: "post",
  path: "/conversations/{conversation_id}/events",
  summary: "Send an event of your app to the members who are connected",
  request: { params: ConversationParams, body: jsonBody(SendEvent) },
  responses: { 204: noContent, ...errors },
});

export const serverConversationRoutes = createRouter()
  .openapi(create, async (c) => {
    const { conversation, isNew } = await createNamed(c.env, c.req.valid("json"));
    return c.json(conversation, isNew ? 201 : 200);
  })
  .openapi(byExternalId, async (c) => {
    const { external_id } = c.req.valid("param");
    const named = await findByExternalId(openDirectory(c.env.DB), external_id);
    if (!named) refuse("CONVERSATION_NOT_FOUND");
    return c.json(await shown(c.env, named.conversation_id, external_id), 200);
  })
  .openapi(update, async (c) => {
    const { conversation_id } = c.req.valid("param");
    const patch = c.req.valid("json");
    requirePhotoHost(c.env, patch.photo_url);
    bodyOf(await conversationStub(c.env, conversation_id).executeForServer("updateConversation", patch));
    return c.json(await shown(c.env, conversation_id), 200);
  })
  .openapi(addParticipants, async (c) => {
    const { user_id, user_ids } = c.req.valid("json");
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    const ids = [...new Set(user_ids ?? (user_id === undefined ? [] : [user_id]))];
    const outcome = await stub.executeForServer("addPeople", { people: await requireUsers(c.env, ids) });
    return c.json(await toConversation(c.env, bodyOf(outcome), undefined), outcome.ok ? outcome.status : 200);
  })
  .openapi(removeParticipant, async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    bodyOf(await conversationStub(c.env, conversation_id).executeForServer("removeMember", { user_id }));
    return c.body(null, 204);
  })
  .openapi(remove, async (c) => {
    const { conversation_id } = c.req.valid("param");
    const stub = conversationStub(c.env, conversation_id);
    bodyOf(await stub.executeForServer("getSnapshot", null));
    const about = { kind: "delete_conversation", subject: conversation_id } as const;
    // The job is written first: if anything fails from here on, the cron trigger goes on with it.
    const now = Date.now();
    const wanted = { ...about, notBeside: ["recover_conversation"] as const };
    const started = await startJob(openDirectory(c.env.DB), wanted, now);
    const { job_id, kind } = started.job;
    // The state that the platform puts back would have everybody in it again.
    if (kind !== about.kind) refuse("CONFLICT", "This conversation is being taken back in time", { job_id });
    bodyOf(await stub.executeForServer("erase", null));
    c.executionCtx.waitUntil(runStartedJob(c.env, started, now));
    return c.json({ job_id }, 202);
  })
  .openapi(sendEvent, async (c) => {
    const { conversation_id } = c.req.valid("param");
    const { name, data } = c.req.valid("json");
    const event = { type: `${CUSTOM_PREFIX}${name}`, conversation_id, data };
    bodyOf(await conversationStub(c.env, conversation_id).executeForServer("sendEvent", event));
    return c.body(null, 204);
  });
