/** Keeps what others are told of a user in step with the user's sockets. */
import type { Directory } from "../directory/database.ts";
import { presenceAudience, setPresence } from "../directory/presence.ts";
import { isSeen, visiblePresence } from "../domain/presence.ts";
import { log } from "../log.ts";
import { encodeEvent, type PresenceStatus, timestamp } from "../protocol/index.ts";
import type { HubStore } from "./store.ts";

/** What presence needs of its hub. */
export interface PresenceHost {
  /** Whether a socket is open, here or at a conversation. */
  connected(): boolean;
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

  constructor(store: HubStore, host: PresenceHost) {
    this.#store = store;
    this.#host = host;
  }

  /** A socket has opened. A user who comes back after all were closed is online again, whatever they said before. */
  async opened(userId: string, wasConnected: boolean, now: number): Promise<void> {
    this.#store.rowOf(userId);
    if (!wasConnected) this.#store.update({ chosen: "online", closed_at: null });
    await this.refresh(now);
  }

  /** A socket has closed. */
  async closed(now: number): Promise<void> {
    if (!this.#host.connected()) this.#store.update({ closed_at: now });
    await this.refresh(now);
  }

  /** The user says how they want to be seen. */
  async chosen(userId: string, status: PresenceStatus, now: number): Promise<void> {
    this.#store.rowOf(userId);
    this.#store.update({ chosen: status });
    await this.refresh(now);
  }

  /** Tells others if what they should see has changed. */
  async refresh(now: number): Promise<void> {
    const row = this.#store.row();
    if (!row) return;
    const connected = this.#host.connected();
    const { status, lookAgainAt } = visiblePresence({ ...row, connected }, now);
    this.#host.ringBy(lookAgainAt);
    // Who was cut off is as a rule back within the pause: two writes less for each reconnect.
    const listed = this.#host.reachable() || (row.listed && lookAgainAt !== undefined);
    if (status === row.announced && listed === row.listed) return;
    this.#store.update({ announced: status, listed });
    const seen_at = connected ? now : (row.closed_at ?? now);
    const last_seen_at = isSeen({ ...row, connected }, status) ? seen_at : undefined;
    try {
      const db = this.#host.directory();
      const lastSeen = await setPresence(db, row.user_id, {
        presence: status,
        connected: listed,
        last_seen_at,
      });
      if (status !== row.announced) await this.#announce(db, row.user_id, status, lastSeen);
    } catch (error) {
      // Presence is a courtesy: chat goes on, and the next change tells it anew.
      log("warn", "presence.failed", { error: String(error) });
    }
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
