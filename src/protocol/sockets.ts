/** What travels over a socket: commands from clients, events from the server. */
import { z } from "zod";
import { ConversationSnapshot } from "./conversations.ts";
import { ErrorCode } from "./errors.ts";
import { Uuid } from "./ids.ts";
import { Message, SendMessage } from "./messages.ts";

const requestId = z.union([z.string().max(64), z.int()]).optional();
export type RequestId = z.infer<typeof requestId>;

/** Client -> server. Each is answered by `ack` or `error` if it carries a `request_id` (rule 20). */
export const ClientCommand = z.discriminatedUnion("type", [
  z
    .object({
      type: z.literal("message.send"),
      conversation_id: Uuid,
      request_id: requestId,
      data: SendMessage,
    })
    .meta({ id: "MessageSendCommand" }),
  z
    .object({ type: z.literal("auth.refresh"), request_id: requestId, token: z.string() })
    .meta({ id: "AuthRefreshCommand" }),
]);
export type ClientCommand = z.infer<typeof ClientCommand>;

export const ConnectionEstablished = z
  .strictObject({
    type: z.literal("connection.established"),
    data: z.strictObject({ user_id: Uuid, connection_id: z.string() }),
  })
  .meta({ id: "ConnectionEstablished" });

export const Ack = z
  .strictObject({ type: z.literal("ack"), request_id: requestId, data: z.unknown().optional() })
  .meta({ id: "Ack" });

export const ErrorEvent = z
  .strictObject({
    type: z.literal("error"),
    request_id: requestId,
    code: ErrorCode,
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "ErrorEvent" });

export const MessageNew = z
  .strictObject({
    type: z.literal("message.new"),
    conversation_id: Uuid,
    seq: z.int(),
    data: Message,
  })
  .meta({ id: "MessageNew" });

export const ConversationCreated = z
  .strictObject({
    type: z.literal("conversation.created"),
    conversation_id: Uuid,
    seq: z.int(),
    data: ConversationSnapshot,
  })
  .meta({ id: "ConversationCreated" });

/** Events of one conversation; every one takes the conversation's next `seq` (rule 11). */
export const ConversationEvent = z.discriminatedUnion("type", [MessageNew, ConversationCreated]);
export type ConversationEvent = z.infer<typeof ConversationEvent>;

/** Everything that a server sends. */
export const ServerEvent = z.discriminatedUnion("type", [
  ConnectionEstablished,
  Ack,
  ErrorEvent,
  MessageNew,
  ConversationCreated,
]);
export type ServerEvent = z.infer<typeof ServerEvent>;

export const Ticket = z
  .strictObject({ ticket: z.string(), expires_in: z.int().meta({ description: "Seconds." }) })
  .meta({ id: "Ticket" });

/** How a socket is opened (rules 4 and 20); a token may also come in the `Authorization` header. */
export const SocketQuery = z.object({
  token: z.string().optional().meta({ description: "A bearer token. URLs end up in logs: prefer a ticket." }),
  ticket: z.string().optional().meta({ description: "A ticket from `POST /api/v1/ws/ticket`." }),
  batch: z
    .enum(["0", "1"])
    .optional()
    .meta({ description: "`1`: many events may come in one frame, as a JSON array." }),
});
export type SocketQuery = z.infer<typeof SocketQuery>;
