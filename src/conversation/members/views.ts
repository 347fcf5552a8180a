/** Converts members and the conversation to what members see. */
import { type ConversationSnapshot, type Member, timestamp } from "@rocket-chat-api/protocol";
import { toStanding } from "../../domain/access.ts";
import { summaryOf } from "../../domain/caller.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";

export function toMember(row: MemberRow): Member {
  return { ...summaryOf(row), ...toStanding(row.role) };
}

/** The whole conversation. */
export function toSnapshot(room: Room): ConversationSnapshot {
  const { conversation_id, type, name, photo_url, description, created_by, created_at, settings } = room.info;
  const current = room.currentMembers();
  return {
    conversation_id,
    type,
    name,
    photo_url,
    description,
    created_by,
    created_at: timestamp(created_at),
    participant_count: current.length,
    participants: current.map(toMember),
    settings,
    seq: room.head,
  };
}
