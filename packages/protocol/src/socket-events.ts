/** What the server sends about the socket itself, and its answers to commands. */
import { z } from "zod";
import { Features } from "./capabilities.ts";
import { requestId } from "./commands.ts";
import { ErrorCode } from "./error-schemas.ts";
import { UnreadTotals } from "./unread.ts";
import { UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

export const ConnectionEstablished = z
  .strictObject({
    type: z.literal("connection.established"),
    data: z.strictObject({
      user_id: Uuid,
      connection_id: z.string(),
      features: Features,
      unread: UnreadTotals.nullable().optional().meta({
        description:
          "Only on `/ws`: the unread totals; null if they are not known now. `unread.total` follows when they change.",
      }),
    }),
  })
  .meta({ id: "ConnectionEstablished" });

/** For the user's own devices, only on `/ws`: the totals have changed. At most two a second, and always the last. */
export const UnreadTotal = z
  .strictObject({ type: z.literal("unread.total"), data: UnreadTotals })
  .meta({ id: "UnreadTotal" });

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

/** Only on sockets with `?lean=1`. */
export const Profiles = z
  .strictObject({ type: z.literal("profiles"), data: z.strictObject({ profiles: z.array(UserSummary) }) })
  .meta({
    id: "Profiles",
    description:
      "Only with `?lean=1`: the people whom the next events name by their id alone. Keep them while the socket is open; a " +
      "later one of the same `user_id` replaces an earlier one.",
  });
