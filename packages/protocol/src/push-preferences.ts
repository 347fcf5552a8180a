/** What a user wants to hear of by push, and when (rule 27). */
import { z } from "zod";
import { optional, Timestamp } from "./common.ts";
import { MAX_PUSH_PERIODS } from "./limits.ts";

/** How much of a message a notification says. `encrypted`: all of it, readable by the device alone. */
export const PushPreview = z.enum(["full", "sender", "hidden", "encrypted"]);
export type PushPreview = z.infer<typeof PushPreview>;

/** Which messages push. */
export const PushLevel = z.enum(["all", "mentions", "none"]);
export type PushLevel = z.infer<typeof PushLevel>;

const Day = z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
const TimeOfDay = z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, "must be a time like 22:30");

/** A time of every week in which nothing pushes. It may end on the next day. */
export const QuietPeriod = z
  .object({
    days: z.array(Day).min(1).max(7).meta({ description: "The days on which it begins." }),
    from: TimeOfDay,
    to: TimeOfDay.meta({ description: "At or before `from`: on the next day." }),
  })
  .meta({ id: "QuietPeriod" });
export type QuietPeriod = z.infer<typeof QuietPeriod>;

/** Whether the runtime knows a time zone of the IANA database. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const TimeZone = z.string().min(1).max(64).refine(isTimeZone, "must be a time zone like Europe/Istanbul");

export const PushPreferences = z
  .strictObject({
    level: PushLevel.meta({
      description:
        "In groups of more than 100 members `all` means `mentions`, unless the conversation says otherwise.",
    }),
    do_not_disturb: z.array(QuietPeriod.strict()),
    timezone: z.string(),
    snooze_until: Timestamp.nullable(),
    preview: PushPreview,
  })
  .meta({ id: "PushPreferences" });
export type PushPreferences = z.infer<typeof PushPreferences>;

export const UpdatePushPreferences = z
  .object({
    level: optional(PushLevel),
    do_not_disturb: z.array(QuietPeriod).max(MAX_PUSH_PERIODS).nullable().optional().meta({
      description: "Null or empty: never.",
    }),
    timezone: optional(TimeZone),
    snooze_until: Timestamp.nullable().optional(),
    preview: optional(PushPreview),
  })
  .refine(
    (patch) => Object.values(patch).some((value) => value !== undefined),
    "must contain at least one change",
  )
  .meta({ id: "UpdatePushPreferences" });
export type UpdatePushPreferences = z.infer<typeof UpdatePushPreferences>;

/** How things are until the user says otherwise. */
export const DEFAULT_PUSH_PREFERENCES: PushPreferences = {
  level: "all",
  do_not_disturb: [],
  timezone: "UTC",
  snooze_until: null,
  preview: "full",
};
