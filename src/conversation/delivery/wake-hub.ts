/** A member's hub has a socket again: it gets every event from now on, and the counts that it may not find elsewhere. */
import type { EpochMs } from "../../domain/time.ts";
import type { Woken } from "../../realtime/objects.ts";
import { DIRECTORY, hasReached, headOf } from "../state/cursor.ts";
import type { Room } from "../state/room.ts";
import type { HubDelivery } from "./hub-delivery.ts";
import { unreadForHub } from "./hub-unread.ts";

/** The conversation that is woken, and its calls to hubs. */
interface Waked {
  engine: { room: Room | undefined };
  hubDelivery: HubDelivery;
}

/**
 * Wakes a conversation for a member.
 * @param isWhole whether the hub takes the whole answer; one of an older release takes the time alone.
 */
export function wakeHub(
  { engine: { room }, hubDelivery }: Waked,
  userId: string,
  wakeEpoch: number,
  isWhole: boolean,
): EpochMs | Woken {
  const skipped_at = room ? hubDelivery.wake(userId, wakeEpoch) : 0;
  if (!isWhole) return skipped_at;
  // The hub reads all other counts from the directory. The saved cursor lags behind what was written there, so at
  // worst they are told without need.
  const isListed = !room || hasReached(room.store.cursor(DIRECTORY), headOf(room));
  return { skipped_at, unread: isListed ? null : unreadForHub(room, userId) };
}
