/**
 * Stubs of other objects, one for each name. They are kept, because making one costs more than many calls do, and
 * because calls through the same stub arrive in order. After a failed call a stub can stay broken
 * (developers.cloudflare.com/durable-objects/api/stub), so the next call gets a new one.
 */

import { currentTrace } from "../tracing.ts";
import { type Namespace, stubOf } from "./objects.ts";
import { carrying } from "./traced-calls.ts";

/** Most stubs kept: clients can choose names. More than the members of a large group, who are all called again and again. */
const MAX_STUBS = 4_000;

export class Stubs<Stub> {
  readonly #namespace: Namespace;
  readonly #known = new Map<string, Stub>();

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** Calls the object with this name, in the running trace if there is one. Rejects if the call rejects. */
  async call<T>(name: string, call: (stub: Stub) => Promise<T>): Promise<T> {
    const stub = this.#stub(name);
    try {
      return await call(carrying(stub, currentTrace()));
    } catch (error) {
      if (this.#known.get(name) === stub) this.#known.delete(name);
      throw error;
    }
  }

  #stub(name: string): Stub {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_STUBS) this.#forgetOldest();
    const stub = stubOf<Stub>(this.#namespace, name);
    this.#known.set(name, stub);
    return stub;
  }

  #forgetOldest(): void {
    for (const name of this.#known.keys()) {
      this.#known.delete(name);
      return;
    }
  }
}
