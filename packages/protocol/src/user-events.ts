/** Events about a user, whatever the conversation. */
import { z } from "zod";
import { Timestamp, withDefaults } from "./common.ts";
import { LEAN_DEFAULTS } from "./lean-defaults.ts";
import { Privacy } from "./privacy.ts";
import { PresenceStatus, UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

export const UserPresence = z
  .strictObject({
    type: z.literal("user.presence"),
    data: z.strictObject(
      withDefaults(
        { user_id: Uuid, status: PresenceStatus, last_seen_at: Timestamp.nullable() },
        LEAN_DEFAULTS.presence,
      ),
    ),
  })
  .meta({ id: "UserPresence" });

/** For the user's other devices: their profile has changed. */
export const UserUpdated = z
  .strictObject({ type: z.literal("user.updated"), data: UserSummary })
  .meta({ id: "UserUpdated" });

/** For the user's own devices: their privacy settings have changed (rule 29). */
export const PrivacyUpdated = z
  .strictObject({ type: z.literal("privacy.updated"), data: Privacy })
  .meta({ id: "PrivacyUpdated" });
