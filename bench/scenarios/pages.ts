/** What the scenarios that ask for pages share: sides that ask, in turns, beside a trivial query. */
import { Agent } from "node:http";
import type { Figures, Measured } from "../measure.ts";
import { settle, undisturbed } from "../measure.ts";
import type { Comparison, TableSpec } from "../report.ts";
import { type Asked, answer, askFor } from "../requests.ts";
import type { Bench } from "../scenario.ts";
import type { Service } from "../servers.ts";

/** Somebody asks, of so much. */
export interface Asking extends Measured {
  name: string;
  title: string;
  /** Of how much: messages, conversations. */
  size: number;
  ask(n: number): Asked;
  /** Whether the first answer is what it should be: a wrong one may come quickly. */
  isRight?(body: string): boolean;
}

/** Throws unless everybody is answered what they should be. */
async function checkAnswers(sides: Asking[]): Promise<void> {
  const agent = new Agent();
  for (const { title, ask, isRight } of sides) {
    const body = await answer(agent, ask(0));
    if (isRight && !isRight(body)) throw new Error(`${title}: a wrong answer: ${body.slice(0, 300)}`);
  }
  agent.destroy();
}

/** The least that a question to D1 costs: through a Worker, the binding, and back. */
export function trivialQuery(service: Service, size: number): Asking {
  const { server, directory } = service;
  const ask = () => ({ url: `${server.url}/bench/select-1` });
  return { name: "select-1", title: "SELECT 1", size, server, directory, ask };
}

/** Asks one question after the other, sides in turns. */
export async function askInTurns(bench: Bench, phase: string, sides: Asking[]): Promise<void> {
  const { seconds, quick } = bench.options;
  await checkAnswers(sides);
  await bench.inTurns(sides, async (side, run) => {
    // Other questions in each run, the same for all sides.
    const from = run * 1_000_000;
    await askFor(quick ? 0.1 : 0.5, 1, (n) => side.ask(from + 500_000 + n));
    await settle(side);
    const ask = () => askFor(seconds, 1, (n) => side.ask(from + n));
    const figures: Figures = await undisturbed(side, bench.options, ask);
    bench.keep(phase, side.size, side, figures);
  });
}

export function pageTable(phase: string, heading: string, of: string, comparisons: Comparison[]): TableSpec {
  return {
    phase,
    heading,
    of,
    columns: [
      "p50",
      "p99",
      "cpu_per_message",
      "messages_per_second",
      "directory_cpu_per_message",
      "client_load",
      "others",
    ],
    comparisons,
  };
}
