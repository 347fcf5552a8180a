/** Answers to the frames of one socket. Each is held back until the answers to earlier frames are given (rule 20). */
import { EVERY_LANE, type Lane } from "./frame-order.ts";

/** The place of one answer in the order. */
export interface Place<Answer> {
  /** The queues in which it waits; none if it does not wait. */
  queues: Place<Answer>[][];
  answer: Answer | undefined;
  isReady: boolean;
  isGiven: boolean;
}

/** With so many lanes, idle ones are looked for and dropped. */
const MAX_IDLE_LANES = 64;

export class Answers<Answer> {
  readonly #give: (answer: Answer) => void;
  readonly #queues = new Map<string, Place<Answer>[]>();

  /** @param give gives one answer. */
  constructor(give: (answer: Answer) => void) {
    this.#give = give;
  }

  /** Reserves the place of the answer to a new frame. @param lane undefined if its order does not matter. */
  begin(lane: Lane | undefined): Place<Answer> {
    const place: Place<Answer> = { queues: [], answer: undefined, isReady: false, isGiven: false };
    if (lane === EVERY_LANE) place.queues.push(...this.#queues.values());
    else if (lane !== undefined) place.queues.push(this.#queue(lane));
    for (const queue of place.queues) queue.push(place);
    return place;
  }

  /** The answer to a frame is known; undefined if there is none. A second answer to the same frame is ignored. */
  finish(place: Place<Answer>, answer: Answer | undefined): void {
    if (place.isReady) return;
    place.isReady = true;
    place.answer = answer;
    const [queue] = place.queues;
    // The usual case: nothing else waits in its lane.
    if (place.queues.length === 1 && queue?.length === 1) {
      queue.pop();
      place.isGiven = true;
      if (answer !== undefined) this.#give(answer);
      return;
    }
    for (const next = [place]; next.length > 0; ) next.push(...this.#tryToGive(next.pop()));
  }

  /** Gives an answer if it is its turn. @returns those whose turn it may be now. */
  #tryToGive(place: Place<Answer> | undefined): Place<Answer>[] {
    if (!place?.isReady || place.isGiven || place.queues.some((queue) => queue[0] !== place)) return [];
    place.isGiven = true;
    if (place.answer !== undefined) this.#give(place.answer);
    return place.queues.flatMap((queue) => {
      queue.shift();
      return queue[0] ?? [];
    });
  }

  #queue(lane: string): Place<Answer>[] {
    const known = this.#queues.get(lane);
    if (known) return known;
    // Clients choose the names of lanes, so empty ones are dropped before there are too many.
    if (this.#queues.size >= MAX_IDLE_LANES) this.#forgetIdle();
    const queue: Place<Answer>[] = [];
    this.#queues.set(lane, queue);
    return queue;
  }

  #forgetIdle(): void {
    for (const [lane, queue] of this.#queues) if (queue.length === 0) this.#queues.delete(lane);
  }
}
