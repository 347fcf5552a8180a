/** Wakes the conversations that skip this user while no socket is open here (domain/wake.ts). */
import { encodeEvent } from "@rocket-chat-api/protocol";
import { backoff } from "../domain/deadlines.ts";
import type { EpochMs } from "../domain/time.ts";
import { errorFields, log } from "../log.ts";
import { concurrently } from "../realtime/concurrently.ts";
import type { Sessions } from "../realtime/sessions.ts";
import { settledWithin } from "../realtime/settled-within.ts";
import type { HubStore } from "./store.ts";

/** Calls in flight while conversations are woken. */
const CONCURRENCY = 16;
/** Conversations that are woken before they are taken off the list: each time is a commit. */
const PAGE = 128;
/** A socket opens after this long, in milliseconds, even if some conversations are still to be woken. */
const WAKE_WAIT_MS = 250;
/** How far the clocks of two objects may differ, in milliseconds. */
const CLOCK_SLACK_MS = 1_000;
/** What waking needs of its hub. */
export interface WakingHost {
  /** Wakes one conversation. @returns when it last skipped a member. */
  wake(conversationId: string, userId: string, wakeEpoch: number): Promise<EpochMs>;
  /** Sends a frame to the sockets here. */
  notifySelf(frame: string): void;
  ringBy(time: EpochMs): void;
  waitUntil(work: Promise<unknown>): void;
}

export class Waking {
  readonly #store: HubStore;
  readonly #sessions: Sessions;
  readonly #host: WakingHost;
  /** The waking that the first socket has started, while it runs. */
  #onConnect: Promise<void> | undefined;
  /** The waking that an alarm has started, while it runs. */
  #late: Promise<void> | undefined;
  /** How often in a row some conversations could not be woken. */
  #failures = 0;
  /** Wakings that run, and sockets that are about to open. They never reject. */
  readonly #pending = new Set<Promise<void>>();

  constructor(store: HubStore, sessions: Sessions, host: WakingHost) {
    this.#store = store;
    this.#sessions = sessions;
    this.#host = host;
  }

  /**
   * Whether an answer "idle" must wait: no socket is open, but one is about to open or conversations are being woken.
   * While a socket opens, an idle answer already carries the new epoch and would beat the wake. And a conversation is taken
   * off the list of idle ones after it was woken, which would delete an entry that a newer idle answer has just added.
   */
  get delaysIdle(): boolean {
    return this.#pending.size > 0 && this.#sessions.isEmpty;
  }

  /** Resolves when a socket is open, or when the hub may answer "idle". */
  async settled(): Promise<void> {
    while (this.delaysIdle) await Promise.race(this.#pending);
  }

  /**
   * Opens a socket. The first one wakes all idle conversations before it opens, so that they do not skip this user
   * once it is open. It waits for them only a moment.
   */
  async openSocket<T>(userId: string, open: () => Promise<T>): Promise<T> {
    return await this.#track(this.#afterWaking(userId, open));
  }

  async #afterWaking<T>(userId: string, open: () => Promise<T>): Promise<T> {
    if (this.#sessions.isEmpty) {
      this.#onConnect ??= this.#track(this.#wakeOnConnect(userId), () => {
        this.#onConnect = undefined;
      });
      this.#host.waitUntil(this.#onConnect);
    }
    if (this.#onConnect) await settledWithin(this.#onConnect, WAKE_WAIT_MS);
    return await open();
  }

  /** Wakes the conversations that could not be reached when the first socket opened. */
  async retry(): Promise<void> {
    const row = this.#store.row();
    if (!row || this.#sessions.isEmpty) return;
    this.#late ??= this.#track(this.#wakeLate(row.user_id, row.wake_epoch), () => {
      this.#late = undefined;
    });
    await this.#late;
  }

  /** Keeps work among what is pending while it runs. @param ended is called then, before what waits for the work. */
  #track<T>(work: Promise<T>, ended: () => void = () => undefined): Promise<T> {
    const tracked = work.finally(() => {
      this.#pending.delete(settled);
      ended();
    });
    const settled = tracked.then(
      () => undefined,
      () => undefined,
    );
    this.#pending.add(settled);
    return tracked;
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
    this.#host.notifySelf(encodeEvent({ type: "sync.required", conversation_id }));
  }

  /** Wakes every conversation that has been answered "idle". Those that cannot be reached are tried again by alarm. */
  async #wakeIdle(
    userId: string,
    wakeEpoch: number,
    woken: (conversationId: string, skippedAt: EpochMs) => void,
  ): Promise<void> {
    // The newest are last.
    const ids = this.#store.idleIn().reverse();
    let reached = 0;
    for (let at = 0; at < ids.length; at += PAGE) {
      const awake: string[] = [];
      await concurrently(ids.slice(at, at + PAGE), CONCURRENCY, async (id) => {
        try {
          woken(id, await this.#host.wake(id, userId, wakeEpoch));
          awake.push(id);
        } catch (error) {
          log("warn", "wake.failed", { conversation_id: id, ...errorFields(error) });
        }
      });
      this.#store.removeIdleIn(awake);
      reached += awake.length;
    }
    this.#failures = reached < ids.length ? this.#failures + 1 : 0;
    if (this.#failures > 0) this.#host.ringBy(Date.now() + backoff(this.#failures));
  }
}
