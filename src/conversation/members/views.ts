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

/** The conversation without its members: a resume has no use for a thousand of them. */
export function toInfo(room: Room): Omit<ConversationSnapshot, "participants" | "seq"> {
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

/** The whole conversation. */
export function toSnapshot(room: Room): ConversationSnapshot {
  return { ...toInfo(room), participants: room.currentMembers().map(toMember), seq: room.head };
}
