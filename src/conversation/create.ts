/** The beginning of a conversation. */
import type { Caller } from "../domain/caller.ts";
import { summaryOf } from "../domain/caller.ts";
import { created } from "../domain/outcome.ts";
import {
  type ConversationSnapshot,
  type ConversationType,
  DEFAULT_DISAPPEARING_TTL_SECONDS,
  type Role,
} from "../protocol/index.ts";
import { answer, type Change, Room } from "./room.ts";
import type { Store } from "./store.ts";
import { announce } from "./system.ts";
import { toSnapshot } from "./views.ts";

export interface Beginning {
  conversation_id: string;
  type: ConversationType;
  name: string | null;
  description: string | null;
  creator: Caller;
  /** Everybody else. */
  others: Caller[];
}

/** Creates the conversation, or answers with the one that exists: a retry makes no second one (rule 7). */
export function begin(store: Store, existing: Room | undefined, input: Beginning, now: number) {
  if (existing) return { room: existing, change: answer(toSnapshot(existing)) };
  return store.atomically(() => {
    const { conversation_id, type, name, description, creator } = input;
    store.insertConversation({
      conversation_id,
      type,
      name,
      description,
      photo_url: null,
      created_by: creator.user_id,
      created_at: now,
      settings: {
        only_admins_can_send: false,
        disappearing_messages_enabled: false,
        disappearing_ttl_seconds: DEFAULT_DISAPPEARING_TTL_SECONDS,
      },
      changed_seq: 1,
    });
    const room = Room.load(store);
    if (!room) throw new Error("the conversation vanished while it was created");
    return { room, change: populate(room, input, now) };
  });
}

function populate(room: Room, input: Beginning, now: number): Change<ConversationSnapshot> {
  const seq = room.head;
  // Both sides of a direct chat are equals: nobody owns it.
  const creatorRole: Role = input.type === "group" ? "owner" : "member";
  join(room, input.creator, creatorRole, seq);
  for (const other of input.others) join(room, other, "member", seq);
  const data = toSnapshot(room);
  const events: Change<unknown>["events"] = [
    { type: "conversation.created", conversation_id: room.id, seq, data },
  ];
  if (input.type === "group") {
    const content = `${input.creator.display_name} created the group`;
    events.push(announce(room, input.creator, content, { event: "conversation.created" }, now));
  }
  return { outcome: created(toSnapshot(room)), events };
}

/** Puts somebody on the roster; what was said before is neither shown to them nor unread. */
export function join(room: Room, person: Caller, role: Role, seq: number): void {
  room.putMember({
    ...summaryOf(person),
    profile_version: person.profile_version,
    role,
    joined_seq: seq,
    left_seq: null,
    changed_seq: seq,
    at_seq: seq,
    last_read_seq: seq,
    last_delivered_seq: seq,
    read_no: room.messageNo,
    read_sent_no: room.sentNo(person.user_id),
    unread_deleted: 0,
    unread_mentions: 0,
    hidden_seq: null,
  });
}
