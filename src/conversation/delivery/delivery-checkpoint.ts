/**
 * The delivery checkpoint: up to where every event has reached everyone. Events wait in memory until they are delivered.
 * If an object dies with some of them, it asks all clients to sync when it wakes.
 */
import type { EpochMs } from "../../domain/time.ts";
import { EncodedEvent } from "../../realtime/encoded-event.ts";
import { hasReached, headOf } from "../state/cursor.ts";
import type { Emission, Room } from "../state/room.ts";
import type { Store } from "../state/store.ts";
import { syncAfterLoss, syncRequired } from "./sync-required.ts";

/** The name of the checkpoint's cursor in the store. */
const CURSOR = "told";
/** Milliseconds until the next look, while something is still on its way. */
const NEXT_LOOK_MS = 5_000;

/** What this needs of its object. */
export interface DeliveryCheckpointHost {
  emit(emissions: Emission[]): void;
  /** Whether nothing is on its way to anyone. */
  isIdle(): boolean;
  /** Tries again to reach users whose events were dropped. @param eventFor asks the clients of one of them to sync. */
  notifyLost(eventFor: (userId: string) => EncodedEvent): void;
  ringBy(time: EpochMs): void;
}

export class DeliveryCheckpoint {
  readonly #store: Store;
  readonly #host: DeliveryCheckpointHost;

  constructor(store: Store, host: DeliveryCheckpointHost) {
    this.#store = store;
    this.#host = host;
  }

  /**
   * To be called when an object wakes. Some rows after the checkpoint may not have been delivered; we cannot know
   * which.
   */
  recover(room: Room, now: EpochMs): void {
    const checkpoint = this.#store.cursor(CURSOR);
    if (hasReached(checkpoint, headOf(room))) return;
    for (const member of room.currentMembers()) {
      if (member.at_seq >= checkpoint.seq) room.stampReceipt(member.user_id);
    }
    const members = Map.groupBy(
      room.audience,
      (userId) => syncAfterLoss(room, userId, checkpoint.seq).reset ?? false,
    );
    for (const [reset, userIds] of members) {
      const event = syncRequired(room, reset ? { reset } : {});
      this.#host.emit([{ event, to: new Set(userIds) }]);
    }
    this.#host.ringBy(now + NEXT_LOOK_MS);
  }

  /** To be called by the alarm: moves the checkpoint if everything has been delivered, or looks again later. */
  advance(room: Room, now: EpochMs): void {
    const head = headOf(room);
    const checkpoint = this.#store.cursor(CURSOR);
    this.#host.notifyLost((userId) => EncodedEvent.of(syncAfterLoss(room, userId, checkpoint.seq)));
    if (hasReached(checkpoint, head)) return;
    if (this.#host.isIdle()) this.#store.setCursor(CURSOR, head);
    else this.#host.ringBy(now + NEXT_LOOK_MS);
  }
}
