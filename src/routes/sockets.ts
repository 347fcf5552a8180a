/** Routes of sockets: tickets, the user's socket, and a conversation's own socket (rules 4 and 20). */
import { createRoute } from "@hono/zod-openapi";
import {
  ConversationParams,
  ConversationSocketQuery,
  type Failure,
  SocketQuery,
  TICKET_TTL_MS,
  Ticket,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { readTicket, signTicket } from "../auth/ticket.ts";
import { bearerToken, identify as identifyBearer } from "../middleware/auth.ts";
import { ApiError, refuse } from "../middleware/errors.ts";
import { mayUse } from "../middleware/origins.ts";
import { countActor } from "../middleware/rate-limit.ts";
import { type Handshake, handshakeRequest } from "../realtime/handshake.ts";
import { hubObject } from "../realtime/objects.ts";
import { currentTrace } from "../tracing.ts";
import { type AppEnv, createRouter, errors, json, security, socketSecurity } from "./api.ts";
import { conversationStub } from "./objects.ts";

const issueTicket = createRoute({
  operationId: "createSocketTicket",
  method: "post",
  path: "/ws/ticket",
  tags: ["Sockets"],
  security,
  summary: "Get a ticket that opens one socket",
  responses: { 201: json(Ticket, "A ticket for `?ticket=`, valid once."), ...errors },
});

export const ticketRoutes = createRouter().openapi(issueTicket, async (c) => {
  const { caller, expiresAt: expires_at, issuedAt: issued_at } = c.var;
  const issued = await hubObject(c.env, caller.user_id).issueTicket({ caller, expires_at, issued_at });
  const ticket = await signTicket(c.env, issued);
  return c.json({ ticket, expires_in: TICKET_TTL_MS / 1000 }, 201);
});

/** Checks the origin. Browsers send one; native apps do not (rule 4). */
function checkOrigin(c: Context<AppEnv>): void {
  const origin = c.req.header("origin");
  if (origin === undefined || mayUse(c.env, origin, c.req.url)) return;
  // Names the setting, because a refused page usually means a missing entry.
  refuse("FORBIDDEN", "This origin is not allowed: add it to the setting ALLOWED_ORIGINS", {
    reason: "origin",
  });
}

async function redeem(c: Context<AppEnv>, signed: string): Promise<void> {
  const known =
    (await readTicket(c.env, signed)) ??
    refuse("UNAUTHORIZED", "The ticket is invalid, expired or already used");
  const holder = await hubObject(c.env, known.user_id).redeemTicket(known.ticket);
  if (!holder) refuse("UNAUTHORIZED", "The ticket is invalid, expired or already used");
  c.set("actor", { kind: "user" });
  c.set("caller", holder.caller);
  c.set("expiresAt", holder.expires_at);
  c.set("issuedAt", holder.issued_at ?? 0);
}

/** Identifies the user by ticket, header, or `?token=` as in the guide. Servers use the header alone: URLs end up in logs. */
async function identify(c: Context<AppEnv>, query: SocketQuery): Promise<void> {
  if (query.ticket !== undefined) return await redeem(c, query.ticket);
  const header = bearerToken(c.req.header("authorization"));
  const bearer = header ?? query.token;
  if (!bearer) refuse("UNAUTHORIZED");
  await identifyBearer(c, bearer);
  if (header === undefined && c.var.actor.kind === "server") {
    refuse("FORBIDDEN", "A server credential belongs into the Authorization header");
  }
}

/** All checks before the object is called. */
async function handshake(
  c: Context<AppEnv>,
  query: SocketQuery & Partial<ConversationSocketQuery>,
): Promise<Handshake> {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    refuse("VALIDATION_ERROR", "This is a WebSocket endpoint: connect with `Upgrade: websocket`");
  }
  checkOrigin(c);
  await identify(c, query);
  await countActor(c);
  const { caller, expiresAt: expires_at, issuedAt: issued_at } = c.var;
  const { batch, lean, device_id, since } = query;
  return {
    caller,
    expires_at,
    issued_at,
    batch: batch === "1",
    lean: lean === "1",
    device_id,
    since,
    trace: currentTrace(),
  };
}

/** Passes the socket to the object, or throws the object's refusal. */
async function upgrade(
  c: Context<AppEnv>,
  stub: { fetch(request: Request): Promise<Response> },
  hands: Handshake,
): Promise<Response> {
  const response = await stub.fetch(handshakeRequest(hands));
  if (response.status === 101) {
    // The headers of the object's response cannot be changed, so make a new one.
    const headers = { "X-Request-Id": c.get("requestId") };
    return new Response(null, { status: 101, webSocket: response.webSocket, headers });
  }
  throw new ApiError(await response.json<Failure>());
}

const opened = { 101: { description: "The socket is open; `/asyncapi.json` describes what it carries." } };

const userSocket = createRoute({
  operationId: "openUserSocket",
  method: "get",
  path: "/ws",
  tags: ["Sockets"],
  security: socketSecurity,
  summary: "Open the user's socket",
  request: { query: SocketQuery },
  responses: { ...opened, ...errors },
});

const conversationSocket = createRoute({
  operationId: "openConversationSocket",
  method: "get",
  path: "/api/v1/conversations/{conversation_id}/ws",
  tags: ["Sockets"],
  security: socketSecurity,
  summary: "Open a conversation's own socket",
  request: { params: ConversationParams, query: ConversationSocketQuery },
  responses: { ...opened, ...errors },
});

export const socketRoutes = createRouter()
  .openapi(userSocket, async (c) => {
    const hands = await handshake(c, c.req.valid("query"));
    return await upgrade(c, hubObject(c.env, hands.caller.user_id), hands);
  })
  .openapi(conversationSocket, async (c) => {
    const hands = await handshake(c, c.req.valid("query"));
    const conversation = conversationStub(c.env, c.req.valid("param").conversation_id);
    // Only the hub knows for certain; this isolate may have read the user a minute ago.
    const refusal = await hubObject(c.env, hands.caller.user_id).checkAccess(hands.issued_at ?? 0);
    if (refusal) throw new ApiError(refusal);
    return await upgrade(c, conversation, hands);
  });
