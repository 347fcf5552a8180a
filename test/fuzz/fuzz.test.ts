/**
 * [FUZZ] Random scripts against the real service, with the client library on the other side of wires that break.
 *
 * A seed is a script of so many commands. `FUZZ_SEEDS`, `FUZZ_FROM`, `FUZZ_STEPS` and `FUZZ_BUDGET_S` say how many;
 * `npm run fuzz` sets them. A seed that failed becomes a test of its own below.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { scripts } from "./commands.ts";
import { play } from "./run.ts";

const plan: { seeds: number; from: number; steps: number; budget_s: number } = JSON.parse(env.FUZZ);
const { seeds, from, steps, budget_s } = plan;

function scriptOf(seed: number, length: number) {
  const [script = []] = fc.sample(scripts(length), { seed, numRuns: 1 });
  return script;
}

/** The end of what the service logged, to be read after a failure. */
const logged: string[] = [];

beforeAll(() => {
  for (const method of ["log", "warn", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((line) => {
      if (method !== "log") logged.push(String(line));
      logged.splice(0, logged.length - 40);
    });
  }
});

afterAll(() => vi.restoreAllMocks());

describe("any history", () => {
  it(`[FUZZ] up to ${seeds} seeds of ${steps} steps`, { timeout: 3_600_000 }, async ({ task }) => {
    const started = performance.now();
    const total = { seeds: 0, acknowledged: 0, heard: 0, pushes: 0 };
    for (let seed = from; seed < from + seeds; seed++) {
      if (performance.now() - started > budget_s * 1000) break;
      const { acknowledged, heard, pushes, wrong } = await play(scriptOf(seed, steps));
      expect(wrong, `seed ${seed}, ${steps} steps; logged:\n${logged.join("\n")}`).toEqual([]);
      total.seeds += 1;
      total.acknowledged += acknowledged;
      total.heard += heard;
      total.pushes += pushes;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    Object.assign(task.meta, {
      figures:
        `[FUZZ] seeds ${from} to ${from + total.seeds - 1} (${total.seeds} x ${steps} steps) in ${seconds} s: ` +
        `${total.acknowledged} changes acknowledged, ${total.heard} events heard, ${total.pushes} pushes, nothing wrong`,
    });
  });
});
