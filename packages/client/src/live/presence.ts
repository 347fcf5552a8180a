/** Who is there: from the list, from events, and asked for where neither says it (rule 22). */
import type { PresenceStatus, ServerEvent } from "@rocket-chat-api/protocol";
import { Watchers } from "../watchers.ts";
import type { LiveClient } from "./host.ts";

/** Whether a user is there. */
export interface Presence {
  readonly status: PresenceStatus;
  /** ISO 8601; null if it is not known or not shown. */
  readonly last_seen_at: string | null;
}

/** Requests are counted (rule 24), so no more than this many people are asked about after each connect. */
const MAX_ASKED = 30;

export class PresenceState {
  readonly watchers = new Watchers();
  readonly #client: LiveClient;
  readonly #known = new Map<string, Presence>();
  /** People whom this connection has told about, by an event or an answer. */
  readonly #fresh = new Set<string>();
  readonly #wanted = new Set<string>();
  #asked = 0;
  #isAsking = false;

  constructor(client: LiveClient) {
    this.#client = client;
  }

  /** What is known of a user; undefined is nothing. The same object until it changes. */
  presence(userId: string): Presence | undefined {
    return this.#known.get(userId);
  }

  /** Calls `listener` when a user comes or goes, and asks about them if nothing is known. @returns what ends that. */
  watch(userId: string, listener: () => void): () => void {
    const stop = this.watchers.on(userId, listener);
    this.#want([userId]);
    return stop;
  }

  take(event: ServerEvent): void {
    if (event.type !== "user.presence") return;
    const { user_id, status, last_seen_at } = event.data;
    this.#fresh.add(user_id);
    this.#put(user_id, { status, last_seen_at });
  }

  /** There is a new connection: what the last one said may be old. */
  connected(): void {
    this.#fresh.clear();
    this.#asked = 0;
    this.#want(this.watchers.keys());
  }

  #put(userId: string, next: Presence): void {
    const known = this.#known.get(userId);
    if (known?.status === next.status && known.last_seen_at === next.last_seen_at) return;
    this.#known.set(userId, next);
    this.watchers.changed(userId);
  }

  #want(userIds: readonly string[]): void {
    for (const id of userIds) if (!this.#fresh.has(id)) this.#wanted.add(id);
    if (this.#isAsking || this.#wanted.size === 0) return;
    this.#isAsking = true;
    // After all watchers of this turn have said whom they want.
    void Promise.resolve()
      .then(() => this.#ask())
      .finally(() => {
        this.#isAsking = false;
      });
  }

  async #ask(): Promise<void> {
    this.#seed();
    for (const id of this.#wanted) {
      if (this.#client.status !== "open" || this.#asked >= MAX_ASKED) break;
      this.#wanted.delete(id);
      if (this.#fresh.has(id)) continue;
      this.#asked += 1;
      this.#fresh.add(id);
      // Who cannot be asked about stays unknown until the next connection.
      const user = await this.#client.rest.user(id).catch(() => undefined);
      if (user)
        this.#put(id, { status: user.is_online ? "online" : "offline", last_seen_at: user.last_seen_at });
    }
  }

  /** Reads the list, which has the first people of each conversation, where nothing newer is known. */
  #seed(): void {
    const { conversations } = this.#client;
    for (const conversationId of conversations.ids()) {
      const item = conversations.listItem(conversationId);
      for (const { user_id, is_online, last_seen_at } of item?.participants ?? []) {
        if (!this.#wanted.has(user_id) || this.#known.has(user_id)) continue;
        this.#wanted.delete(user_id);
        this.#fresh.add(user_id);
        this.#put(user_id, { status: is_online ? "online" : "offline", last_seen_at });
      }
    }
  }
}
