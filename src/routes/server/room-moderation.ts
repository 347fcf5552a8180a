/** Routes where the app's own backend mutes and bans people in a group (rules 28 and 29). */
import { createRoute } from "@hono/zod-openapi";
import {
  AnnounceQuery,
  Ban,
  BanPage,
  BansQuery,
  BanUser,
  ConversationParams,
  MuteParticipant,
  Participant,
  UserParams,
} from "@rocket-chat-api/protocol";
import { bodyOf, refuse } from "../../middleware/errors.ts";
import { createRouter, errors, json, jsonBody, noContent, serverSecurity } from "../api.ts";
import { conversationStub } from "../objects.ts";
import { requireUsers, toParticipants } from "../presenters.ts";

const common = { tags: ["Server"], security: serverSecurity };
const OF_MEMBER = ConversationParams.extend(UserParams.shape);
const MUTE = "/conversations/{conversation_id}/participants/{user_id}/mute";
const BANS = "/conversations/{conversation_id}/bans";

const mute = createRoute({
  ...common,
  operationId: "serverMuteParticipant",
  method: "put",
  path: MUTE,
  summary: "Mute a participant of a group, whatever their role",
  request: { params: OF_MEMBER, body: jsonBody(MuteParticipant) },
  responses: { 200: json(Participant, "The muted participant."), ...errors },
});

const unmute = createRoute({
  ...common,
  operationId: "serverUnmuteParticipant",
  method: "delete",
  path: MUTE,
  summary: "Take the mute of a participant back",
  request: { params: OF_MEMBER, query: AnnounceQuery },
  responses: { 204: noContent, ...errors },
});

const ban = createRoute({
  ...common,
  operationId: "serverBanUser",
  method: "put",
  path: `${BANS}/{user_id}`,
  summary: "Ban a user from a group, whatever their role",
  description: "Nobody can add them while the ban lasts, servers included.",
  request: { params: OF_MEMBER, body: jsonBody(BanUser) },
  responses: {
    200: json(Ban, "The user was banned before. The ban is as this request says."),
    201: json(Ban, "The new ban."),
    ...errors,
  },
});

const unban = createRoute({
  ...common,
  operationId: "serverUnbanUser",
  method: "delete",
  path: `${BANS}/{user_id}`,
  summary: "Take the ban of a user back",
  request: { params: OF_MEMBER, query: AnnounceQuery },
  responses: { 204: noContent, ...errors },
});

const list = createRoute({
  ...common,
  operationId: "serverListBans",
  method: "get",
  path: BANS,
  summary: "List the bans of a group",
  request: { params: ConversationParams, query: BansQuery },
  responses: { 200: json(BanPage, "A page of bans, the newest first."), ...errors },
});

export const serverRoomModerationRoutes = createRouter()
  .openapi(mute, async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    const input = { ...c.req.valid("json"), user_id };
    const stub = conversationStub(c.env, conversation_id);
    const member = bodyOf(await stub.executeForServer("muteParticipant", input));
    const [participant = refuse("NOT_FOUND")] = await toParticipants(c.env, [member], undefined);
    return c.json(participant, 200);
  })
  .openapi(unmute, async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    const input = { ...c.req.valid("query"), user_id };
    bodyOf(await conversationStub(c.env, conversation_id).executeForServer("unmuteParticipant", input));
    return c.body(null, 204);
  })
  .openapi(ban, async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    const stub = conversationStub(c.env, conversation_id);
    const input = { ...c.req.valid("json"), user_id, people: await requireUsers(c.env, [user_id]) };
    const outcome = await stub.executeForServer("banUser", input);
    return c.json(bodyOf(outcome), outcome.ok ? outcome.status : 200);
  })
  .openapi(unban, async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    const input = { ...c.req.valid("query"), user_id };
    bodyOf(await conversationStub(c.env, conversation_id).executeForServer("unbanUser", input));
    return c.body(null, 204);
  })
  .openapi(list, async (c) => {
    const stub = conversationStub(c.env, c.req.valid("param").conversation_id);
    return c.json(bodyOf(await stub.executeForServer("listBans", c.req.valid("query"))), 200);
  });
