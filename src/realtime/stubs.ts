/**
 * Stubs of other objects, one for each name: making one costs more than many a call, and calls through the same stub
 * arrive in the order in which they were made. A stub through which a call has failed may fail for ever
 * (developers.cloudflare.com/durable-objects/api/stub), so the next call gets a new one.
 */

import { type Namespace, stubOf } from "./objects.ts";

/** Stubs kept, at most: names may be the clients' to choose. */
const MAX_STUBS = 1_000;

export class Stubs<Stub> {
  readonly #namespace: Namespace;
  readonly #known = new Map<string, Stub>();

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** Calls the object of this name. Rejects with what the call rejects with. */
  async call<T>(name: string, call: (stub: Stub) => Promise<T>): Promise<T> {
    const stub = this.#stub(name);
    try {
      return await call(stub);
    } catch (error) {
      if (this.#known.get(name) === stub) this.#known.delete(name);
      throw error;
    }
  }

  #stub(name: string): Stub {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_STUBS) this.#known.clear();
    const stub = stubOf<Stub>(this.#namespace, name);
    this.#known.set(name, stub);
    return stub;
  }
}
