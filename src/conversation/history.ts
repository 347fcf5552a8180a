/** Reading: pages of messages, newest first, and single ones. */
import type { Caller } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import {
  type FetchedMessage,
  type HistoryQuery,
  MAX_SEQ,
  type MessagePage,
  type ReceiptStatus,
  seqWithin,
} from "../protocol/index.ts";
import type { Room } from "./room.ts";
import type { MemberRow, MessageRow } from "./store.ts";
import { toMessages } from "./views.ts";

/** How far a message has come, as one member sees it (rule 19). */
function receiptStatus(room: Room, viewer: MemberRow, row: MessageRow): ReceiptStatus {
  const watched = row.sender_id === viewer.user_id ? othersOf(room, viewer) : [viewer];
  if (watched.length === 0) return "sent";
  if (watched.every((member) => member.last_read_seq >= row.seq)) return "read";
  if (watched.every((member) => Math.max(member.last_delivered_seq, member.last_read_seq) >= row.seq)) {
    return "delivered";
  }
  return "sent";
}

function othersOf(room: Room, viewer: MemberRow): MemberRow[] {
  return room.currentMembers().filter((member) => member.user_id !== viewer.user_id);
}

/** Messages as one member fetches them. */
function toFetched(room: Room, viewer: MemberRow, rows: MessageRow[]): FetchedMessage[] {
  const messages = toMessages(room, rows);
  return rows.flatMap((row, index) => {
    const message = messages[index];
    return message ? [{ ...message, receipt_status: receiptStatus(room, viewer, row) }] : [];
  });
}

/** A page of messages (rule 11). Bounds are exclusive positions, so they need not name a message that exists. */
export function history(room: Room, caller: Caller, query: HistoryQuery): Outcome<MessagePage> {
  const member = room.memberOf(caller);
  if (!member) return refused("FORBIDDEN");
  const boundId = query.before_id ?? query.after_id ?? query.around_id;
  const bound = boundId === undefined ? undefined : seqWithin(room.id, boundId);
  if (boundId !== undefined && bound === undefined) return refused("NOT_FOUND", "No such message here");
  const floor = member.joined_seq - 1;
  if (query.around_id !== undefined && bound !== undefined) {
    return found(aroundPage(room, member, bound, query.limit, floor));
  }
  if (query.after_id !== undefined && bound !== undefined) {
    const after = Math.max(bound, floor);
    const rows = page(room, { after, before: MAX_SEQ + 1, newestFirst: false, limit: query.limit });
    const messages = toFetched(room, member, rows.rows.reverse());
    return found({ messages, has_more: rows.more, has_newer: rows.more });
  }
  const before = bound ?? MAX_SEQ + 1;
  const { rows, more } = page(room, { after: floor, before, newestFirst: true, limit: query.limit });
  const has_newer = hasNewer(room, rows[0]?.seq ?? before - 1);
  return found({ messages: toFetched(room, member, rows), has_more: more, has_newer });
}

function aroundPage(
  room: Room,
  member: MemberRow,
  centre: number,
  limit: number,
  floor: number,
): MessagePage {
  const older = page(room, {
    after: floor,
    before: centre + 1,
    newestFirst: true,
    limit: Math.ceil((limit + 1) / 2),
  });
  const newer = page(room, {
    after: Math.max(centre, floor),
    before: MAX_SEQ + 1,
    newestFirst: false,
    limit: Math.max(limit - older.rows.length, 0),
  });
  const messages = toFetched(room, member, [...newer.rows.reverse(), ...older.rows]);
  return { messages, has_more: older.more, has_newer: newer.more };
}

/** At most `limit` rows of a range, and whether it goes on. */
function page(room: Room, range: Parameters<Room["store"]["messagesIn"]>[0]) {
  const rows = room.store.messagesIn({ ...range, limit: range.limit + 1 });
  return { rows: rows.slice(0, range.limit), more: rows.length > range.limit };
}

function hasNewer(room: Room, seq: number): boolean {
  const range = { after: seq, before: MAX_SEQ + 1, newestFirst: false, limit: 1 };
  return room.store.messagesIn(range).length > 0;
}

/** One message. A member sees what was said since they joined; anything else does not exist for them (rule 6). */
export function oneMessage(room: Room, caller: Caller, seq: number): Outcome<FetchedMessage> {
  const member = room.memberOf(caller);
  if (!member) return refused("FORBIDDEN");
  const row = seq >= member.joined_seq ? room.store.message(seq) : undefined;
  const [message] = row ? toFetched(room, member, [row]) : [];
  return message ? found(message) : refused("NOT_FOUND");
}
