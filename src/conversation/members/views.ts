/** Converts members and the conversation to what members see. */
import { type ConversationSnapshot, type Member, timestamp } from "@rocket-chat-api/protocol";
import { toStanding } from "../../domain/access.ts";
import { summaryOf } from "../../domain/caller.ts";
import { toMute } from "../../domain/moderation.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";

export function toMember(row: MemberRow): Member {
  return { ...summaryOf(row), ...toStanding(row.role), mute: toMute(row.muted_until) };
}

/** The conversation without its members, as all see it: a resume has no use for a thousand of them. */
export function toInfo(room: Room): Omit<ConversationSnapshot, "participants" | "seq" | "is_request"> {
  const { conversation_id, type, name, photo_url, description, created_by, created_at, settings, metadata } =
    room.info;
  return {
    conversation_id,
    type,
    name,
    photo_url,
    description,
    created_by,
    created_at: timestamp(created_at),
    participant_count: room.audience.size,
    settings,
    metadata,
  };
}

/** Whether the conversation is a request to a member. */
export function isRequestOf(member: Pick<MemberRow, "request"> | undefined): boolean {
  return member?.request?.state === "pending";
}

/** The whole conversation. @param viewer the member who sees it; nobody in particular without one. */
export function toSnapshot(room: Room, viewer?: MemberRow): ConversationSnapshot {
  const participants = room.currentMembers().map(toMember);
  return { ...toInfo(room), is_request: isRequestOf(viewer), participants, seq: room.head };
}
