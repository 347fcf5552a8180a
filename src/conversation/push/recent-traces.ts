/** The requests that brought the newest messages. In memory: only the log needs it, so hibernation may forget it. */
import type { Trace } from "../../domain/trace.ts";

/** Messages of one trace that follow each other. */
interface Run {
  from: number;
  upTo: number;
  trace: Trace;
}

/** Runs that are kept. More messages than that are not noted at once. */
const MAX_RUNS = 200;

export class RecentTraces {
  readonly #runs: Run[] = [];

  /** A change with this trace has taken these numbers. Numbers ascend. */
  add(from: number, upTo: number, trace: Trace): void {
    const last = this.#runs.at(-1);
    if (last?.trace === trace && last.upTo === from - 1) {
      last.upTo = upTo;
      return;
    }
    if (this.#runs.push({ from, upTo, trace }) > MAX_RUNS) this.#runs.shift();
  }

  /** The trace of a number, if it is known. */
  of(seq: number): Trace | undefined {
    return this.#runs.findLast(({ from, upTo }) => from <= seq && seq <= upTo)?.trace;
  }
}
