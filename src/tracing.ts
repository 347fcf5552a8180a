/**
 * The trace that the running piece of work belongs to, as far as it follows from what waits for what: in the Worker, in an
 * alarm, in a call of a user's hub. A conversation's turns hold the work of many, so there the trace travels with each piece
 * (`Command.trace`), and lines are written with it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { newTrace, type Trace } from "./domain/trace.ts";

/** A trace that is made when the first line needs it. */
interface Holder {
  trace: Trace | undefined;
}

const running = new AsyncLocalStorage<Holder>();

/** The trace of the running work; undefined if it has none that is known here. */
export function currentTrace(): Trace | undefined {
  const holder = running.getStore();
  if (!holder) return undefined;
  holder.trace ??= newTrace();
  return holder.trace;
}

/** Runs something as part of a trace. @param trace undefined: as part of the running one. */
export function inTrace<T>(trace: Trace | undefined, run: () => T): T {
  return trace === undefined ? run() : running.run({ trace }, run);
}

/** Runs something that begins by itself, such as an alarm: its lines belong together. */
export function inNewTrace<T>(run: () => T): T {
  return running.run({ trace: undefined }, run);
}
