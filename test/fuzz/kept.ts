/** Messages that are kept no longer (rule 10), counted once more from the rows. */
import type { Rows } from "./rows.ts";

const DAY_MS = 86_400_000;
/** Messages go up to so much later than they may: an hour, and the runtime's own time. */
const SLACK_MS = 3_600_000 + 120_000;

/** Where messages are kept for some days, older ones are gone, but for pinned ones. Nobody reports anything in a run. */
export function checkKept(id: string, { messages, pins, settings }: Rows, now: number): string[] {
  const days = settings.retention_days;
  if (typeof days !== "number") return [];
  const pinned = new Set(pins.map(({ seq }) => seq));
  return messages
    .filter((row) => row.deleted_at === null && !pinned.has(row.seq))
    .filter((row) => row.created_at < now - days * DAY_MS - SLACK_MS)
    .map(({ seq }) => `${seq} in ${id} is kept for too long`);
}
