/** What a reporter saw: the evidence of a report (rule 29). */
import {
  MAX_SEQ,
  type Message,
  messageId,
  REPORT_CONTEXT,
  REPORT_NEWEST,
  type ReportSnapshot,
  timestamp,
} from "@rocket-chat-api/protocol";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { SnapshotQuery, TakenSnapshot } from "../../domain/report.ts";
import type { EpochMs } from "../../domain/time.ts";
import { redactQuotes } from "../messages/redaction.ts";
import { earlierVersions, editCount } from "../messages/text.ts";
import { toMessages } from "../messages/views.ts";
import { evidenceOf, evidenceVersionsOf } from "../state/evidence.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { leftOutFor, visibleFrom } from "../state/visibility.ts";

/** Bytes of a snapshot as JSON, at most; D1 takes 2 MB a row. The reported message comes first, then its versions. */
const MAX_BYTES = 512 * 1024;

/** A version of a message, and when it was written. */
interface Version {
  content: string;
  written_at: EpochMs;
}

/**
 * Takes a snapshot as somebody sees it who is or was a member. Former members see what was said until they left. A
 * reported message may be one that they have deleted for themselves: they have seen it.
 */
export function takeSnapshot(
  room: Room,
  { user_id, seq }: SnapshotQuery,
  now: EpochMs,
): Outcome<TakenSnapshot> {
  const viewer = room.roster.get(user_id);
  if (!viewer) return refused("FORBIDDEN");
  if (seq === null) return found({ snapshot: newest(room, viewer, now), user_id: otherOf(room, user_id) });
  const row = mayHaveSeen(viewer, seq) ? room.store.message(seq) : undefined;
  if (!row) return refused("NOT_FOUND", "No such message");
  if (row.type === "system") return refused("VALIDATION_ERROR", "A system message cannot be reported");
  const snapshot = around(room, viewer, row, now);
  return snapshot
    ? found({ snapshot, user_id: row.sender_id })
    : refused("NOT_FOUND", "No such message: it was deleted too long ago");
}

function mayHaveSeen(viewer: MemberRow, seq: number): boolean {
  return seq >= visibleFrom(viewer) && seq <= lastSeen(viewer);
}

/** The last place that somebody may have seen. Former members see nothing from when they left. */
function lastSeen(viewer: MemberRow): number {
  return viewer.left_seq ?? MAX_SEQ;
}

/** Messages as somebody sees them. */
function shownTo(room: Room, viewer: MemberRow, rows: MessageRow[]): Message[] {
  return redactQuotes(room, viewer, toMessages(room, rows, viewer.user_id));
}

/** Rows on one side of a place that somebody may see, nearest first. */
function beside(room: Room, viewer: MemberRow, seq: number, side: "before" | "after"): MessageRow[] {
  const floor = visibleFrom(viewer) - 1;
  const end = lastSeen(viewer) + 1;
  const bounds =
    side === "before" ? { after: floor, before: Math.min(seq, end) } : { after: seq, before: end };
  const range = { ...bounds, newestFirst: side === "before", limit: REPORT_CONTEXT };
  return room.store.messagesIn({ ...range, ...leftOutFor(room, viewer) });
}

/** The reported message with its versions, and the visible ones before and after it; undefined if it is gone. */
function around(room: Room, viewer: MemberRow, row: MessageRow, now: EpochMs): ReportSnapshot | undefined {
  const reported = reportedRow(room, viewer, row);
  if (!reported) return undefined;
  const before = beside(room, viewer, row.seq, "before");
  const after = beside(room, viewer, row.seq, "after");
  // The nearest first: they are what must not be left out.
  const nearest = Array.from({ length: REPORT_CONTEXT }, (_, i) => [before[i], after[i]]).flat();
  const rows = nearest.filter((one) => one !== undefined).map((one) => asSeen(room, viewer, one).row);
  const context = shownTo(room, viewer, rows);
  const [message] = shownTo(room, viewer, [reported.row]);
  if (!message) return undefined;
  const budget = new Budget(MAX_BYTES);
  budget.takes(message);
  const versions = toVersions(reported.versions)
    .reverse()
    .filter((version) => budget.takes(version));
  const kept = context.filter((one) => budget.takes(one));
  return {
    ...emptySnapshot(room, now),
    message_id: messageId(room.id, row.seq),
    messages: [...kept, { ...message, is_deleted: row.deleted_at !== null }].sort((a, b) => a.seq - b.seq),
    versions: versions.reverse(),
    is_truncated: budget.isExceeded,
  };
}

