/** What the app's moderators ask and decide, at `/api/v1/server/moderation` (rule 29). */
import { z } from "zod";
import { boundedText, CleanText, limitParam, optional, Timestamp } from "./common.ts";
import { DEFAULT_LIST_LIMIT, MAX_MODERATION_NOTE_LENGTH } from "./limits.ts";
import { ReportReason, ReportSnapshot } from "./reports.ts";
import { Uuid } from "./uuid.ts";

/** A place in a list that is sorted by time. Opaque to clients. */
export interface TimePlace {
  at: number;
  id: string;
}

/** The cursor of a list that is sorted by time. */
const TimeCursor = z
  .string()
  .regex(/^[0-9]{1,15}_[0-9a-f:-]{1,80}$/, "must be the next_cursor of an answer")
  .transform((cursor): TimePlace => {
    const [at = "", id = ""] = cursor.split("_");
    return { at: Number(at), id };
  });

/** The cursor of the page after a place. */
export function timeCursor({ at, id }: TimePlace): string {
  return `${at}_${id}`;
}

const cursor = TimeCursor.optional().meta({ description: "`next_cursor` of the last page." });
const next_cursor = z.string().nullable().meta({ description: "Null on the last page." });
const limit = limitParam(DEFAULT_LIST_LIMIT);

const Note = boundedText(1, MAX_MODERATION_NOTE_LENGTH);

export const QueueStatus = z.enum(["open", "done"]);
export const QueueQuery = z.object({ status: QueueStatus.default("open"), limit, cursor });
export type QueueQuery = z.infer<typeof QueueQuery>;

export const PageQuery = z.object({ limit, cursor });
export type PageQuery = z.infer<typeof PageQuery>;

export const ItemParams = z.object({ item_id: Uuid });

export const TargetType = z.enum(["message", "user", "conversation"]);
export type TargetType = z.infer<typeof TargetType>;

export const QueueAction = z
  .enum(["dismiss", "delete", "restore", "ban", "mute", "warn"])
  .meta({ id: "QueueAction" });
export type QueueAction = z.infer<typeof QueueAction>;

/** Decides about an item of the queue. */
export const DecideItem = z
  .object({
    action: QueueAction,
    note: Note.meta({ description: "Goes to the log, and to the person concerned as the reason." }),
    until: optional(Timestamp).meta({
      description: "When a ban or a mute ends. A mute needs it; a ban without it does not end.",
    }),
  })
  .meta({ id: "DecideItem" });
export type DecideItem = z.infer<typeof DecideItem>;

const reportShape = {
  report_id: Uuid,
  reporter_id: Uuid,
  reason: ReportReason,
  comment: z.string().nullable(),
  created_at: Timestamp,
};

export const ItemReport = z.strictObject(reportShape).meta({ id: "ItemReport" });
export type ItemReport = z.infer<typeof ItemReport>;

/** A report with what its reporter saw. */
export const ItemEvidence = z
  .strictObject({ ...reportShape, snapshot: ReportSnapshot })
  .meta({ id: "ItemEvidence" });
export type ItemEvidence = z.infer<typeof ItemEvidence>;

export const ItemEvidencePage = z
  .strictObject({ reports: z.array(ItemEvidence), next_cursor })
  .meta({ id: "ItemEvidencePage" });
export type ItemEvidencePage = z.infer<typeof ItemEvidencePage>;

/** What else there is to know of an entry: the filter, the original text, when a mute ends. */
const Details = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

const Decision = z.strictObject({
  action: QueueAction,
  note: z.string(),
  until: Timestamp.nullable(),
  decided_by: z.string().meta({ description: "The server credential." }),
  decided_at: Timestamp,
});

