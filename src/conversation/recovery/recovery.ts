/**
 * Takes a conversation back to a point in time, in steps that a job asks for (src/recovery.ts). The platform restores the storage of an
 * object when it starts again, and does not tell the object; so the job knows, and a note that only the later state has.
 */
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import {
  checkRecovery,
  type FinishOrder,
  type RecoveryInput,
  type RecoveryRequestName,
  type RecoveryRequests,
  SPARE_NUMBERS,
} from "../../domain/recovery.ts";
import { errorFields, log } from "../../log.ts";
import type { AlarmClock } from "../../realtime/alarm-clock.ts";
import type { Sessions } from "../../realtime/sessions.ts";
import type { ChangeFeed } from "../consumers/change-feed.ts";
import type { HubDelivery } from "../delivery/hub-delivery.ts";
import type { Engine } from "../engine.ts";
import { setBackTo } from "../state/cursor.ts";
import type { Retention } from "../state/retained.ts";
import type { Room } from "../state/room.ts";
import type { Store } from "../state/store.ts";
import { finishRecovery } from "./finish.ts";

/** How long the directory and the log of moderation may take before the state goes, in milliseconds. */
const SETTLE_MS = 5_000;
/** How long hubs may take for the last events, in milliseconds, and how often to look. */
const WAIT_MS = 2_000;
const LOOK_MS = 20;
/** Milliseconds until the alarm wakes an object that has started again. */
const RING_MS = 1_000;

/** What of the object it uses. */
export interface RecoveryParts {
  store: Store;
  engine: Engine;
  sessions: Pick<Sessions, "sockets" | "close">;
  hubDelivery: Pick<HubDelivery, "callNow" | "isIdle">;
  /** What the directory gets. */
  directory: Pick<ChangeFeed<Room, never>, "rebuilt" | "startAt">;
  /** What hubs are told for pushes. */
  pushes: Pick<ChangeFeed<Room, never>, "startAt">;
  /** Notes for the log of moderation. */
  notes: { drained(): Promise<boolean> };
  retention: Pick<Retention, "retained" | "put">;
  clock: Pick<AlarmClock, "ringBy">;
}

type Answer<Name extends RecoveryRequestName> = Outcome<RecoveryRequests[Name]["answer"]>;

export class Recovery {
  readonly #ctx: DurableObjectState;
  readonly #its: RecoveryParts;

  constructor(ctx: DurableObjectState, parts: RecoveryParts) {
    this.#ctx = ctx;
    this.#its = parts;
  }

  /** Takes a step. Each may be repeated. */
  async take<Name extends RecoveryRequestName>(
    name: Name,
    input: RecoveryInput<Name>,
  ): Promise<Answer<Name>> {
    const steps: { [Step in RecoveryRequestName]: (asked: RecoveryInput<Step>) => Promise<Answer<Step>> } = {
      find: (asked) => this.#find(asked),
      arm: (asked) => this.#arm(asked),
      restart: (asked) => this.#restart(asked),
      finish: (asked) => this.#finish(asked),
      undo: async ({ bookmark }) => {
        await this.#ctx.storage.onNextSessionRestoreBookmark(bookmark);
        return await this.#startAgain();
      },
    };
    return await steps[name](input);
  }

