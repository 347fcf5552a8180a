/** Tells devices the number on their icon, where nothing else does. */
import type { EpochMs } from "../../domain/time.ts";
import { clearing, emptyItem } from "./items.ts";
import type { ConversationRow, PushStore } from "./push-store.ts";

/** Milliseconds until devices are told: who reads one conversation may read the next. */
const DELAY_MS = 1_500;

export class Badges {
  readonly #store: PushStore;
  readonly #ringBy: (time: EpochMs) => void;

  constructor(store: PushStore, ringBy: (time: EpochMs) => void) {
    this.#store = store;
    this.#ringBy = ringBy;
  }

  /**
   * Less may be unread in a conversation, or count. A device whose icon shows a higher number is told the new one, unless it is
   * about to be told something anyway.
   */
  lower(conversation_id: string, now: EpochMs): void {
    const badge = this.#store.badge(now);
    this.#tell(conversation_id, now, (shown) => shown > badge);
  }

  /**
   * A conversation is no longer muted: what is unread there counts again. Nothing else would tell the devices so, because what was
   * said there pushed to none. The outbox asks for counts that are not known, and sends nothing if the number is the same.
   */
  raise({ conversation_id, word, unread_count, is_stale }: ConversationRow, now: EpochMs): void {
    if (word !== "none" && (unread_count > 0 || is_stale)) this.#tell(conversation_id, now, () => true);
  }

  #tell(conversation_id: string, now: EpochMs, isToldIf: (shown: number) => boolean): void {
    for (const { device_id, is_active, last_badge } of this.#store.devices().values()) {
      if (!is_active || !isToldIf(last_badge ?? 0)) continue;
      // A browser keeps what it cannot be told for its next push.
      if (this.#store.pendingOf(device_id).length > 0) continue;
      const item = this.#store.item(device_id, conversation_id);
      const due = now + DELAY_MS;
      this.#store.putItem(clearing(item ?? emptyItem(device_id, conversation_id), now, due));
      this.#ringBy(due);
    }
  }
}
