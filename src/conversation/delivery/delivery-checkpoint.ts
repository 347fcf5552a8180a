/**
 * How far everybody has been told everything. Events wait in memory until they are told; an object that died with some
 * makes everybody ask when it wakes.
 */
import { encodeEvent, type ServerEvent } from "@rocket-chat-api/protocol";
import type { Emission, Room } from "../state/room.ts";
import type { Store } from "../state/store.ts";

/** The name of the cursor. */
const TOLD = "told";
/** Milliseconds until it is looked at again, while something is still on its way. */
const TELL_AGAIN_MS = 5_000;

/** What this needs of its object. */
export interface DeliveryCheckpointHost {
  emit(emissions: Emission[]): void;
  /** Whether nothing is on its way to anybody. */
  isIdle(): boolean;
  /** Tries again to reach those whose events were dropped. */
  tellLost(frame: string): void;
  ringBy(time: number): void;
}

export class DeliveryCheckpoint {
  readonly #store: Store;
  readonly #host: DeliveryCheckpointHost;

  constructor(store: Store, host: DeliveryCheckpointHost) {
    this.#store = store;
    this.#host = host;
  }

  /**
   * To be called when an object wakes: rows beyond the cursor may not have been told, which nothing tells from rows
   * that were told just before it died.
   */
  recover(room: Room, now: number): void {
    const told = this.#store.cursor(TOLD);
    if (told.seq >= room.head && told.rev >= room.rev) return;
    for (const member of room.currentMembers()) if (member.at_seq >= told.seq) room.toldNow(member.user_id);
    this.#host.emit([{ event: askAgain(room), to: room.audience }]);
    this.#host.ringBy(now + TELL_AGAIN_MS);
  }

  /** To be called by the alarm: notes that everybody has been told everything, or looks again later. */
  note(room: Room, now: number): void {
    this.#host.tellLost(encodeEvent(askAgain(room)));
    const { seq, rev } = this.#store.cursor(TOLD);
    if (seq >= room.head && rev >= room.rev) return;
    if (this.#host.isIdle()) this.#store.setCursor(TOLD, { seq: room.head, rev: room.rev });
    else this.#host.ringBy(now + TELL_AGAIN_MS);
  }
}

function askAgain(room: Room): Extract<ServerEvent, { type: "sync.required" }> {
  return { type: "sync.required", conversation_id: room.id };
}
