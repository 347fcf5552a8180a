/** Which settings a conversation has (rule 10). */
import type { Settings } from "@rocket-chat-api/protocol";

/** Settings of direct conversations, which both users may change. All others are for groups only. */
const FOR_DIRECT: ReadonlySet<string> = new Set<keyof Settings>([
  "disappearing_messages_enabled",
  "disappearing_ttl_seconds",
]);

/** Whether a setting means something in a direct conversation. */
export function isForDirect(name: string): boolean {
  return FOR_DIRECT.has(name);
}
