/** Inputs of scenarios, in a few words. Ids and times are fixed, so that the corpus is the same each time. */
import type { StateEvent } from "@rocket-chat-api/client";
import type { Member, MessagePage, ServerEvent } from "@rocket-chat-api/protocol";
import { ANN, BOB, fetched, ID, member, sync } from "../unit/client-kit.ts";
import type { Frame, Input } from "./take.ts";

export const CAROL = "00000000-0000-4000-8000-00000000000c";
export const NOW = "2026-11-16T10:30:00.000Z";
export const LATER = "2026-11-16T10:31:00.000Z";

/** Carol, whom the kit of the client's tests does not know. */
export const carol: Member = { ...member(CAROL, "Carol"), username: "carol" };

/** Settings of a new group. */
const settings = {
  only_admins_can_send: false,
  who_can_pin: "everyone" as const,
  history: "joined" as const,
  disappearing_messages_enabled: false,
  disappearing_ttl_seconds: 604_800,
  slow_mode_seconds: 0,
  is_frozen: false,
  retention_days: null,
};

const info = {
  conversation_id: ID,
  type: "group" as const,
  name: "Friends",
  photo_url: null,
  description: null,
  created_by: ANN,
  created_at: NOW,
  participant_count: 2,
  settings,
  metadata: null,
};

const owner = { ...member(ANN), role: "admin" as const, is_owner: true };

/** A group of Ann and Bob begins. */
export const begins: StateEvent = {
  type: "conversation.created",
  conversation_id: ID,
  seq: 1,
  data: { ...info, is_request: false, seq: 1, participants: [owner, member(BOB)] },
};

/** The whole group as a `conversation.sync` brings it to a client that knows nothing. */
export function whole(seq: number, patch: Parameters<typeof sync>[0] = {}): StateEvent {
  const mark = (user_id: string) => ({ user_id, joined_seq: 1, last_read_seq: 1, last_delivered_seq: 1 });
  return sync({
    seq,
    limited: true,
    conversation: info,
    members: [owner, member(BOB)],
    read_states: [mark(ANN), mark(BOB)],
    ...patch,
  });
}

/** An event of the group. @param seq undefined is one that takes no number. */
export function happens(type: string, data: object, seq?: number): Frame {
  return { type, conversation_id: ID, ...(seq !== undefined && { seq }), data };
}

/** Frames, one after the other. */
export function inputs(...frames: (Frame | StateEvent | ServerEvent)[]): Input[] {
  return frames.map((frame) => ({ frame }));
}

/** An older page of messages by Bob, from a place down to another, and whether there are more. */
export function page(from: number, downTo: number, has_more: boolean): MessagePage {
  const messages = Array.from({ length: from - downTo + 1 }, (_, index) => fetched(from - index, BOB));
  return { messages, has_more, has_newer: true };
}

/** A change of settings names all of them. */
export { settings };
