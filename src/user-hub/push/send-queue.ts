/** Starts pushes when they are due, as far as there is room for them. What hangs holds up nothing else. */
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import { itemKey, type PendingItem } from "./item-rows.ts";
import type { ItemRow, PushStore } from "./push-store.ts";
import { SendLanes } from "./send-lanes.ts";

/** Milliseconds until the alarm looks after a push that could not even be looked up. */
const RETRY_MS = 2_000;

/** What the queue needs. */
export interface SendQueueHost {
  /** Is called before pushes are started that have become due. */
  prepare(): Promise<void>;
  /** Sends one push, and writes down what came of it. */
  send(item: ItemRow): Promise<void>;
  ringBy(time: EpochMs | undefined): void;
}

export class SendQueue {
  readonly #store: PushStore;
  readonly #host: SendQueueHost;
  readonly #lanes = new SendLanes();
  readonly #sending = new Map<string, Promise<void>>();
  #starting: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor(store: PushStore, host: SendQueueHost) {
    this.#store = store;
    this.#host = host;
  }

  /** Sends what is due. Resolves when all of it has gone out, or waits for its next try. */
  async run(): Promise<void> {
    this.#isAskedAgain = true;
    while (this.#isAskedAgain) {
      this.#starting ??= this.#startDue().finally(() => {
        this.#starting = undefined;
      });
      await this.#starting;
    }
    while (this.isSending) await Promise.all(this.#sending.values());
  }

  /** Whether anything is on its way. */
  get isSending(): boolean {
    return this.#sending.size > 0;
  }

  async #startDue(): Promise<void> {
    while (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      const [next] = this.#store.pending();
      if (next && next.due_at <= Date.now()) await this.#host.prepare();
      this.#startAll();
    }
  }

  /** Starts what is due, the longest due first, and sets the alarm for what is not due yet. */
  #startAll(): void {
    const now = Date.now();
    const devices = this.#store.devices();
    for (const item of this.#store.pending()) {
      const key = itemKey(item);
      if (this.#sending.has(key)) continue;
      if (item.due_at > now) {
        this.#host.ringBy(item.due_at);
        return;
      }
      // It goes on when one of those on their way has ended.
      if (this.#lanes.isFull) return;
      const device = devices.get(item.device_id);
      if (device && this.#lanes.enter(key, device)) this.#sending.set(key, this.#sendOne(item, key));
    }
  }

  /** Sends one push, and then starts what has waited for room. */
  async #sendOne({ device_id, conversation_id }: PendingItem, key: string): Promise<void> {
    let item: ItemRow | undefined;
    try {
      item = this.#store.item(device_id, conversation_id);
      if (item) await this.#host.send(item);
      this.#end(key);
      this.#startAll();
    } catch (error) {
      this.#end(key);
      log("warn", "push.failed", { ...errorFields(error) }, item?.pending?.trace ?? null);
      this.#host.ringBy(Date.now() + RETRY_MS);
    }
  }

  #end(key: string): void {
    this.#lanes.leave(key);
    this.#sending.delete(key);
  }
}
