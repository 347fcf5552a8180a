/** Reads messages: pages, newest first, and single ones. */

import {
  type FetchedMessage,
  type HistoryQuery,
  MAX_PAGE_BYTES,
  MAX_SEQ,
  type MessagePage,
  type ReceiptStatus,
  seqWithin,
  statusOf,
} from "@rocket-chat-api/protocol";
import { LowestMarks, type Watch } from "../../domain/lowest-marks.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import { fitting, fittingAround, sizesOf } from "../../domain/page-bytes.ts";
import { newestUndelivered } from "../receipts/read.ts";
import { shownMarks } from "../receipts/shown-marks.ts";
import type { Handlers } from "../state/handler.ts";
import type { Range } from "../state/range.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { leftOutFor, visible, visibleFrom } from "../state/visibility.ts";
import { redactQuotes } from "./redaction.ts";
import { toMessages } from "./views.ts";

/**
 * Receipt states as one member sees them (rule 19). For their own messages: the lowest state of the other recipients.
 * For messages of others: their own state.
 */
function receiptStatuses(room: Room, viewer: MemberRow): (row: MessageRow) => ReceiptStatus {
  const own = watch(room, viewer, viewer);
  let others: LowestMarks | undefined;
  return (row) => {
    if (row.sender_id !== viewer.user_id) return statusOf(row.seq, own.read, own.delivered);
    others ??= new LowestMarks(
      room
        .currentMembers()
        .flatMap((member) => (member.user_id === viewer.user_id ? [] : watch(room, viewer, member))),
    );
    const lowest = others.of(row.seq);
    return lowest ? statusOf(row.seq, lowest.read, lowest.delivered) : "sent";
  };
}

/** A member's watermarks, as far as a viewer may know them. */
function watch(room: Room, viewer: MemberRow, member: MemberRow): Watch {
  return { joined_seq: member.joined_seq, ...shownMarks(room, viewer, member) };
}

/** Messages as one member fetches them. */
export function toFetched(room: Room, viewer: MemberRow, rows: MessageRow[]): FetchedMessage[] {
  const statuses = rows.map(receiptStatuses(room, viewer));
  return redactQuotes(room, viewer, toMessages(room, rows, viewer.user_id)).map((message, index) => {
    const receipt_status = statuses[index] ?? "sent";
    return { ...message, status: receipt_status, receipt_status };
  });
}

/** A page of messages (rule 11). Bounds are exclusive positions, and need not be existing messages. */
function pageOf(room: Room, member: MemberRow, query: HistoryQuery): Outcome<MessagePage> {
  const boundId = query.before_id ?? query.after_id ?? query.around_id;
  const bound = boundId === undefined ? undefined : seqWithin(room.id, boundId);
  if (boundId !== undefined && bound === undefined)
    return refused("NOT_FOUND", "No such message in this conversation");
  const reader = new PageReader(room, member);
  if (query.around_id !== undefined && bound !== undefined) return found(reader.around(bound, query.limit));
  if (query.after_id !== undefined && bound !== undefined) return found(reader.after(bound, query.limit));
  return found(reader.before(bound ?? MAX_SEQ + 1, query.limit));
}

/** Pages of the messages that one member may see. */
class PageReader {
  readonly #room: Room;
  readonly #member: MemberRow;
  /** The last position before the member joined. It and earlier ones are not shown. */
  readonly #floor: number;

  constructor(room: Room, member: MemberRow) {
    this.#room = room;
    this.#member = member;
    this.#floor = visibleFrom(member) - 1;
  }

