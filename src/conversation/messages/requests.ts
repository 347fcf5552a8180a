/** Message requests: a stranger's direct chat is accepted, by saying so or by answering, or declined (rule 29). */
import { MAX_SEQ } from "@rocket-chat-api/protocol";
import { checkOpen } from "../../domain/access.ts";
import { isKeptApart, type MessageRequest } from "../../domain/message-request.ts";
import { refused } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import { addReadMark } from "../receipts/read.ts";
import { shownMarks, tellsReads } from "../receipts/shown-marks.ts";
import { receipt } from "../receipts/write-receipts.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { otherOf, strangerOf } from "../state/message-requests.ts";
import { answer, type Change, type Emission, type Room, unchanged } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { announce } from "./system.ts";

/**
 * Accepts a direct chat: it counts like any other from now on.
 * @param member has not accepted it yet.
 * @returns the events: that it is accepted, for their own devices, and what the stranger has not learned so far.
 */
export function accept(room: Room, member: MemberRow, now: EpochMs): Emission[] {
  // A declined one comes back into the list with the message that follows, as a hidden one does.
  const hidden_seq = member.hidden_seq === MAX_SEQ ? room.head : member.hidden_seq;
  const { shown_read } = member;
  const accepted = room.putMember({
    ...member,
    request: null,
    hidden_seq,
    at_seq: room.head,
    shown_read: shown_read && { ...shown_read, at_seq: room.head },
  });
  if (!isKeptApart(member.request)) return [];
  const { user_id, last_read_seq, joined_seq } = accepted;
  if (tellsReads(accepted) && last_read_seq > joined_seq) addReadMark(room, user_id, last_read_seq, now);
  return [requestEvent(room, accepted, "accepted"), ...receiptsOf(room, accepted, now)];
}

/** How far the member has come, for the stranger, to whom that was not told. */
function receiptsOf(room: Room, member: MemberRow, now: EpochMs): Emission[] {
  const stranger = otherOf(room, member);
  if (!stranger) return [];
  const { joined_seq } = member;
  const { read, delivered } = shownMarks(room, stranger, member);
  const to = new Set([stranger.user_id]);
  const told = (status: "delivered" | "read", seq: number) =>
    seq > joined_seq ? (receipt(room, member.user_id, status, room.messageAt(seq), now, to) ?? []) : [];
  return [...(delivered > read ? [told("delivered", delivered)] : []), told("read", read)].flat();
}

function requestEvent(room: Room, { user_id }: MemberRow, status: "accepted" | "declined"): Emission {
  const event = { type: "request.updated" as const, conversation_id: room.id, data: { status } };
  return { event, to: new Set([user_id]) };
}

function notInGroup(): Change<null> {
  return unchanged(refused("VALIDATION_ERROR", "Not available in a group"));
}

/** Accepts without an answer. The stranger hears of it in the history. Repeating it changes nothing. */
function acceptRequest({ room, member, now }: Context<"acceptRequest">): Change<null> {
  if (room.info.type === "group") return notInGroup();
  if (!member.request) return answer(null);
  const refusal = checkOpen(room.blocks.isClosed);
  if (refusal) return unchanged(refused(refusal));
  const isWaiting = isKeptApart(member.request);
  const emissions = accept(room, member, now);
  if (isWaiting) {
    emissions.push(announce(room, member, { event: "request.accepted" }, now));
  }
  return { ...answer(null), emissions };
}

/** Declines: the chat leaves the list, and the stranger can say nothing more. Repeating it changes nothing. */
function declineRequest({ room, member }: Context<"declineRequest">): Change<null> {
  const stranger = strangerOf(room, member);
  if (!stranger.ok) return unchanged(stranger);
  const request = member.request as MessageRequest;
  if (request.state === "declined") return answer(null);
  const declined = room.putMember({
    ...member,
    request: { ...request, state: "declined" },
    hidden_seq: MAX_SEQ,
    at_seq: room.head,
  });
  return { ...answer(null), emissions: [requestEvent(room, declined, "declined")] };
}

export const requestHandlers = {
  acceptRequest: { apply: acceptRequest },
  declineRequest: { apply: declineRequest },
} satisfies Partial<Handlers>;
