/** Creates conversations. */

import { type ConversationSnapshot, DEFAULT_SETTINGS, type Role } from "@rocket-chat-api/protocol";
import { created } from "../../domain/outcome.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { NewConversation } from "../../realtime/objects.ts";
import { noteFiltered } from "../messages/filtered.ts";
import { announce } from "../messages/system.ts";
import { answer, type Change, type Emission, Room } from "../state/room.ts";
import type { MemberRow, Store } from "../state/store.ts";
import { joinWithBlocks } from "./blocks.ts";
import { join } from "./membership.ts";
import { isRequestOf, toSnapshot } from "./views.ts";

/** Creates the conversation, or answers with the existing one after a retry (rule 7). */
export function createConversation(
  store: Store,
  existing: Room | undefined,
  input: NewConversation,
  now: EpochMs,
): Change<ConversationSnapshot> {
  if (existing) return answer(toSnapshot(existing, existing.member(input.creator?.user_id ?? "")));
  const { conversation_id, type, name, description, creator, settings, metadata = null } = input;
  store.insertConversation({
    conversation_id,
    type,
    name,
    description,
    photo_url: null,
    created_by: (creator ?? SYSTEM).user_id,
    created_at: now,
    settings: { ...DEFAULT_SETTINGS[type], ...settings },
    metadata,
    changed_seq: 1,
  });
  const room = Room.load(store);
  if (!room) throw new Error("the conversation vanished while it was created");
  return populate(room, input, now);
}

function populate(room: Room, input: NewConversation, now: EpochMs): Change<ConversationSnapshot> {
  const seq = room.head;
  const { creator, filtered = [] } = input;
  // Both users of a direct chat are equal: it has no owner.
  const creatorRole: Role = input.type === "group" ? "owner" : "member";
  if (creator) join(room, creator, creatorRole, seq);
  for (const other of input.others) join(room, other, "member", seq, input.request);
  if (creator) noteFiltered(room, filtered, { target_id: creator.user_id, seq: null }, now);
  joinWithBlocks(room, input.blocks ?? [], room.audience, room.audience);
  const emissions = createdEvents(room, seq);
  if (input.type === "group") {
    emissions.push(announce(room, creator ?? SYSTEM, { event: "conversation.created" }, now));
  }
  return { outcome: created(toSnapshot(room, room.member(creator?.user_id ?? ""))), emissions };
}

/** The event, for everybody as they see the conversation: to some it may be a request. */
function createdEvents(room: Room, seq: number): Emission[] {
  const asked = room.currentMembers().filter(isRequestOf);
  const others = new Set(room.audience);
  for (const { user_id } of asked) others.delete(user_id);
  const eventFor = (to: ReadonlySet<string>, viewer?: MemberRow): Emission => {
    const data = toSnapshot(room, viewer);
    return { event: { type: "conversation.created", conversation_id: room.id, seq, data }, to };
  };
  if (asked.length === 0) return [eventFor(room.audience)];
  return [eventFor(others), ...asked.map((member) => eventFor(new Set([member.user_id]), member))];
}
