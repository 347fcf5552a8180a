/** What the server sends about the socket itself, and its answers to commands. */
import { z } from "zod";
import { Features } from "./capabilities.ts";
import { requestId } from "./commands.ts";
import { ErrorCode } from "./error-schemas.ts";
import { Uuid } from "./uuid.ts";

export const ConnectionEstablished = z
  .strictObject({
    type: z.literal("connection.established"),
    data: z.strictObject({ user_id: Uuid, connection_id: z.string(), features: Features }),
  })
  .meta({ id: "ConnectionEstablished" });

export const Ack = z
  .strictObject({ type: z.literal("ack"), request_id: requestId, data: z.unknown().optional() })
  .meta({ id: "Ack" });

export const ErrorEvent = z
  .strictObject({
    type: z.literal("error"),
    request_id: requestId,
    client_message_id: z
      .string()
      .optional()
      .meta({ description: "The id in the `message.send` that is refused, if it had one." }),
    code: ErrorCode,
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional().meta({
      description: "With `close_code`, the server closes the socket with this code and reads no more frames.",
    }),
  })
  .meta({ id: "ErrorEvent" });
export type ErrorEvent = z.infer<typeof ErrorEvent>;

export const Pong = z.strictObject({ type: z.literal("pong"), request_id: requestId }).meta({ id: "Pong" });
