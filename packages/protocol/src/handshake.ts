/** How a socket is opened (rules 4 and 20). */
import { z } from "zod";
import { DeviceId } from "./push.ts";

export const Ticket = z
  .strictObject({ ticket: z.string(), expires_in: z.int().meta({ description: "Seconds." }) })
  .meta({ id: "Ticket" });

/** How a socket is opened (rules 4 and 20); a token may also come in the `Authorization` header. */
export const SocketQuery = z.object({
  token: z
    .string()
    .optional()
    .meta({ description: "A bearer token. URLs end up in logs, so prefer a ticket." }),
  ticket: z.string().optional().meta({ description: "A ticket from `POST /api/v1/ws/ticket`." }),
  batch: z
    .enum(["0", "1"])
    .optional()
    .meta({ description: "`1`: a frame may hold many events, as a JSON array." }),
  lean: z
    .enum(["0", "1"])
    .optional()
    .meta({ description: "`1`: events come in their short form, without what the client knows already." }),
  device_id: DeviceId.optional().meta({
    description:
      "The device that opens the socket, as it is registered for push: what is on its screen does not push.",
  }),
});
export type SocketQuery = z.infer<typeof SocketQuery>;

export const ConversationSocketQuery = SocketQuery.extend({
  since: z
    .string()
    .regex(/^[0-9]{1,15}$/, "must be a whole number")
    .transform(Number)
    .optional()
    .meta({
      description:
        "The highest `seq` up to which the client has everything. The server first sends what came after.",
    }),
});
export type ConversationSocketQuery = z.infer<typeof ConversationSocketQuery>;
