/** Keeps what others are told of a user in step with the user's sockets. */

import { encodeEvent, type PresenceStatus, timestamp } from "@rocket-chat-api/protocol";
import type { Directory } from "../directory/database.ts";
import { presenceAudience, setPresence } from "../directory/presence.ts";
import { errorFields, log } from "../log.ts";
import { arrive, bestOf, lastSeen, type Vacancy, visiblePresence } from "./presence-state.ts";
import type { HubStore } from "./store.ts";

/** What presence needs of its hub. */
export interface PresenceHost {
  /** What the devices say that are connected, here or at a conversation. */
  statuses(): PresenceStatus[];
  /** Whether a socket is open here. */
  reachable(): boolean;
  directory(): Directory;
  /** Hands a frame to the user's own devices here. */
  tellSelf(frame: string): void;
  /** Hands a frame to another user's hub. */
  tellUser(userId: string, frame: string): Promise<void>;
  /** Hands a frame to the sockets of a conversation that the user is in. */
  tellConversation(conversationId: string, frame: string): Promise<void>;
  ringBy(time: number | undefined): void;
}

export class Presence {
  readonly #store: HubStore;
  readonly #host: PresenceHost;
  /** Places of devices that closed a moment ago. In memory: an object sleeps no sooner than they are forgotten. */
  #vacancies: Vacancy[] = [];
  /** The last change that is being told. */
  #telling: Promise<void> = Promise.resolve();

  constructor(store: HubStore, host: PresenceHost) {
    this.#store = store;
    this.#host = host;
  }

  /** A device is about to open. @returns what it says of its user until it says otherwise. */
  arriving(userId: string, now: number): PresenceStatus {
    const { chosen, closed_at } = this.#store.rowOf(userId);
    const isAlone = this.#host.statuses().length === 0;
    const { status, vacancies } = arrive({ vacancies: this.#vacancies, isAlone, chosen, closed_at }, now);
    this.#vacancies = vacancies;
    if (closed_at !== null) this.#store.update({ closed_at: null });
    return status;
  }

  /** A device has closed. @param status what it said. */
  async left(status: PresenceStatus, now: number): Promise<void> {
    this.#vacancies.push({ status, closed_at: now });
    if (this.#host.statuses().length === 0) this.#store.update({ closed_at: now });
    await this.refresh(now);
  }

  /** Tells others if what they should see has changed. */
  async refresh(now: number): Promise<void> {
    const row = this.#store.row();
    if (!row) return;
    const said = bestOf(this.#host.statuses());
    const state = { said, announced: row.announced, closed_at: row.closed_at };
    const { status, lookAgainAt } = visiblePresence(state, now);
    this.#host.ringBy(lookAgainAt);
    if (said !== undefined && said !== row.chosen) this.#store.update({ chosen: said });
    // Who was cut off is as a rule back within the pause: two writes less for each reconnect.
    const listed = this.#host.reachable() || (row.listed && lookAgainAt !== undefined);
    if (status === row.announced && listed === row.listed) return;
    this.#store.update({ announced: status, listed });
    const last_seen_at = lastSeen(state, status, now);
    const isNews = status !== row.announced;
    // One after the other: a change that overtakes the one before it would be undone by it.
    this.#telling = this.#telling.then(async () => {
      try {
        const db = this.#host.directory();
        const seen = await setPresence(db, row.user_id, {
          presence: status,
          connected: listed,
          last_seen_at,
        });
        if (isNews) await this.#announce(db, row.user_id, status, seen);
      } catch (error) {
        // Presence is a courtesy: chat goes on, and the next change tells it anew.
        log("warn", "presence.failed", { ...errorFields(error) });
      }
    });
    await this.#telling;
  }

  async #announce(
    db: Directory,
    user_id: string,
    status: PresenceStatus,
    lastSeen: number | null,
  ): Promise<void> {
    const data = { user_id, status, last_seen_at: lastSeen === null ? null : timestamp(lastSeen) };
    const frame = encodeEvent({ type: "user.presence", data });
    this.#host.tellSelf(frame);
    const { users, conversations } = await presenceAudience(db, user_id);
    await Promise.allSettled([
      ...users.map((userId) => this.#host.tellUser(userId, frame)),
      ...conversations.map((id) => this.#host.tellConversation(id, frame)),
    ]);
  }
}
