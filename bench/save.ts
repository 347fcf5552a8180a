/** Keeps the results as a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Check, COLUMNS, medians, type Result, ratioOf, type TableSpec } from "./report.ts";

/** Every ratio of a table, for the file. */
function ratios(results: Result[], { phase, columns, comparisons }: TableSpec) {
  const rows = results.filter((result) => result.scenario === phase);
  return rows.flatMap((row) =>
    comparisons.map((comparison) => {
      const compared = columns.filter((metric) => COLUMNS[metric].compare);
      const entries = compared.map((metric) => [
        metric,
        ratioOf(results, phase, metric, row, comparison.with(row)),
      ]);
      return {
        scenario: phase,
        size: row.size,
        side: row.side,
        to: comparison.heading,
        ...Object.fromEntries(entries),
      };
    }),
  );
}

/** Writes `bench/results/<name>.json`. @returns its path. */
export function save(
  name: string,
  about: Record<string, unknown>,
  results: Result[],
  tables: TableSpec[],
  checks: Check[],
): string {
  const directory = join(import.meta.dirname, "results");
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${name}.json`);
  const shown = medians(results);
  const all = {
    ...about,
    checks,
    medians: shown,
    ratios: tables.flatMap((t) => ratios(shown, t)),
    runs: results,
  };
  writeFileSync(path, `${JSON.stringify(all, null, 2)}\n`);
  return path;
}
