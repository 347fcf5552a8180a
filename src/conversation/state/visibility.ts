/**
 * Decides which messages a member may see (rules 6, 10, 17 and 29): not from before what is open to them, not hidden by
 * them, and not of people whom they have blocked. This is the one place: whatever reads messages for a member asks here.
 */
import type { Range } from "./range.ts";
import type { Room } from "./room.ts";
import type { MemberRow, MessageRow } from "./store.ts";

/** The first position that a member may see: that of their joining, unless the history was open to who joined. */
export function visibleFrom({
  visible_from,
  joined_seq,
}: Pick<MemberRow, "visible_from" | "joined_seq">): number {
  return visible_from ?? joined_seq;
}

/** What a message says of its sender. */
type Authored = Pick<MessageRow, "sender_id" | "type">;

/** Whether a message is by someone whom the viewer has blocked. What the conversation itself says is not hidden. */
export function isByBlocked(room: Room, viewerId: string, { sender_id, type }: Authored): boolean {
  return type !== "system" && room.blocks.unseenBy(viewerId).has(sender_id);
}

/** Whether a message is open to a member, though they may have hidden it. */
export function isOpen(room: Room, member: MemberRow, row: Authored & Pick<MessageRow, "seq">): boolean {
  return row.seq >= visibleFrom(member) && !isByBlocked(room, member.user_id, row);
}

/** The message, if it is open to the member. They may have hidden it. */
export function openMessage(room: Room, member: MemberRow, seq: number): MessageRow | undefined {
  if (seq < visibleFrom(member)) return undefined;
  const row = room.store.message(seq);
  return row && !isByBlocked(room, member.user_id, row) ? row : undefined;
}

/** The message, if the member may see it. */
export function visible(room: Room, member: MemberRow, seq: number): MessageRow | undefined {
  if (seq < visibleFrom(member) || room.hidden.has(member.user_id, seq)) return undefined;
  return openMessage(room, member, seq);
}

/** The ones among these messages that a member may see. */
export function visibleAmong<Row extends Authored & Pick<MessageRow, "seq">>(
  room: Room,
  member: MemberRow,
  rows: readonly Row[],
): Row[] {
  const open = rows.filter((row) => isOpen(room, member, row));
  const hidden = room.hidden.among(
    member.user_id,
    open.map((row) => row.seq),
  );
  return open.filter((row) => !hidden.has(row.seq));
}

/** What a range of messages leaves out for a member, beside what lies before it (`Range` in store.ts). */
export function leftOutFor(room: Room, { user_id }: MemberRow): Pick<Range, "viewer" | "unseen"> {
  return { viewer: user_id, unseen: room.blocks.unseenBy(user_id) };
}

/** The members in `to` who may not see a message. All of them, if it is not in this conversation. */
export function whoMayNotSee(
  room: Room,
  seq: number | undefined,
  to: ReadonlySet<string>,
): ReadonlySet<string> {
  if (seq === undefined) return to;
  const unseeing = new Set(room.hidden.hidersOfOne(seq).filter((userId) => to.has(userId)));
  for (const userId of blockersOf(room, seq)) if (to.has(userId)) unseeing.add(userId);
  if (seq >= room.newestJoin) return unseeing;
  for (const userId of to) {
    const member = room.roster.get(userId);
    if (!member || seq < visibleFrom(member)) unseeing.add(userId);
  }
  return unseeing;
}

/** Those who have blocked the sender of a message. */
function blockersOf(room: Room, seq: number): ReadonlySet<string> {
  const row = room.blocks.hidesNothing ? undefined : room.store.message(seq);
  return row && row.type !== "system" ? room.blocks.unseeing(row.sender_id) : NOBODY;
}

const NOBODY: ReadonlySet<string> = new Set();
