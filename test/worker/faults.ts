/** Faults and limits that a test can switch on. Tests and the service share one isolate. */
import type { Env } from "../../src/env.ts";

export const faults = {
  /** While true, every use of D1 fails as D1 does when it is unreachable. */
  d1Down: false,
  /** While true, budgets are counted as in production; the other tests ask more than any budget allows. */
  rateLimited: false,
  /** Settings that stand in for the bindings' own. */
  settings: {} as Partial<Record<keyof Env, string>>,
};

/** The bindings, with D1 and the rate limits behind the switches. */
export function withFaults(env: Env): Env {
  const DB = new Proxy(env.DB, {
    get(target, property) {
      if (faults.d1Down) throw new Error("D1_ERROR: Network connection lost.");
      const value = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return new Proxy(env, {
    get(target, property) {
      if (property === "DB") return DB;
      if (property === "RATE_LIMIT_MODE" && faults.rateLimited) return "on";
      return Reflect.get(property in faults.settings ? faults.settings : target, property);
    },
  });
}
