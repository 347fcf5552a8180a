/**
 * The trace on its way from the Worker to objects, and from object to object: both ends of it.
 *
 * Commands carry it as a field. Other calls get it behind their last argument: an object of an older release takes no notice of
 * it, and a call of one brings none. So the signatures need not name it. Calls that happen with each message carry it only where
 * their arguments have room for it: in a command, a handshake, a note for push.
 */

import type { Trace } from "../domain/trace.ts";
import { inNewTrace, inTrace } from "../tracing.ts";

/** Where a call carries its trace: the number of its other arguments, all of them required, or in its command. */
const PLACES: Readonly<Record<string, number | "command">> = {
  execute: "command",
  create: 1,
  confirm: 1,
  executeForServer: 2,
  setBlocks: 1,
  profileChanged: 1,
  claimsSeen: 1,
  attach: 2,
  restrict: 2,
  setStatus: 3,
  askPush: 3,
  askBlocks: 3,
  preferencesChanged: 4,
};
/** The command's place among the arguments of `execute`, behind the caller. */
const COMMAND = 1;

type Method = (...args: unknown[]) => unknown;

/** A stub whose calls carry a trace. @param trace undefined: the stub as it is. */
export function carrying<T>(stub: T, trace: Trace | undefined): T {
  if (trace === undefined) return stub;
  return new Proxy(stub as object, {
    get(target, property) {
      const method = Reflect.get(target, property) as Method;
      if (typeof method !== "function") return method;
      const place = PLACES[String(property)];
      return (...args: unknown[]) =>
        Reflect.apply(method, target, place === undefined ? args : withTrace(args, place, trace));
    },
  }) as T;
}

function withTrace(args: unknown[], place: number | "command", trace: Trace): unknown[] {
  if (place === "command") return args.with(COMMAND, { ...(args[COMMAND] as object), trace });
  return [...args.slice(0, place), trace];
}

/**
 * Lets the methods of an object's class, or of an entrypoint's, run in the trace that comes with a call, and each alarm in one
 * of its own. Commands are left alone: they run in turns, where the trace travels with the piece of work.
 */
export function takeTraces(prototype: object): void {
  const methods = prototype as Record<string, Method>;
  for (const [name, place] of Object.entries(PLACES)) {
    const method = methods[name];
    if (method === undefined || place === "command") continue;
    methods[name] = function (this: unknown, ...args: unknown[]) {
      const trace = args[place];
      return inTrace(typeof trace === "string" ? trace : undefined, () => method.apply(this, args));
    };
  }
  const { alarm } = methods;
  if (alarm === undefined) return;
  methods.alarm = function (this: unknown, ...args: unknown[]) {
    return inNewTrace(() => alarm.apply(this, args));
  };
}
