/** `sync.required`: asks clients to ask, where they may not have everything, or may not know of the conversation. */
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { EncodedEvent } from "../../realtime/encoded-event.ts";
import type { Room } from "../state/room.ts";
import type { HubDelivery } from "./hub-delivery.ts";

type SyncRequired = Extract<ServerEvent, { type: "sync.required" }>;

/** The event. With `up_to_seq`, who has everything up to there need not ask; without it, everybody must. */
export function syncRequired(room: Room, more: Pick<SyncRequired, "up_to_seq" | "reset"> = {}): SyncRequired {
  return { type: "sync.required", conversation_id: room.id, ...more };
}

/**
 * The event for a member who may have missed some since a position. One of them may have said `reset`, if whom they have
 * blocked changed since then (rule 29).
 */
export function syncAfterLoss(room: Room, userId: string, since: number): SyncRequired {
  return syncRequired(room, (room.member(userId)?.blocks_seq ?? -1) >= since ? { reset: true } : {});
}

/**
 * The directory has begun to list the conversation for these members. A socket that opened after they heard of it, and
 * asked `/sync` before now, knows nothing of it: neither the event nor the list has named it.
 * Who has everything so far has heard that they are in.
 */
export function notifyListed(hubs: HubDelivery, room: Room | undefined, userIds: ReadonlySet<string>): void {
  if (!room) return;
  // Some may have left while the batch was being written.
  const to = new Set([...userIds].filter((id) => room.member(id)));
  hubs.deliver(to, {
    events: [EncodedEvent.of(syncRequired(room, { up_to_seq: room.head }))],
    seqs: [0],
    newest: undefined,
    recounted: "everyone",
  });
}
