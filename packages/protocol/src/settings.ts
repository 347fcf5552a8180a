/** The settings of a conversation (rule 10). */
import { z } from "zod";
import { optional } from "./common.ts";
import {
  DEFAULT_DISAPPEARING_TTL_SECONDS,
  MAX_DISAPPEARING_TTL_SECONDS,
  MAX_RETENTION_DAYS,
  MAX_SLOW_MODE_SECONDS,
  MIN_DISAPPEARING_TTL_SECONDS,
} from "./limits.ts";

export const ConversationType = z.enum(["direct", "group"]);
export type ConversationType = z.infer<typeof ConversationType>;

/** Who may pin messages. A direct conversation has no admins: there everybody may. */
const WhoCanPin = z.enum(["admins", "everyone"]);

/** What people see who join: what is said from then on, or everything (rule 10). */
const History = z.enum(["joined", "all"]);

/** Days for which messages are kept: up to ten years. */
const RetentionDays = z.int().min(1).max(MAX_RETENTION_DAYS);

export const Settings = z
  .strictObject({
    only_admins_can_send: z.boolean(),
    who_can_pin: WhoCanPin,
    history: History,
    disappearing_messages_enabled: z.boolean(),
    disappearing_ttl_seconds: z.int().positive(),
    slow_mode_seconds: z.int().min(0).max(MAX_SLOW_MODE_SECONDS).meta({
      description: "Seconds that a member waits between two messages; 0 is none. Moderators do not wait.",
    }),
    is_frozen: z.boolean().meta({ description: "Whether only managers and moderators may write." }),
    retention_days: RetentionDays.nullable().meta({
      description:
        "Days after which messages are deleted for everyone. Null: as long as the deployment keeps them.",
    }),
  })
  .meta({ id: "Settings" });
export type Settings = z.infer<typeof Settings>;

const STANDARD: Settings = {
  only_admins_can_send: false,
  who_can_pin: "admins",
  history: "joined",
  disappearing_messages_enabled: false,
  disappearing_ttl_seconds: DEFAULT_DISAPPEARING_TTL_SECONDS,
  slow_mode_seconds: 0,
  is_frozen: false,
  retention_days: null,
};

/** The settings of a new conversation (rule 10). What a stored conversation says nothing of is as it is here. */
export const DEFAULT_SETTINGS: Readonly<Record<ConversationType, Settings>> = {
  direct: { ...STANDARD, who_can_pin: "everyone" },
  group: STANDARD,
};

/** What changes settings. What it leaves out stays. */
export const SettingsPatch = z.object({
  only_admins_can_send: optional(z.boolean()),
  who_can_pin: optional(WhoCanPin),
  history: optional(History),
  disappearing_messages_enabled: optional(z.boolean()),
  disappearing_ttl_seconds: optional(
    z.int().min(MIN_DISAPPEARING_TTL_SECONDS).max(MAX_DISAPPEARING_TTL_SECONDS),
  ),
  slow_mode_seconds: optional(z.int().min(0).max(MAX_SLOW_MODE_SECONDS)),
  is_frozen: optional(z.boolean()),
  // Null is a value here: it takes back what was set.
  retention_days: RetentionDays.nullable().optional(),
});
