/** Faults that a test can switch on. Tests and the service share one isolate. */
import type { Env } from "../../src/env.ts";

/** While true, every use of D1 fails as D1 does when it is unreachable. */
export const faults = { d1Down: false };

/** The bindings, with D1 behind the switch. */
export function withFaults(env: Env): Env {
  const DB = new Proxy(env.DB, {
    get(target, property) {
      if (faults.d1Down) throw new Error("D1_ERROR: Network connection lost.");
      const value = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return new Proxy(env, {
    get: (target, property) => (property === "DB" ? DB : Reflect.get(target, property)),
  });
}
