/** Whom a user has blocked (rule 29). */
import { z } from "zod";
import { limitParam, numberCursor, Timestamp } from "./common.ts";
import { DEFAULT_LIST_LIMIT } from "./limits.ts";
import { UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

/** A user whom the caller has blocked. */
export const Block = z.strictObject({ user: UserSummary, blocked_at: Timestamp }).meta({ id: "Block" });
export type Block = z.infer<typeof Block>;

export const BlockParams = z.object({ user_id: Uuid });

export const BlocksQuery = z.object({
  limit: limitParam(DEFAULT_LIST_LIMIT),
  cursor: numberCursor,
});

export const BlockPage = z
  .strictObject({
    blocks: z.array(Block).meta({ description: "The newest block first." }),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "BlockPage" });
export type BlockPage = z.infer<typeof BlockPage>;

/** For the user's own devices: they have blocked another user, or no longer do. */
export const BlocksUpdated = z
  .strictObject({
    type: z.literal("blocks.updated"),
    data: z.strictObject({
      user_id: Uuid,
      is_blocked: z.boolean(),
      blocked_at: Timestamp.nullable().meta({ description: "Null if they are no longer blocked." }),
    }),
  })
  .meta({ id: "BlocksUpdated" });
export type BlocksUpdated = z.infer<typeof BlocksUpdated>;
