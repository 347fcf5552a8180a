/**
 * The delivery checkpoint: up to where every event has reached everyone. Events wait in memory until they are delivered.
 * If an object dies with some of them, it asks all clients to sync when it wakes.
 *
 * It has a cursor of its own only while it is not level with the directory's, which is saved by the same alarm: where
 * there is none, the directory's is the checkpoint. That spares a row for each alarm.
 */
import { encodeEvent, type ServerEvent } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../../domain/time.ts";
import { type Cursor, DIRECTORY, hasReached, headOf } from "../state/cursor.ts";
import type { Emission, Room } from "../state/room.ts";
import type { Store } from "../state/store.ts";

/** The name of the checkpoint's cursor in the store. */
const CURSOR = "told";
/** Milliseconds until the next look, while something is still on its way. */
const NEXT_LOOK_MS = 5_000;

/** What this needs of its object. */
export interface DeliveryCheckpointHost {
  emit(emissions: Emission[]): void;
  /** Whether nothing is on its way to anyone. */
  isIdle(): boolean;
  /** Tries again to reach users whose events were dropped. */
  notifyLost(frame: string): void;
  ringBy(time: EpochMs): void;
}

export class DeliveryCheckpoint {
  readonly #store: Store;
  readonly #host: DeliveryCheckpointHost;
  /** The checkpoint, and whether it is stored as a cursor of its own. */
  #saved: Cursor = { seq: 0, rev: 0 };
  #isOwn = false;

  constructor(store: Store, host: DeliveryCheckpointHost) {
    this.#store = store;
    this.#host = host;
  }

  /**
   * To be called when an object wakes. Some rows after the checkpoint may not have been delivered; we cannot know
   * which.
   */
  recover(room: Room, now: EpochMs): void {
    const own = this.#store.findCursor(CURSOR);
    this.#isOwn = own !== undefined;
    this.#saved = own ?? this.#store.cursor(DIRECTORY);
    if (hasReached(this.#saved, headOf(room))) return;
    for (const member of room.currentMembers()) {
      if (member.at_seq >= this.#saved.seq) room.stampReceipt(member.user_id);
    }
    this.#host.emit([{ event: syncRequired(room), to: room.audience }]);
    this.#host.ringBy(now + NEXT_LOOK_MS);
  }

  /**
   * To be called by the alarm, after the directory's cursor was saved: moves the checkpoint if everything has been
   * delivered, or looks again later.
   */
  advance(room: Room, now: EpochMs): void {
    this.#host.notifyLost(encodeEvent(syncRequired(room)));
    const head = headOf(room);
    if (hasReached(this.#saved, head)) return;
    if (this.#host.isIdle()) this.#save(head);
    else {
      // The directory's cursor may be further now.
      if (!this.#isOwn) this.#put(this.#saved);
      this.#host.ringBy(now + NEXT_LOOK_MS);
    }
  }

  #save(head: Cursor): void {
    this.#saved = head;
    if (!hasReached(this.#store.cursor(DIRECTORY), head)) this.#put(head);
    else if (this.#isOwn) {
      this.#isOwn = false;
      this.#store.removeCursor(CURSOR);
    }
  }

  #put(cursor: Cursor): void {
    this.#isOwn = true;
    this.#store.setCursor(CURSOR, cursor);
  }
}

function syncRequired(room: Room): Extract<ServerEvent, { type: "sync.required" }> {
  return { type: "sync.required", conversation_id: room.id };
}