/** A message as somebody saw it: as it is, or as it was before it was deleted; undefined where nothing is left of it. */
function reportedRow(room: Room, viewer: MemberRow, row: MessageRow): Seen | undefined {
  if (row.deleted_at === null) return asSeen(room, viewer, row);
  const kept = evidenceOf(room, row.seq);
  return kept && seenUntil(leftAt(room, viewer), kept.row, evidenceVersionsOf(room, row.seq));
}

/** A message, and its versions if it was edited. */
interface Seen {
  row: MessageRow;
  versions: Version[];
}

/** A message as somebody saw it who may be gone since. */
function asSeen(room: Room, viewer: MemberRow, row: MessageRow): Seen {
  if (row.edited_at === null || row.deleted_at !== null) return { row, versions: [] };
  return seenUntil(leftAt(room, viewer), row, earlierVersions(room, row.seq, 0, editCount(room, row.seq)));
}

/** When somebody left; infinity for members. Right after they are out, a system message says so. */
function leftAt(room: Room, { left_seq }: MemberRow): EpochMs {
  if (left_seq === null) return Number.POSITIVE_INFINITY;
  const note = room.store.message(left_seq + 1) ?? room.store.placeAt(left_seq);
  return note.created_at;
}

/** A message without what was written after a time. */
function seenUntil(time: EpochMs, row: MessageRow, earlier: Version[]): Seen {
  if (row.edited_at === null) return { row, versions: [] };
  const all = [...earlier, { content: row.content, written_at: row.edited_at }];
  const versions = all.filter(({ written_at }) => written_at <= time);
  const last = versions.at(-1);
  if (!last) return { row, versions: [] };
  const edited_at = versions.length > 1 ? last.written_at : null;
  return { row: { ...row, content: last.content, edited_at }, versions: edited_at === null ? [] : versions };
}

function toVersions(versions: readonly Version[]): ReportSnapshot["versions"] {
  return versions.map(({ content, written_at }, i) => ({
    version: i + 1,
    content,
    created_at: timestamp(written_at),
  }));
}

/** The newest messages that somebody may see. */
function newest(room: Room, viewer: MemberRow, now: EpochMs): ReportSnapshot {
  const range = { after: visibleFrom(viewer) - 1, before: lastSeen(viewer) + 1, newestFirst: true };
  const rows = room.store.messagesIn({ ...range, limit: REPORT_NEWEST, ...leftOutFor(room, viewer) });
  const budget = new Budget(MAX_BYTES);
  const messages = shownTo(
    room,
    viewer,
    rows.map((row) => asSeen(room, viewer, row).row),
  );
  const kept = messages.filter((message) => budget.takes(message));
  return { ...emptySnapshot(room, now), messages: kept.reverse(), is_truncated: budget.isExceeded };
}

/** The other one of a direct conversation; null for a group. */
function otherOf({ info, roster }: Room, userId: string): string | null {
  return info.type === "direct" ? ([...roster.keys()].find((id) => id !== userId) ?? null) : null;
}

function emptySnapshot(room: Room, now: EpochMs): ReportSnapshot {
  const { conversation_id, type, name, description, photo_url } = room.info;
  const member_count = room.audience.size;
  return {
    taken_at: timestamp(now),
    user: null,
    conversation: { conversation_id, type, name, description, photo_url, member_count },
    message_id: null,
    messages: [],
    versions: [],
    is_truncated: false,
  };
}

/** How much still fits. */
class Budget {
  #left: number;
  isExceeded = false;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Whether a value fits; then it takes its place. */
  takes(value: object): boolean {
    const size = new TextEncoder().encode(JSON.stringify(value)).length;
    const fits = size <= this.#left;
    if (fits) this.#left -= size;
    else this.isExceeded = true;
    return fits;
  }
}
