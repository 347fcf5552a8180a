/**
 * Keeps the batches of events of each conversation in order.
 *
 * A conversation hands over events by call, and with the answer to a command. The platform keeps the order of calls, but
 * a call may overtake an answer. Batches are numbered, so the one that came too early waits for the one before it.
 */
import type { BatchPlace } from "../domain/delivered-frames.ts";
import { settledWithin } from "../realtime/settled-within.ts";

/** The longest wait for an earlier batch, in milliseconds. Clients see the gap by `seq`, and ask for what is missing. */
const MAX_WAIT_MS = 1_000;

/** A batch that waits for those before it. */
interface Waiting {
  place: BatchPlace;
  pass(): void;
}

/** What has come from one conversation. */
interface Line {
  /** The newest batch that was passed on; undefined before the first. */
  last: BatchPlace | undefined;
  /** Commands whose answers have not come: they may bring events. */
  commands: number;
  /** In order. */
  waiting: Waiting[];
}

export class BatchOrder {
  readonly #lines = new Map<string, Line>();

  /** A command goes to a conversation. Its end must follow: {@link passAnswer} or {@link noEvents}. */
  expectAnswer(conversationId: string): void {
    this.#line(conversationId).commands += 1;
  }

  /** A command has been answered without events, or it has failed. */
  noEvents(conversationId: string): void {
    const line = this.#line(conversationId);
    line.commands -= 1;
    release(line);
    // A client may name conversations that do not exist, as many as it likes.
    if (!line.last && line.commands === 0) this.#lines.delete(conversationId);
  }

  /** Passes on the batch that has come with an answer; see {@link pass}. */
  passAnswer(conversationId: string, place: BatchPlace, pass: () => void): Promise<void> | undefined {
    this.#line(conversationId).commands -= 1;
    return this.pass(conversationId, place, pass);
  }

  /** The conversations of which something is kept. */
  get size(): number {
    return this.#lines.size;
  }

  /**
   * Passes a batch on, after those before it.
   * @returns when it has been passed on; undefined if that was at once, as it nearly always is.
   */
  pass(conversationId: string, place: BatchPlace, pass: () => void): Promise<void> | undefined {
    const line = this.#line(conversationId);
    if (line.waiting.length === 0 && isNext(line, place)) {
      note(line, place);
      pass();
      return undefined;
    }
    const waiting: Waiting = { place, pass };
    const isPassed = new Promise<void>((resolve) => {
      waiting.pass = () => {
        pass();
        resolve();
      };
    });
    line.waiting.push(waiting);
    line.waiting.sort((a, b) => a.place.number - b.place.number);
    release(line);
    return settledWithin(isPassed, MAX_WAIT_MS).then(() => {
      const index = line.waiting.indexOf(waiting);
      if (index < 0) return;
      // Whatever is missing before it is given up.
      for (const one of line.waiting.splice(0, index + 1)) passOn(line, one);
      release(line);
    });
  }

  #line(conversationId: string): Line {
    let line = this.#lines.get(conversationId);
    if (!line) {
      line = { last: undefined, commands: 0, waiting: [] };
      this.#lines.set(conversationId, line);
    }
    return line;
  }
}

/** Whether nothing is missing before a batch, or nothing that could still come. */
function isNext({ last, commands }: Line, { life, number, follows_call }: BatchPlace): boolean {
  if (commands === 0 || number === 1 || follows_call) return true;
  // After a wake of this hub nothing says whether the batch before it, which went with an answer, has come already.
  return last?.life === life && number <= last.number + 1;
}

function note(line: Line, place: BatchPlace): void {
  if (line.last?.life !== place.life || line.last.number < place.number) line.last = place;
}

function passOn(line: Line, { place, pass }: Waiting): void {
  note(line, place);
  pass();
}

/** Passes on what waits, as far as nothing is missing before it. */
function release(line: Line): void {
  for (let next = line.waiting[0]; next && isNext(line, next.place); next = line.waiting[0]) {
    line.waiting.shift();
    passOn(line, next);
  }
}