  before(seq: number, limit: number): MessagePage {
    const { rows, more } = this.#page({ after: this.#floor, before: seq, newestFirst: true, limit });
    const newest = rows[0]?.seq ?? seq - 1;
    const newer = this.#page({ after: newest, before: MAX_SEQ + 1, newestFirst: false, limit: 1 });
    const messages = fitting(this.#show(rows), MAX_PAGE_BYTES);
    const has_more = more || messages.length < rows.length;
    return { messages, has_more, has_newer: newer.rows.length > 0 };
  }

  after(seq: number, limit: number): MessagePage {
    const after = Math.max(seq, this.#floor);
    const { rows, more } = this.#page({ after, before: MAX_SEQ + 1, newestFirst: false, limit });
    const messages = fitting(this.#show(rows), MAX_PAGE_BYTES);
    const has_more = more || messages.length < rows.length;
    return { messages: messages.reverse(), has_more, has_newer: has_more };
  }

  /** The message in the middle of the page. If one side has too few messages, the other fills the page. */
  around(seq: number, limit: number): MessagePage {
    const older = this.#page({ after: this.#floor, before: seq + 1, newestFirst: true, limit });
    const after = Math.max(seq, this.#floor);
    const newer = this.#page({ after, before: MAX_SEQ + 1, newestFirst: false, limit });
    const half = Math.ceil((limit + 1) / 2);
    const newerCount = Math.min(newer.rows.length, limit - Math.min(older.rows.length, half));
    const olderCount = Math.min(older.rows.length, limit - newerCount);
    const rows = [...newer.rows.slice(0, newerCount).reverse(), ...older.rows.slice(0, olderCount)];
    const messages = this.#show(rows);
    // The message itself, or the next older one.
    const centre = Math.min(newerCount, Math.max(rows.length - 1, 0));
    const { from, to } = fittingAround(sizesOf(messages, MAX_PAGE_BYTES), centre, MAX_PAGE_BYTES);
    const has_more = older.more || older.rows.length > olderCount || to < rows.length;
    const has_newer = newer.more || newer.rows.length > newerCount || from > 0;
    return { messages: messages.slice(from, to), has_more, has_newer };
  }

  /** At most `limit` rows of a range, and whether there are more. */
  #page(range: Omit<Range, "viewer" | "unseen">) {
    const leftOut = leftOutFor(this.#room, this.#member);
    const rows = this.#room.store.messagesIn({ ...range, ...leftOut, limit: range.limit + 1 });
    return { rows: rows.slice(0, range.limit), more: rows.length > range.limit };
  }

  #show(rows: MessageRow[]): FetchedMessage[] {
    return toFetched(this.#room, this.#member, rows);
  }
}

/**
 * The newest message of another member that counts as delivered with a page. Nobody learns from a receipt that they are
 * blocked: who has the newest page has theirs, too.
 */
function newestDelivered(
  room: Room,
  member: MemberRow,
  { messages, has_newer }: MessagePage,
): number | undefined {
  const hasBlocked = room.blocks.unseenBy(member.user_id).size > 0;
  if (hasBlocked && !has_newer) return newestUndelivered(room, member, room.head);
  return messages.find((message) => message.sender_id !== member.user_id)?.seq;
}

/** One message. Members see messages since they joined; others do not exist for them (rule 6). */
function oneMessage(room: Room, member: MemberRow, seq: number): Outcome<FetchedMessage> {
  const row = visible(room, member, seq);
  const [message] = row ? toFetched(room, member, [row]) : [];
  return message ? found(message) : refused("NOT_FOUND", "No such message");
}

export const historyHandlers = {
  listMessages: {
    /** Fetching marks messages as delivered. */
    answer({ room, member, input }, effects) {
      const page = pageOf(room, member, input);
      const delivered = page.ok ? newestDelivered(room, member, page.body) : undefined;
      if (delivered !== undefined) effects.delivered(member.user_id, delivered);
      return page;
    },
  },
  getMessage: {
    answer({ room, member, seq }, effects) {
      const message = oneMessage(room, member, seq);
      const isFromOthers = message.ok && message.body.sender_id !== member.user_id;
      if (isFromOthers) effects.delivered(member.user_id, seq);
      return message;
    },
  },
} satisfies Partial<Handlers>;
