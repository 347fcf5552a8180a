/** What a user wants of pushes. */
import type { PushPreferences, UpdatePushPreferences } from "@rocket-chat-api/protocol";

/** Preferences after a patch. */
export function patched(before: PushPreferences, patch: UpdatePushPreferences): PushPreferences {
  const { level, do_not_disturb, timezone, snooze_until, preview } = patch;
  return {
    level: level ?? before.level,
    do_not_disturb: do_not_disturb === undefined ? before.do_not_disturb : (do_not_disturb ?? []),
    timezone: timezone ?? before.timezone,
    snooze_until: snooze_until === undefined ? before.snooze_until : snooze_until,
    preview: preview ?? before.preview,
  };
}
