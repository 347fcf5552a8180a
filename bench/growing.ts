/** What the scenarios share in which something grows ten times, and the answer does not. */
import type { Phase } from "./driver.ts";
import { type Measured, settle, undisturbed } from "./measure.ts";
import type { TableSpec, Target } from "./report.ts";
import type { Bench, Kept } from "./scenario.ts";

/** Ten times as much may cost so much more. */
const MOST = 1.5;

/** Something that is done again and again. */
export interface Doing extends Measured, Kept {
  /** Members, or conversations. */
  size: number;
  /** @param lane names this phase: nothing is sent twice. */
  run(seconds: number, lane: string): Promise<Phase>;
}

/** Measures all sides in turns. */
export async function measureInTurns(bench: Bench, phase: string, sides: Doing[]): Promise<void> {
  const { seconds, quick } = bench.options;
  await bench.inTurns(sides, async (side, run) => {
    await side.run(quick ? 0.1 : 0.5, `warm${run}`);
    await settle(side);
    let attempt = 0;
    const figures = await undisturbed(side, bench.options, () => side.run(seconds, `${run}-${attempt++}`));
    bench.keep(phase, side.size, side, figures);
  });
}

/** The table of a phase. @param few the size with which the other is compared. */
export function tableOf(phase: string, heading: string, of: string, few: number): TableSpec {
  return {
    ...{ phase, heading, of },
    columns: ["p50", "p99", "cpu_per_message", "directory_cpu_per_message", "client_load", "others"],
    comparisons: [{ heading: `x ${few}`, with: ({ side }) => ({ side, size: few }) }],
  };
}

/** What these sides may cost with ten times as much. */
export function targetsOf(
  phase: string,
  sides: string[],
  of: string,
  [few, many]: [number, number],
  metric: "p50" | "cpu_per_message" = "p50",
): Target[] {
  return sides.map((side) => ({
    about: `${side}: ${metric === "p50" ? "p50" : "CPU for each"} with ${many} ${of}, beside ${few}`,
    ...{ phase, metric, most: MOST },
    row: { side, size: many },
    base: { side, size: few },
  }));
}
