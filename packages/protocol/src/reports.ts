/** Reports of users, what is kept of what they saw, and what the person concerned hears (rule 29). */
import { z } from "zod";
import { boundedText, optional, Timestamp } from "./common.ts";
import { MAX_REPORT_COMMENT_LENGTH } from "./limits.ts";
import { Message } from "./messages.ts";
import { ConversationType } from "./settings.ts";
import { UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

export const ReportReason = z
  .enum(["spam", "harassment", "hate", "violence", "sexual", "self_harm", "illegal", "other"])
  .meta({ id: "ReportReason" });
export type ReportReason = z.infer<typeof ReportReason>;

/** The fields of a report that name its target. */
const TARGETS = ["message_id", "user_id", "conversation_id"] as const;

/** A report of a message, a user or a conversation. */
export const CreateReport = z
  .object({
    message_id: optional(Uuid),
    user_id: optional(Uuid),
    conversation_id: optional(Uuid),
    reason: ReportReason,
    comment: optional(boundedText(1, MAX_REPORT_COMMENT_LENGTH)),
    block: optional(z.boolean()).meta({ description: "Also block the person whom the report is about." }),
  })
  .refine((report) => TARGETS.filter((name) => report[name] !== undefined).length === 1, {
    error: `must have exactly one of ${TARGETS.join(", ")}`,
  })
  .meta({ id: "CreateReport" });
export type CreateReport = z.infer<typeof CreateReport>;

export const ReportReceived = z.strictObject({ report_id: Uuid }).meta({ id: "ReportReceived" });
export type ReportReceived = z.infer<typeof ReportReceived>;

/** One version of a reported message. */
const SeenVersion = z.strictObject({
  version: z.int().meta({ description: "From 1: the text as it was sent." }),
  content: z.string(),
  created_at: Timestamp,
});

/** What the reporter saw, kept as evidence. */
export const ReportSnapshot = z
  .strictObject({
    taken_at: Timestamp,
    user: UserSummary.nullable().meta({ description: "The reported user, with the profile of that moment." }),
    conversation: z
      .strictObject({
        conversation_id: Uuid,
        type: ConversationType,
        name: z.string().nullable(),
        description: z.string().nullable(),
        photo_url: z.string().nullable(),
        member_count: z.int(),
      })
      .nullable(),
    message_id: Uuid.nullable().meta({ description: "The reported message among `messages`." }),
    messages: z.array(Message).meta({
      description:
        "Oldest first, as the reporter saw them. A reported message that was deleted a short time before has its content, " +
        "and `is_deleted`.",
    }),
    versions: z.array(SeenVersion).meta({ description: "Of the reported message, if it was edited." }),
    is_truncated: z.boolean().meta({ description: "Something was left out, because it was too large." }),
  })
  .meta({ id: "ReportSnapshot" });
export type ReportSnapshot = z.infer<typeof ReportSnapshot>;

/** What a moderator has done that its person hears of. */
export const NoticeAction = z.enum(["delete", "restore", "warn", "mute", "ban"]);
export type NoticeAction = z.infer<typeof NoticeAction>;

/** What the app's moderators tell a user. */
export const ModerationNotice = z
  .strictObject({
    notice_id: Uuid,
    action: NoticeAction,
    reason: z.string(),
    until: Timestamp.nullable().meta({ description: "When a mute or a ban ends; null if it does not." }),
    conversation_id: Uuid.nullable(),
    message_id: Uuid.nullable(),
    created_at: Timestamp,
  })
  .meta({ id: "ModerationNotice" });
export type ModerationNotice = z.infer<typeof ModerationNotice>;

/** The caller's newest notices, newest first. */
export const NoticeList = z.strictObject({ notices: z.array(ModerationNotice) }).meta({ id: "NoticeList" });
export type NoticeList = z.infer<typeof NoticeList>;

/** For the user's own devices, on every kind of socket. It is also kept: `GET /users/me/notices`. */
export const ModerationNoticeEvent = z
  .strictObject({ type: z.literal("moderation.notice"), data: ModerationNotice })
  .meta({ id: "ModerationNoticeEvent" });
export type ModerationNoticeEvent = z.infer<typeof ModerationNoticeEvent>;
