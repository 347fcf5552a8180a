/** The push preferences, as parts of their page take them. */
import type { PushPreferences } from "@rocket-chat-api/client/push";

/** What a part of the preferences is given. */
export interface PreferencesProps {
  preferences: PushPreferences;
  onChange: (patch: Partial<PushPreferences>) => void;
}