/** One target that was reported, or flagged by a filter, with all that was said about it. */
export const ModerationItem = z
  .strictObject({
    item_id: Uuid,
    status: QueueStatus,
    target: z.strictObject({ type: TargetType, id: Uuid }),
    conversation_id: Uuid.nullable(),
    user_id: Uuid.nullable().meta({
      description:
        "The person concerned: the sender, the reported user, or who wrote what a filter has flagged. Null for a reported conversation.",
    }),
    opened_at: Timestamp,
    age_seconds: z.int(),
    overdue: z.boolean().meta({ description: "Open for more than 24 hours." }),
    report_count: z.int().meta({ description: "Distinct reporters." }),
    reasons: z.record(z.string(), z.int()).meta({ description: "How many reporters gave each reason." }),
    reports: z.array(ItemReport).meta({ description: "The first 20." }),
    flags: z
      .array(z.strictObject({ at: Timestamp, reason: z.string().nullable(), details: Details }))
      .meta({ description: "What filters of the app have found, at most 20." }),
    is_withheld: z.boolean().meta({ description: "Members see it as deleted until this is decided." }),
    snapshot: ReportSnapshot.nullable().meta({ description: "What the first reporter saw." }),
    decision: Decision.nullable(),
  })
  .meta({ id: "ModerationItem" });
export type ModerationItem = z.infer<typeof ModerationItem>;

export const ModerationQueue = z
  .strictObject({ items: z.array(ModerationItem), next_cursor })
  .meta({ id: "ModerationQueue" });
export type ModerationQueue = z.infer<typeof ModerationQueue>;

export const LogQuery = z.object({
  limit,
  cursor,
  target: Uuid.optional().meta({ description: "Only what concerns this user." }),
  actor: CleanText.max(200)
    .optional()
    .meta({ description: "Only what this user, or this server credential, has done." }),
});
export type LogQuery = z.infer<typeof LogQuery>;

export const ModerationLogEntry = z
  .strictObject({
    log_id: z.string(),
    at: Timestamp,
    action: z.string().meta({
      description: "`app.…` by the app, `room.…` by a moderator of a conversation, `filter.…` by a filter.",
    }),
    actor_id: z
      .string()
      .nullable()
      .meta({ description: "A user's id, or the server credential; null for a filter." }),
    target_id: Uuid.nullable().meta({ description: "The person whom it concerns." }),
    conversation_id: Uuid.nullable(),
    message_id: Uuid.nullable(),
    item_id: Uuid.nullable().meta({ description: "The item of the queue, if it was decided there." }),
    reason: z.string().nullable(),
    details: Details,
  })
  .meta({ id: "ModerationLogEntry" });
export type ModerationLogEntry = z.infer<typeof ModerationLogEntry>;

export const ModerationLog = z
  .strictObject({ entries: z.array(ModerationLogEntry), next_cursor })
  .meta({ id: "ModerationLog" });
export type ModerationLog = z.infer<typeof ModerationLog>;

/** Which of a person's messages are deleted: none, those of the last 24 hours, or all. */
export const DeleteMessages = z.enum(["none", "day", "all"]);
export type DeleteMessages = z.infer<typeof DeleteMessages>;

export const PutAppBan = z
  .object({
    until: optional(Timestamp).meta({ description: "Without it the ban does not end." }),
    reason: Note,
    delete_messages: optional(DeleteMessages).meta({
      description: "`day`: those of the last 24 hours. None, if it is left out.",
    }),
  })
  .meta({ id: "PutAppBan" });
export type PutAppBan = z.infer<typeof PutAppBan>;

/** A user whom the app has banned. */
export const AppBan = z
  .strictObject({
    user_id: Uuid,
    username: z.string(),
    display_name: z.string(),
    reason: z.string(),
    until: Timestamp.nullable(),
    banned_at: Timestamp,
  })
  .meta({ id: "AppBan" });
export type AppBan = z.infer<typeof AppBan>;

/** The same, as the answer to a ban. */
export const AppBanned = z
  .strictObject({
    ...AppBan.shape,
    job_id: Uuid.nullable().meta({ description: "The job that deletes the messages." }),
  })
  .meta({ id: "AppBanned" });
export type AppBanned = z.infer<typeof AppBanned>;

export const AppBanList = z.strictObject({ bans: z.array(AppBan), next_cursor }).meta({ id: "AppBanList" });
export type AppBanList = z.infer<typeof AppBanList>;
