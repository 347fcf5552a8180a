/** Batches of events as the hubs get them: numbered, and in the form that their clients take. */
import { type DeliveredBatch, joinDelivered } from "../../domain/delivered.ts";
import type { DeliveredFrames } from "../../domain/delivered-frames.ts";
import type { Trace } from "../../domain/trace.ts";
import type { DeliveryAnswer } from "../../domain/wake.ts";
import { type EncodedEvent, toTexts } from "../../realtime/encoded-event.ts";
import { joinRecounted, type Recounted } from "./hub-unread.ts";

/** Events for any number of hubs. */
export interface HubBatch {
  events: EncodedEvent[];
  /** The `seq` of each, 0 for those without one: a hub leaves out what a client has received already. */
  seqs: number[];
  /** The newest messages among them. */
  newest: DeliveredBatch | undefined;
  /** Whose unread counts it may change, beside those that its messages change. */
  recounted?: Recounted;
  /** Of the change that began it, for the log. */
  trace?: Trace | undefined;
}

export class HandOver {
  /** Tells the batches of this instance from those of an earlier one. */
  readonly #life = crypto.randomUUID();
  /** Batches handed to each hub so far, by call or with an answer. */
  readonly #handed = new Map<string, number>();
  /** Hubs that were handed a batch with an answer, and have answered no call since: it may be on its way still. */
  readonly #answered = new Set<string>();
  /** Hubs whose clients all take the short form of events. */
  readonly #leanHubs = new Set<string>();

  /** What to hand to a hub. It gets the next number, so it must be handed over. */
  of(userId: string, { events, seqs }: HubBatch, by: "call" | "answer"): DeliveredFrames {
    const number = (this.#handed.get(userId) ?? 0) + 1;
    this.#handed.set(userId, number);
    const place = { life: this.#life, number, follows_call: !this.#answered.has(userId) };
    if (by === "answer") this.#answered.add(userId);
    return { ...toTexts(events, this.#leanHubs.has(userId)), seqs, place };
  }

  /** A call has been answered: the hub has all that came before, and says which form it wants from now on. */
  answered(userId: string, answer: DeliveryAnswer): void {
    this.#answered.delete(userId);
    if (answer.idle) return;
    if (answer.is_lean) this.#leanHubs.add(userId);
    else this.#leanHubs.delete(userId);
  }
}

/** Batches as one, in their order. All at once: a hub that has not answered for long may have thousands to come. */
export function joinBatches(batches: HubBatch[]): HubBatch {
  const [only] = batches;
  if (only && batches.length === 1) return only;
  return {
    events: batches.flatMap(({ events }) => events),
    seqs: batches.flatMap(({ seqs }) => seqs),
    newest: batches.reduce<HubBatch["newest"]>(
      (newest, batch) => joinDelivered(newest, batch.newest),
      undefined,
    ),
    recounted: batches.reduce<Recounted>((all, { recounted }) => joinRecounted(all, recounted), []),
    trace: batches.find(({ trace }) => trace !== undefined)?.trace,
  };
}
