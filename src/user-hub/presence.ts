/** Keeps the presence that others see in step with the user's sockets. */

import { encodeEvent, type PresenceStatus, timestamp } from "@rocket-chat-api/protocol";
import type { Directory } from "../directory/database.ts";
import { presenceAudience, setPresence } from "../directory/presence.ts";
import type { EpochMs } from "../domain/time.ts";
import { errorFields, log } from "../log.ts";
import { concurrently } from "../realtime/concurrently.ts";
import type { PresenceFrames } from "../realtime/objects.ts";
import { arrive, bestOf, lastSeen, type Vacancy, visiblePresence } from "./presence-state.ts";
import type { HubStore } from "./store.ts";

/** Calls in flight while others are notified: there may be 600 to make. */
const CONCURRENCY = 32;

/** What presence needs of its hub. */
export interface PresenceHost {
  /** The status of each connected device, here or at a conversation. */
  statuses(): PresenceStatus[];
  /** Whether a socket is open here. */
  reachable(): boolean;
  directory(): Directory;
  /** Sends a frame to the user's own sockets here. */
  notifySelf(frame: string): void;
  /** Hands a frame to another user's hub. */
  notifyUser(userId: string, frame: string): Promise<void>;
  /** Hands a presence to the sockets of a conversation that the user is in. */
  notifyConversation(conversationId: string, frames: PresenceFrames): Promise<void>;
  ringBy(time: EpochMs | undefined): void;
}

/** A change of the presence, as the directory takes it. */
interface Change {
  presence: PresenceStatus;
  connected: boolean;
  last_seen_at: EpochMs | undefined;
}

export class Presence {
  readonly #store: HubStore;
  readonly #host: PresenceHost;
  /** Places of devices that closed a moment ago. They end before an object sleeps, so memory is enough. */
  #vacancies: Vacancy[] = [];
  /** The last change that is on its way to the directory and to others. */
  #publishing: Promise<void> = Promise.resolve();

  constructor(store: HubStore, host: PresenceHost) {
    this.#store = store;
    this.#host = host;
  }

  /** A device is about to open. @returns its status until it sets another. */
  arriving(userId: string, now: EpochMs): PresenceStatus {
    const { chosen, closed_at } = this.#store.rowOf(userId);
    const isAlone = this.#host.statuses().length === 0;
    const { status, vacancies } = arrive({ vacancies: this.#vacancies, isAlone, chosen, closed_at }, now);
    this.#vacancies = vacancies;
    if (closed_at !== null) this.#store.update({ closed_at: null });
    return status;
  }

  /** A device has closed. @param status its status. */
  async left(status: PresenceStatus, now: EpochMs): Promise<void> {
    this.#vacancies.push({ status, closed_at: now });
    if (this.#host.statuses().length === 0) this.#store.update({ closed_at: now });
    await this.refresh(now);
  }

  /** Notes that no device is left, where the object has not seen the last one close. */
  checkLeft(now: EpochMs): void {
    const row = this.#store.row();
    const isConnected = this.#host.statuses().length > 0;
    if (row && !isConnected && row.closed_at === null) this.#store.update({ closed_at: now });
  }

  /** Notifies others if what they should see has changed. */
  async refresh(now: EpochMs): Promise<void> {
    const row = this.#store.row();
    if (!row) return;
    const said = bestOf(this.#host.statuses());
    const state = { said, announced: row.announced, closed_at: row.closed_at };
    const { status, lookAgainAt } = visiblePresence(state, now);
    this.#host.ringBy(lookAgainAt);
    if (said !== undefined && said !== row.chosen) this.#store.update({ chosen: said });
    // A device that was cut off is usually back within the pause. This saves two writes for each reconnect.
    const listed = this.#host.reachable() || (row.listed && lookAgainAt !== undefined);
    if (status === row.announced && listed === row.listed) return;
    this.#store.update({ announced: status, listed });
    const change = { presence: status, connected: listed, last_seen_at: lastSeen(state, status, now) };
    const isNews = status !== row.announced;
    // One after the other: an older change that arrives last would undo a newer one.
    this.#publishing = this.#publishing.then(() => this.#publish(row.user_id, change, isNews));
    await this.#publishing;
  }

  async #publish(userId: string, change: Change, isNews: boolean): Promise<void> {
    try {
      const db = this.#host.directory();
      const lastSeen = await setPresence(db, userId, change);
      if (isNews) await this.#announce(db, userId, change.presence, lastSeen);
    } catch (error) {
      // Presence is a courtesy: chat goes on, and the next change is announced again.
      log("warn", "presence.failed", { ...errorFields(error) });
    }
  }

  async #announce(
    db: Directory,
    user_id: string,
    status: PresenceStatus,
    { last_seen_at: at, shows_last_seen }: Awaited<ReturnType<typeof setPresence>>,
  ): Promise<void> {
    const frameAt = (last_seen_at: string | null) =>
      encodeEvent({ type: "user.presence", data: { user_id, status, last_seen_at } });
    const own = frameAt(at === null ? null : timestamp(at));
    const discreet = frameAt(null);
    const open = shows_last_seen ? own : discreet;
    this.#host.notifySelf(own);
    const { users, conversations } = await presenceAudience(db, user_id);
    const calls = [
      ...conversations.map((id) => () => this.#host.notifyConversation(id, { open, discreet })),
      ...users.map((one) => () => this.#host.notifyUser(one.user_id, one.shows_last_seen ? open : discreet)),
    ];
    // Who cannot be reached hears of the next change.
    await concurrently(calls, CONCURRENCY, (call) => call().catch(() => undefined));
  }
}
