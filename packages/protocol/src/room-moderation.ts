/** What moderators do in a group: mutes and bans (rule 29). */
import { z } from "zod";
import { boundedText, limitParam, numberCursor, optional, Timestamp } from "./common.ts";
import { DEFAULT_LIST_LIMIT, MAX_MODERATION_REASON_LENGTH } from "./limits.ts";
import { UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

const sanctionShape = {
  until: Timestamp.nullable().optional().meta({
    description: "When it ends by itself. Null, or left out: when somebody takes it back.",
  }),
  reason: optional(boundedText(1, MAX_MODERATION_REASON_LENGTH)).meta({
    description: "For the person concerned and for the log. Other members do not see it.",
  }),
  announce: optional(z.boolean()).meta({ description: "Whether a message in the history says so." }),
};

/** Mutes a member. */
export const MuteParticipant = z.object(sanctionShape).meta({ id: "MuteParticipant" });
export type MuteParticipant = z.infer<typeof MuteParticipant>;

/** Which messages of a person go with a ban: none, those of the last 24 hours, or all. */
export const DeletedByBan = z.enum(["none", "day", "all"]);
export type DeletedByBan = z.infer<typeof DeletedByBan>;

/** Bans a user, member or not. */
export const BanUser = z
  .object({
    ...sanctionShape,
    delete_messages: optional(DeletedByBan).meta({
      description:
        "Which of their messages to delete for everyone: `none` unless said, of the last `day`, or `all`.",
    }),
  })
  .meta({ id: "BanUser" });
export type BanUser = z.infer<typeof BanUser>;

/** Taking a mute or a ban back. */
export const AnnounceQuery = z.object({
  announce: z
    .enum(["true", "false"])
    .default("false")
    .transform((value) => value === "true")
    .meta({ description: "Whether a message in the history says so." }),
});

/** One ban. */
export const Ban = z
  .strictObject({
    ...UserSummary.shape,
    until: Timestamp.nullable(),
    reason: z.string().nullable(),
    banned_by: Uuid,
    banned_at: Timestamp,
  })
  .meta({ id: "Ban" });
export type Ban = z.infer<typeof Ban>;

export const BansQuery = z.object({
  cursor: numberCursor,
  limit: limitParam(DEFAULT_LIST_LIMIT),
});
export type BansQuery = z.infer<typeof BansQuery>;

export const BanPage = z
  .strictObject({
    bans: z.array(Ban).meta({ description: "Those that have not ended, the newest first." }),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "BanPage" });
export type BanPage = z.infer<typeof BanPage>;