  async #find({ to }: RecoveryInput<"find">): Promise<Answer<"find">> {
    const { room } = this.#its.engine;
    if (!room) return refused("CONVERSATION_NOT_FOUND");
    const now = Date.now();
    const refusal = to === null ? undefined : checkRecovery(to, room.info.created_at, now);
    if (refusal) return refused(refusal);
    // Also where a state is named: so it is known whether this runtime has any.
    return await this.#platform(async ({ storage }) => ({
      bookmark: await storage.getBookmarkForTime(to ?? now),
    }));
  }

  /** Everything that is stored elsewhere has been handed over before: the later state is lost to this object. */
  async #arm({ job_id, bookmark }: RecoveryInput<"arm">): Promise<Answer<"arm">> {
    const { engine, directory, notes, store } = this.#its;
    if (!engine.room) return refused("CONVERSATION_NOT_FOUND");
    // A directory that was put back to an earlier state has the job as it was then.
    if (store.recoveries.isRecovered(job_id))
      return refused("CONFLICT", "This recovery has been carried out before");
    const isProjected = (await directory.rebuilt(true, SETTLE_MS)) === "done";
    if (!isProjected || !(await notes.drained()))
      return refused("SERVICE_UNAVAILABLE", "The directory is behind");
    store.recoveries.putArmed(job_id);
    await this.#ctx.storage.sync();
    const armed = await this.#platform(async ({ storage }) => ({
      undo: await storage.onNextSessionRestoreBookmark(bookmark),
    }));
    if (!armed.ok) return armed;
    const { head, rev } = engine.room;
    const forgotten = [...store.recoveries.forgotten];
    return found({
      ...armed.body,
      up_to: head + SPARE_NUMBERS,
      rev: rev + SPARE_NUMBERS,
      forgotten,
      at: Date.now(),
    });
  }

  async #restart({ job_id, up_to }: RecoveryInput<"restart">): Promise<Answer<"restart">> {
    if (!this.#its.store.recoveries.isArmed(job_id)) return found({ state: "restored" });
    if ((this.#its.engine.room?.head ?? 0) > up_to) return found({ state: "moved" });
    return await this.#startAgain();
  }

  async #finish(order: FinishOrder): Promise<Answer<"finish">> {
    const { engine, directory, pushes, store } = this.#its;
    const { storage } = this.#ctx;
    if (!engine.room) return found({ state: "empty" });
    if (store.recoveries.isRecovered(order.job_id)) return found({ state: "done" });
    if (store.recoveries.isArmed(order.job_id))
      return refused("CONFLICT", "The conversation has not come back yet");
    await engine.change((now) => {
      const { room, emissions, removed } = store.atomically(() =>
        finishRecovery({ ...this.#its, storage }, order, now),
      );
      engine.forget();
      // What was written of the later state goes, and everything is written again.
      directory.startAt(setBackTo(0));
      pushes.startAt({ seq: order.up_to, rev: room.rev });
      this.#tellLater(order, room.rev);
      return { outcome: found(null), emissions, removed };
    });
    await this.#told();
    // The alarm may have rung since.
    this.#tellLater(order, engine.room?.rev ?? 0);
    await storage.sync();
    return await this.#startAgain();
  }

  /** Everybody is to ask: the next start finds that nobody was told. It comes with the alarm, if with nothing else. */
  #tellLater({ up_to }: FinishOrder, rev: number): void {
    this.#its.store.setCursor("told", { seq: up_to, rev });
    this.#its.clock.ringBy(Date.now() + RING_MS);
  }

  /** Waits until those have heard it who are not in the conversation any more. */
  async #told(): Promise<void> {
    const { hubDelivery } = this.#its;
    hubDelivery.callNow();
    for (let waited = 0; !hubDelivery.isIdle && waited < WAIT_MS; waited += LOOK_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Ends this life of the object, sockets and all: whatever is in memory is from another state. The caller gets an error. */
  #startAgain(): Promise<never> {
    const { sessions } = this.#its;
    for (const socket of sessions.sockets()) sessions.close(socket, "RESTARTED", "recovery");
    this.#ctx.abort("recovery");
    // Nobody is answered any more: the end of the object is the answer.
    return new Promise<never>(() => undefined);
  }

  /** Asks the platform. A runtime without point-in-time recovery, or a state that it does not have, is a refusal. */
  async #platform<T>(ask: (ctx: DurableObjectState) => Promise<T>): Promise<Outcome<T>> {
    try {
      return found(await ask(this.#ctx));
    } catch (error) {
      log("warn", "recovery.refused", { ...errorFields(error) });
      const isMissing =
        error instanceof Error && error.message.includes("does not implement point-in-time recovery");
      return isMissing
        ? refused("SERVICE_UNAVAILABLE", "This runtime has no point-in-time recovery")
        : refused("VALIDATION_ERROR", "The platform does not have that state");
    }
  }
}
