/**
 * Applies changes: writes rows, sends events, wakes consumers. It controls the order and knows nothing of features.
 *
 * Invariant: in one turn everything is written before anything is sent. The output gate holds the sends until the rows
 * are on disk.
 */
import type { ServerEvent } from "@rocket-chat-api/protocol";
import type { Outcome } from "../domain/outcome.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Trace } from "../domain/trace.ts";
import type { Reply } from "../realtime/frames.ts";
import { currentTrace } from "../tracing.ts";
import type { FanOut } from "./delivery/fan-out.ts";
import { GroupCommit, type GroupCommitHost, type Work } from "./group-commit.ts";
import { answer, type Change, type Emission, Room } from "./state/room.ts";
import type { Store } from "./state/store.ts";

/** What the engine needs of its object. */
export interface EngineHost extends Pick<GroupCommitHost, "sync" | "listeners"> {
  /**
   * Rows have changed in this turn. The consumers will read them.
   * @param before the counter before the change.
   * @param trace of what has made it.
   */
  changed(now: number, before: number, trace: Trace | undefined): void;
  /** Notes for the log of moderation were written in this turn. */
  noted(now: number): void;
  /** A user has become a member. Their events come next. */
  joined(userId: string): void;
  /** A user is no longer a member, and has got their last events. */
  removed(userId: string): void;
  /** Files that no message shows any more, according to written rows. */
  discard(keys: string[]): void;
  /** Events that are sent together with those of this turn. */
  withTurn(room: Room): Emission[];
  /** Events that are caused by the events sent in this turn. */
  afterTurn(room: Room): Emission[];
}

export class Engine {
  readonly store: Store;
  readonly fanOut: FanOut;
  readonly #host: EngineHost;
  readonly #commits: GroupCommit;
  #discarded: string[] = [];
  #room: Room | undefined;

  constructor(store: Store, fanOut: FanOut, host: EngineHost) {
    this.store = store;
    this.fanOut = fanOut;
    this.#host = host;
    this.#commits = new GroupCommit({
      sync: () => host.sync(),
      listeners: () => host.listeners(),
      endTurn: (isQuiet) => this.#endTurn(isQuiet),
    });
  }

  /** The conversation; undefined if this object holds none. */
  get room(): Room | undefined {
    this.#room ??= Room.load(this.store);
    return this.#room;
  }

  /** Drops the cached room; it is loaded again on next use. */
  forget(): void {
    this.#room = undefined;
  }

  /**
   * Makes a change: writes, sends in the same turn, then wakes the consumers. Rejects with errors of `make`.
   * @param reply gets the answer inside the turn, so that the output gate holds it too.
   * @param cause the trace of what makes it; null if that has none. It is kept with the work: another's may begin the turn.
   */
  async change<T>(
    make: (now: number) => Change<T>,
    reply?: Reply,
    cause: Trace | null | undefined = currentTrace(),
  ): Promise<Outcome<T>> {
    const trace = cause ?? undefined;
    return await this.#commits.submit(() => {
      const { head, rev, notes } = this.room ?? NOTHING;
      try {
        const now = Date.now();
        const { outcome, emissions, joined = [], removed = [], discarded = [] } = make(now);
        for (const userId of joined) this.#host.joined(userId);
        this.fanOut.add(emissions, trace);
        for (const userId of removed) this.#afterRemoval(userId);
        this.#discarded.push(...discarded);
        if (this.room && (this.room.head !== head || this.room.rev !== rev))
          this.#host.changed(now, head, trace);
        if (this.room && this.room.notes !== notes) this.#host.noted(now);
        reply?.(outcome);
        return outcome;
      } catch (error) {
        this.forget();
        throw error;
      }
    });
  }

  /**
   * Runs a piece of work in a turn together with other pending work; see {@link GroupCommit.post}. It must not throw.
   */
  inTurn(work: Work): void {
    this.#commits.post(work);
  }

  /** Makes a change again and again, each time in a turn of its own, as long as it says that there is more. */
  async changeRepeatedly(make: (room: Room, now: EpochMs) => Change<{ more: boolean }>): Promise<void> {
    for (let more = true; more; ) {
      const outcome = await this.change((now) => {
        const { room, store } = this;
        return room ? store.atomically(() => make(room, now)) : answer({ more: false });
      });
      more = outcome.ok && outcome.body.more;
    }
  }

  /** Sends events at the end of the running turn, or immediately if none runs. */
  emit(emissions: readonly Emission[]): void {
    this.fanOut.add(emissions);
    if (!this.#commits.isRunning) this.fanOut.flush();
  }

  /** Answers one socket after the events of the running turn, or immediately if none runs. */
  answer(socket: WebSocket, event: ServerEvent): void {
    this.fanOut.answer(socket, event);
    if (!this.#commits.isRunning) this.fanOut.flush();
  }

  #afterRemoval(userId: string): void {
    // Immediately: the next change of this turn may add the user again, and old sockets must not get that.
    this.fanOut.flush();
    this.#host.removed(userId);
  }

  #endTurn(isQuiet: boolean): void {
    const { room } = this;
    if (room && this.fanOut.hasEvents) this.fanOut.add(this.#host.withTurn(room));
    this.fanOut.flush();
    const discarded = this.#discarded.splice(0);
    if (discarded.length > 0) this.#host.discard(discarded);
    this.fanOut.add(room ? this.#host.afterTurn(room) : []);
    this.fanOut.flush();
    if (isQuiet) this.fanOut.callHubs();
  }
}

const NOTHING = { head: 0, rev: 0, notes: 0 };
