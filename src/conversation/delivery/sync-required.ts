/** `sync.required`: asks clients to ask, where they may not have everything, or may not know of the conversation. */
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { EncodedEvent } from "../../realtime/encoded-event.ts";
import type { Room } from "../state/room.ts";
import type { HubDelivery } from "./hub-delivery.ts";

type SyncRequired = Extract<ServerEvent, { type: "sync.required" }>;

/** The event. @param upToSeq who has everything up to here need not ask; without it, everybody must. */
export function syncRequired(room: Room, upToSeq?: number): SyncRequired {
  const event: SyncRequired = { type: "sync.required", conversation_id: room.id };
  return upToSeq === undefined ? event : { ...event, up_to_seq: upToSeq };
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
    events: [EncodedEvent.of(syncRequired(room, room.head))],
    seqs: [0],
    newest: undefined,
    recounted: "everyone",
  });
}
