/** Writes what was delivered, and makes the receipts that say so. */

import { messageId, timestamp } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../../domain/time.ts";
import type { Emission, Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { pushesReceipts } from "./pacing.ts";
import { PassedMessages } from "./passed-messages.ts";
import { tellsDeliveries, tellsReads } from "./shown-marks.ts";

/** How far a member has read, and when. */
export interface ReadUpTo {
  seq: number;
  at: EpochMs;
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Writes all delivered watermarks as one row. Read watermarks are written already.
 * @param delivered how far each member's devices have received messages.
 * @returns a receipt for each watermark that moved: it names the newest message that the watermark passed.
 */
export function writeReceipts(
  room: Room,
  delivered: ReadonlyMap<string, number>,
  read: ReadonlyMap<string, ReadUpTo>,
  now: EpochMs,
): Emission[] {
  const passed = new PassedMessages(room);
  const before = new Map([...delivered.keys()].map((userId) => [userId, passed.startOf(userId)]));
  const moved = room.moveDelivered(delivered, now);
  for (const userId of read.keys()) room.stampReceipt(userId);
  const isPushed = pushesReceipts(room.audience.size);
  const deliveries = [...moved].flatMap(([userId, seq]) => {
    // In a large group, clients ask for them.
    const isTold = isPushed && isTrueOf(room, userId, tellsDeliveries);
    const senders = isTold ? passed.senders(userId, before.get(userId) ?? 0, seq) : NOBODY;
    return receipt(room, userId, "delivered", passed.newestAt(seq), now, senders) ?? [];
  });
  const readers = isPushed && read.size > 0 ? readersOf(room) : NOBODY;
  const reads = [...read].flatMap(([userId, { seq, at }]) => {
    // In a large group, and from who says nothing, it goes to the member's own devices alone, which clear their badges.
    const own = room.audience.has(userId) ? new Set([userId]) : NOBODY;
    const to = isPushed && isTrueOf(room, userId, tellsReads) ? readers : own;
    return receipt(room, userId, "read", passed.newestAt(seq), at, to) ?? [];
  });
  return [...deliveries, ...reads];
}

/** Who learns what others read: who shows it too. The same set as all members where everybody does. */
function readersOf(room: Room): ReadonlySet<string> {
  const { audience } = room;
  const others = room.currentMembers().filter((member) => !member.read_receipts);
  if (others.length === 0) return audience;
  const readers = new Set(audience);
  for (const { user_id } of others) readers.delete(user_id);
  return readers;
}

/** Whether something is true of a member, or of one who has just left. */
function isTrueOf(room: Room, userId: string, test: (member: MemberRow) => boolean): boolean {
  const member = room.roster.get(userId);
  return member !== undefined && test(member);
}

/** The event. @param seq of the newest message that was passed; 0 if there is none. */
export function receipt(
  room: Room,
  user_id: string,
  status: "delivered" | "read",
  seq: number,
  at: EpochMs,
  to: ReadonlySet<string>,
): Emission | undefined {
  if (seq === 0 || to.size === 0) return undefined;
  const data = {
    message_id: messageId(room.id, seq),
    up_to: true as const,
    user_id,
    status,
    timestamp: timestamp(at),
  };
  return { event: { type: "message.receipt", conversation_id: room.id, data }, to };
}
