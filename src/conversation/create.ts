/** The beginning of a conversation. */
import type { Caller } from "../domain/caller.ts";
import { created } from "../domain/outcome.ts";
import {
  type ConversationSnapshot,
  type ConversationType,
  DEFAULT_DISAPPEARING_TTL_SECONDS,
  type Role,
} from "../protocol/index.ts";
import { answer, type Change, type Emission, Room } from "./room.ts";
import { join } from "./roster.ts";
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
export function begin(
  store: Store,
  existing: Room | undefined,
  input: Beginning,
  now: number,
): Change<ConversationSnapshot> {
  if (existing) return answer(toSnapshot(existing));
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
  return populate(room, input, now);
}

function populate(room: Room, input: Beginning, now: number): Change<ConversationSnapshot> {
  const seq = room.head;
  // Both sides of a direct chat are equals: nobody owns it.
  const creatorRole: Role = input.type === "group" ? "owner" : "member";
  join(room, input.creator, creatorRole, seq);
  for (const other of input.others) join(room, other, "member", seq);
  const data = toSnapshot(room);
  const event = { type: "conversation.created" as const, conversation_id: room.id, seq, data };
  const emissions: Emission[] = [{ event, to: room.audience }];
  if (input.type === "group") {
    const content = `${input.creator.display_name} created the group`;
    emissions.push(announce(room, input.creator, content, { event: "conversation.created" }, now));
  }
  return { outcome: created(toSnapshot(room)), emissions };
}
