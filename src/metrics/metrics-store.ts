/** The Durable Object that adds up what all isolates have counted: one for a deployment. */
import { DurableObject } from "cloudflare:workers";
import { Registry, type Sample } from "./registry.ts";
import type { MetricsStoreObject } from "./report.ts";

/** Where the numbers lie. */
const KEY = "samples";

export class MetricsStore extends DurableObject implements MetricsStoreObject {
  readonly #all = new Registry();

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#all.merge(ctx.storage.kv.get<Sample[]>(KEY) ?? []);
  }

  /** Adds what one isolate has counted since its last report. One row is written. */
  async report(samples: Sample[]): Promise<void> {
    this.#all.merge(samples);
    this.ctx.storage.kv.put(KEY, this.#all.samples());
  }

  /** Everything since the deployment was made. */
  async read(): Promise<Sample[]> {
    return this.#all.samples();
  }
}
