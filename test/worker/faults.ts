/** Faults and limits that a test can switch on. Tests and the service share one isolate. */
import type { Env } from "../../src/env.ts";

export const faults = {
  /** While true, every use of D1 fails as D1 does when it is unreachable. */
  d1Down: false,
  /** The object for which alone D1 is unreachable, by its name. */
  d1DownFor: undefined as string | undefined,
  /** While set, every statement of D1 can be prepared, and fails with this when it runs. */
  d1Fails: undefined as string | undefined,
  /** The object whose own storage is locked, by its name. */
  storageLocked: undefined as string | undefined,
  /** While true, every use of the bucket fails. */
  r2Down: false,
  /** While true, budgets are counted as in production; the other tests ask more than any budget allows. */
  rateLimited: false,
  /** While true, no counter of a budget answers. */
  countersDown: false,
  /** Settings that stand in for the bindings' own. */
  settings: {} as Partial<Record<keyof Env, string>>,
};

const COUNTERS: ReadonlySet<string | symbol> = new Set([
  "RATE_LIMIT_REQUESTS",
  "RATE_LIMIT_SIGNALS",
  "RATE_LIMIT_FILES",
  "RATE_LIMIT_SEARCH",
  "RATE_LIMIT_IP",
  "RATE_LIMIT_SERVER",
]);
const BROKEN_COUNTER = { limit: async () => await Promise.reject(new Error("down")) };

/** A binding that throws on every use while `error` says so. */
function breakable<T extends object>(binding: T, error: () => string | false): T {
  return new Proxy(binding, {
    get(target, property) {
      const message = error();
      if (message) throw new Error(message);
      const value = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** D1 as it is while statements fail. */
function failing(message: string) {
  const fail = async () => await Promise.reject(new Error(message));
  const statement = { bind: () => statement, all: fail, run: fail, raw: fail, first: fail };
  return { prepare: () => statement, batch: fail, exec: fail };
}

/** D1, whose statements fail while the switch says so. */
function withFailures(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, property) {
      const source = faults.d1Fails === undefined ? target : failing(faults.d1Fails);
      const value = Reflect.get(source, property);
      return typeof value === "function" ? value.bind(source) : value;
    },
  });
}

/** The bindings, with D1, the bucket and the rate limits behind the switches. @param owner the object that has them. */
export function withFaults(env: Env, owner?: string): Env {
  const isDown = () => faults.d1Down || (owner !== undefined && faults.d1DownFor === owner);
  const DB = breakable(withFailures(env.DB), () => isDown() && "D1_ERROR: Network connection lost.");
  const ATTACHMENTS = breakable(
    env.ATTACHMENTS,
    () => faults.r2Down && "put: We encountered an internal error.",
  );
  return new Proxy(env, {
    get(target, property) {
      if (property === "DB") return DB;
      if (property === "ATTACHMENTS") return ATTACHMENTS;
      if (property === "RATE_LIMIT_MODE" && faults.rateLimited) return "on";
      if (faults.countersDown && COUNTERS.has(property)) return BROKEN_COUNTER;
      return Reflect.get(property in faults.settings ? faults.settings : target, property);
    },
  });
}
