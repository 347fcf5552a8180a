/** What a user's hub knows of them, as records of an export (rule 28). */
import { timestamp } from "@rocket-chat-api/protocol";
import type { ExportRecord } from "../domain/export.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { hubObject } from "../realtime/objects.ts";

/** Blocks read at a time. */
const BLOCKS = 100;

/** Devices with what was pushed to them, the wishes about push, and whom the user has blocked. Tokens are left out. */
export async function recordsOfHub(env: Env, userId: string): Promise<ExportRecord[]> {
  const hub = hubObject(env, userId);
  const records: ExportRecord[] = [];
  for (const device of bodyOf(await hub.askPush(userId, "devices", null))) {
    records.push({ record: "device", ...device });
    const { device_id } = device;
    for (const entry of bodyOf(await hub.askPush(userId, "log", { device_id }))) {
      records.push({ record: "push_log", device_id, ...entry });
    }
  }
  records.push({ record: "push_preferences", ...bodyOf(await hub.askPush(userId, "preferences", null)) });
  for (let cursor: number | undefined; ; ) {
    const page = bodyOf(await hub.askBlocks(userId, "list", { cursor, limit: BLOCKS }));
    for (const { user_id, blocked_at } of page.blocks) {
      records.push({ record: "block", user_id, blocked_at: timestamp(blocked_at) });
    }
    if (page.next_cursor === null) return records;
    cursor = page.next_cursor;
  }
}

/** The answer of a hub. @throws if it refuses: then the user is being erased. */
function bodyOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error("the hub refuses");
  return outcome.body;
}
