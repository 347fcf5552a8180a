/** Keeps what others are told of a user in step with the user's sockets. */
import type { Directory } from "../directory/database.ts";
import { onlineContacts, setPresence } from "../directory/presence.ts";
import { visiblePresence } from "../domain/presence.ts";
import { log } from "../log.ts";
import { encodeEvent, type PresenceStatus, timestamp } from "../protocol/index.ts";
import type { HubStore } from "./store.ts";

/** What presence needs of its hub. */
export interface PresenceHost {
  /** Whether a socket is open, here or at a conversation. */
  connected(): boolean;
  directory(): Directory;
  /** Hands a frame about somebody to a user's devices. */
  tell(userId: string, frame: string, about: string): Promise<void>;
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
    if (status === row.announced) return;
    this.#store.update({ announced: status });
    const lastSeen = connected ? now : (row.closed_at ?? now);
    await this.#announce(row.user_id, status, connected, lastSeen);
  }

  async #announce(
    userId: string,
    status: PresenceStatus,
    connected: boolean,
    lastSeen: number,
  ): Promise<void> {
    const data = { user_id: userId, status, last_seen_at: timestamp(lastSeen) };
    const frame = encodeEvent({ type: "user.presence", data });
    try {
      const db = this.#host.directory();
      await setPresence(db, userId, { presence: status, connected, last_seen_at: lastSeen });
      const contacts = await onlineContacts(db, userId);
      await Promise.allSettled(
        [userId, ...contacts].map((contact) => this.#host.tell(contact, frame, userId)),
      );
    } catch (error) {
      // Presence is a courtesy: chat goes on, and the next change tells it anew.
      log("warn", "presence.failed", { error: String(error) });
    }
  }
}
