/** Route where the app's own backend sends messages: as a member, or as the system (rule 28). */
import { createRoute } from "@hono/zod-openapi";
import { ConversationParams, Message, SendServerMessage } from "@rocket-chat-api/protocol";
import { callerById } from "../../middleware/callers.ts";
import { bodyOf, refuse } from "../../middleware/errors.ts";
import { createRouter, errors, json, jsonBody, serverSecurity } from "../api.ts";
import { withLink } from "../message-links.ts";
import { conversationStub } from "../objects.ts";

const send = createRoute({
  operationId: "serverSendMessage",
  method: "post",
  path: "/conversations/{conversation_id}/messages",
  tags: ["Server"],
  security: serverSecurity,
  summary: "Send a message as a member, or as the system",
  description: "With a `client_message_id` it is safe to repeat. A message of the system is never unread.",
  request: { params: ConversationParams, body: jsonBody(SendServerMessage) },
  responses: {
    200: json(Message, "It was sent before with this `client_message_id`. Nothing happened twice."),
    201: json(Message, "The message, stored."),
    ...errors,
  },
});

export const serverMessageRoutes = createRouter().openapi(send, async (c) => {
  const { conversation_id } = c.req.valid("param");
  const { sender, system, silent = false, ...input } = c.req.valid("json");
  const stub = conversationStub(c.env, conversation_id);
  if (system !== undefined) {
    const { content, client_message_id = null } = input;
    const outcome = await stub.executeForServer("sendSystemMessage", {
      content,
      system,
      client_message_id,
      silent,
    });
    return c.json(bodyOf(outcome), outcome.ok ? outcome.status : 200);
  }
  const caller = await callerById(c, sender ?? refuse("VALIDATION_ERROR"), Date.now());
  const outcome = await stub.execute(caller, { operation: "sendMessage", conversation_id, input, silent });
  return c.json(await withLink(c, bodyOf(outcome)), outcome.ok ? outcome.status : 200);
});
