/** Wakes the conversations that skip this user while no socket is open here (domain/wake.ts). */
import { encodeEvent } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";
import { errorFields, log } from "../log.ts";
import type { Sessions } from "../realtime/sessions.ts";
import type { HubStore } from "./store.ts";

/** Calls in flight while conversations are woken. */
const CONCURRENCY = 16;
/** How far the clocks of two objects may differ, in milliseconds. */
const CLOCK_SLACK_MS = 1_000;
/** Conversations that could not be woken are tried again after this long, in milliseconds. */
const RETRY_MS = 1_000;

/** What waking needs of its hub. */
export interface WakingHost {
  /** Wakes one conversation. @returns when it last skipped a member. */
  wake(conversationId: string, userId: string, wakeEpoch: number): Promise<EpochMs>;
  ringBy(time: EpochMs): void;
  waitUntil(work: Promise<unknown>): void;
}

export class Waking {
  readonly #store: HubStore;
  readonly #sessions: Sessions;
  readonly #host: WakingHost;
  #onConnect: Promise<void> | undefined;
  #late: Promise<void> | undefined;

  constructor(store: HubStore, sessions: Sessions, host: WakingHost) {
    this.#store = store;
    this.#sessions = sessions;
    this.#host = host;
  }

  /** The waking that the first socket has started, while it runs. */
  get onConnect(): Promise<void> | undefined {
    return this.#onConnect;
  }

  /** The waking that an alarm has started, while it runs. */
  get late(): Promise<void> | undefined {
    return this.#late;
  }

  /**
   * To be called before a socket opens: the first one wakes all idle conversations.
   * @returns the waking that the socket should wait for, for a moment; undefined if none runs.
   */
  start(userId: string): Promise<void> | undefined {
    if (this.#sessions.isEmpty) {
      this.#onConnect ??= this.#wakeOnConnect(userId).finally(() => {
        this.#onConnect = undefined;
      });
      this.#host.waitUntil(this.#onConnect);
    }
    return this.#onConnect;
  }

  /** Wakes the conversations that could not be reached when the first socket opened. */
  async retry(): Promise<void> {
    const row = this.#store.row();
    if (!row || this.#sessions.isEmpty) return;
    this.#late ??= this.#wakeLate(row.user_id, row.wake_epoch).finally(() => {
      this.#late = undefined;
    });
    await this.#late;
  }

  /** Begins a new wake epoch. */
  async #wakeOnConnect(userId: string): Promise<void> {
    const wake_epoch = this.#store.rowOf(userId).wake_epoch + 1;
    this.#store.update({ wake_epoch });
    const startedAt = Date.now();
    await this.#wakeIdle(userId, wake_epoch, (conversationId, skippedAt) => {
      // The socket has not waited for this conversation, which has skipped events in between.
      if (!this.#sessions.isEmpty && skippedAt >= startedAt - CLOCK_SLACK_MS)
        this.#requireSync(conversationId);
    });
  }

  /** Sockets have missed what these conversations sent since the connect, so the clients must ask for it. */
  async #wakeLate(userId: string, wakeEpoch: number): Promise<void> {
    await this.#wakeIdle(userId, wakeEpoch, (conversationId) => this.#requireSync(conversationId));
  }

  #requireSync(conversation_id: string): void {
    this.#sessions.broadcast([encodeEvent({ type: "sync.required", conversation_id })]);
  }

  /** Wakes every conversation that has been answered "idle". Those that cannot be reached are tried again by alarm. */
  async #wakeIdle(
    userId: string,
    wakeEpoch: number,
    woken: (conversationId: string, skippedAt: EpochMs) => void,
  ): Promise<void> {
    const ids = this.#store.idleIn();
    let allReached = true;
    const wakeNext = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        try {
          woken(id, await this.#host.wake(id, userId, wakeEpoch));
          this.#store.removeIdleIn(id);
        } catch (error) {
          allReached = false;
          log("warn", "wake.failed", { conversation_id: id, ...errorFields(error) });
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, wakeNext));
    if (!allReached) this.#host.ringBy(Date.now() + RETRY_MS);
  }
}
