/** Receipts: how far messages were delivered and read (rule 19). */
import { z } from "zod";
import { Timestamp } from "./common.ts";
import { Uuid } from "./uuid.ts";

export const ReceiptStatus = z.enum(["sent", "delivered", "read"]);
export type ReceiptStatus = z.infer<typeof ReceiptStatus>;

export const MarkRead = z.object({ up_to_message_id: Uuid }).meta({ id: "MarkRead" });

export const ReadResult = z
  .strictObject({
    marked_read: z.int().meta({ description: "How many messages of others this has marked as read." }),
    unread_count: z.int(),
    unread_mentions: z.int(),
  })
  .meta({ id: "ReadResult" });
export type ReadResult = z.infer<typeof ReadResult>;

export const Receipt = z
  .strictObject({
    user_id: Uuid,
    username: z.string(),
    status: ReceiptStatus,
    delivered_at: Timestamp.nullable(),
    read_at: Timestamp.nullable(),
  })
  .meta({ id: "Receipt" });
export type Receipt = z.infer<typeof Receipt>;

export const Receipts = z.strictObject({ receipts: z.array(Receipt) }).meta({ id: "Receipts" });
export type Receipts = z.infer<typeof Receipts>;
