/** Columns of a user that say who may write to them, who may add them, and what others learn (rule 29). */
import type { WhoCanAdd, WhoCanMessage } from "@rocket-chat-api/protocol";
import { integer, text } from "drizzle-orm/sqlite-core";

/** A user's privacy settings. `read_receipts` and `who_can_message` are copied into conversations, as names are. */
export const ofPrivacy = {
  who_can_message: text().$type<WhoCanMessage>().notNull().default("everyone"),
  who_can_add: text().$type<WhoCanAdd>().notNull().default("everyone"),
  read_receipts: integer({ mode: "boolean" }).notNull().default(true),
  /** Whether others see `last_seen_at`. */
  shows_last_seen: integer({ mode: "boolean" }).notNull().default(true),
};
