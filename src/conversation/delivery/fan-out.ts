/**
 * From one event to everyone: gathers the events of a turn and sends them, first to the conversation's own sockets, then
 * to the hubs of the members. Each is encoded once.
 */

import type { ServerEvent } from "@rocket-chat-api/protocol";
import { addToBatch, type DeliveredBatch } from "../../domain/delivered.ts";
import type { Trace } from "../../domain/trace.ts";
import { EncodedEvent } from "../../realtime/encoded-event.ts";
import type { Sender } from "../../realtime/sender.ts";
import type { RedactedEmission } from "../messages/redaction.ts";
import type { Emission } from "../state/room.ts";
import type { HubBatch } from "./hand-over.ts";
import type { HubDelivery } from "./hub-delivery.ts";
import { joinRecounted, type Recounted, recountedBy } from "./hub-unread.ts";
import { type Exception, splitByExceptions } from "./split-batch.ts";

/** Events for the same members. */
interface Gathered {
  to: ReadonlySet<string>;
  events: ServerEvent[];
  /** What some get in place of one of these events. */
  exceptions: Exception[];
  /** The newest messages among them. */
  newest: DeliveredBatch | undefined;
  recounted: Recounted;
  /** Of the change that began it. */
  trace: Trace | undefined;
}

/** The same, as they are sent. */
interface Batch extends HubBatch {
  to: ReadonlySet<string>;
}

/** What the fan-out needs of its object. */
export interface FanOutHost {
  /** Splits an event between those who may see what it is about and those who may not. */
  redact(emission: Emission): RedactedEmission[];
  /** Messages went to the sockets of this object. */
  deliveredHere(newest: DeliveredBatch): void;
}

export class FanOut {
  readonly #sender: Sender;
  readonly #hubs: HubDelivery;
  readonly #host: FanOutHost;
  #gathered: Gathered[] = [];
  #answers = new Map<WebSocket, ServerEvent[]>();

  constructor(sender: Sender, hubs: HubDelivery, host: FanOutHost) {
    this.#sender = sender;
    this.#hubs = hubs;
    this.#host = host;
  }

  /** Whether the turn has gathered events. */
  get hasEvents(): boolean {
    return this.#gathered.length > 0;
  }

  /** Queues the events of a change until the turn ends, for each member as they may see them. @param trace of the change. */
  add(emissions: readonly Emission[], trace?: Trace): void {
    for (const emission of emissions)
      for (const part of this.#host.redact(emission)) this.#queue(part, trace);
  }

  #queue({ event, to, instead }: RedactedEmission, trace: Trace | undefined): void {
    let batch = this.#gathered.at(-1);
    if (batch?.to !== to) {
      batch = { to, events: [], exceptions: [], newest: undefined, recounted: [], trace };
      this.#gathered.push(batch);
    }
    if (instead) batch.exceptions.push({ ...instead, at: batch.events.length });
    batch.events.push(event);
    batch.recounted = joinRecounted(batch.recounted, recountedBy(event));
    if (event.type !== "message.new" || event.data.type === "system") return;
    batch.newest = addToBatch(batch.newest, event.seq, event.data.sender_id);
  }

  /** Queues an answer to one socket until the turn ends. */
  answer(socket: WebSocket, event: ServerEvent): void {
    const events = this.#answers.get(socket);
    if (events) events.push(event);
    else this.#answers.set(socket, [event]);
  }

  /** Sends what the turn has gathered. Answers travel with the last events. */
  flush(): void {
    if (this.#gathered.length === 0 && this.#answers.size === 0) return;
    const gathered = this.#gathered;
    const answered = this.#answers;
    this.#gathered = [];
    this.#answers = new Map();
    const batches = gathered.flatMap(toBatches);
    const answers = new Map([...answered].map(([socket, events]) => [socket, events.map(EncodedEvent.of)]));
    for (const batch of batches) {
      this.#sender.broadcast(batch.events, batch.to, batch === batches.at(-1) ? answers : undefined);
      if (batch.newest) this.#host.deliveredHere(batch.newest);
      this.#hubs.deliver(batch.to, batch);
    }
    for (const [socket, events] of answers) this.#sender.send(socket, events);
  }

  /** Calls the hubs now: nothing more will come that could travel in the same calls. */
  callHubs(): void {
    this.#hubs.callNow();
  }
}

function seqOf(event: ServerEvent): number {
  return ("seq" in event && event.seq) || 0;
}

/** Events as they are sent: a batch for most, and one for each few who get something else in their place. */
function toBatches({ to, events, exceptions, newest, recounted, trace }: Gathered): Batch[] {
  const encoded = events.map(EncodedEvent.of);
  const rest = { seqs: events.map(seqOf), newest, recounted, trace };
  if (exceptions.length === 0) return [{ to, events: encoded, ...rest }];
  return splitByExceptions({ to, events: encoded }, exceptions).map((batch) => ({ ...batch, ...rest }));
}
