/** Two checkouts beside each other: what a change costs, and how much the same code differs from itself. */
import { alignedTable } from "./markdown.ts";
import { COLUMNS, type Metric, median, type Result, sideIn, type TableSpec } from "./report.ts";

/** The figures that are compared, the one that noise disturbs least first. */
const COMPARED = [
  "cpu_per_delivery",
  "cpu_per_message",
  "deliveries_per_second",
  "p50",
  "p99",
  "frames_per_message",
  "bytes_per_delivery",
  "kib_per_socket",
] as const satisfies Metric[];
/** Where more is better; of the others less is. */
const RATES: ReadonlySet<Metric> = new Set(["deliveries_per_second"]);
/** A smaller difference is none, however calm the machine is. */
const LEAST_RATIO = 1.01;
/** Of fewer runs nobody can say how much they scatter. */
const LEAST_RUNS = 3;

/** The middle one of several runs, and the range of all. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** One figure of one side in two checkouts. */
export interface Difference {
  scenario: string;
  size: number;
  side: string;
  title: string;
  metric: Metric;
  /** In the other checkout. */
  before: Spread;
  /** In this one. */
  after: Spread;
  /** Of the medians, after to before. */
  ratio: number;
  /** The same of each run, whose two turns follow each other. */
  ratios: Spread;
  /** What the ratios of each run are where both sides have the same code, if that was measured. */
  noise?: Spread;
  /** Where noise was measured often enough: beyond it if the ratio is further from 1 than any run of the same code. */
  verdict?: "worse" | "better" | "noise";
}

/**
 * What differs between this checkout and another.
 * @param tables say which figures mean something in a phase: where the load is given, deliveries a second do not.
 * @param other as the command line names it.
 * @param same a folder that has the same code as this checkout, if there is one among the results.
 */
export function differences(
  results: Result[],
  tables: Pick<TableSpec, "phase" | "columns">[],
  other: string,
  same?: string,
): Difference[] {
  const own = results.filter(({ side }) => results.some((result) => result.side === sideIn(side, other)));
  const sides = Map.groupBy(own, ({ scenario, size, side }) => `${scenario} ${size} ${side}`);
  return [...sides.values()].flatMap((after) => {
    const before = runsOf(results, after, other);
    const again = same === undefined || same === other ? undefined : runsOf(results, after, same);
    const shown = tables
      .filter(({ phase }) => phase === after[0]?.scenario)
      .flatMap(({ columns }) => columns);
    const metrics = COMPARED.filter((metric) => shown.includes(metric));
    return metrics.flatMap((metric) => difference(metric, after, before, again) ?? []);
  });
}

/** The runs of the same side in another checkout. */
function runsOf(results: Result[], [own]: Result[], checkout: string): Result[] {
  if (!own) return [];
  const side = sideIn(own.side, checkout);
  return results.filter(
    (result) => result.side === side && result.scenario === own.scenario && result.size === own.size,
  );
}

function difference(
  metric: Metric,
  after: Result[],
  before: Result[],
  again?: Result[],
): Difference | undefined {
  const [first] = after;
  const [now, then] = [after, before].map((runs) => spreadOf(valuesOf(runs, metric)));
  const ratios = spreadOf(ratiosOf(metric, after, before));
  if (!first || !now || !then || !ratios) return undefined;
  const { scenario, size, side, title } = first;
  const ratio = now.median / then.median;
  const found = { scenario, size, side, title, metric, before: then, after: now, ratio, ratios };
  const same = ratiosOf(metric, after, again ?? []);
  const noise = spreadOf(same);
  if (!noise) return found;
  return same.length < LEAST_RUNS
    ? { ...found, noise }
    : { ...found, noise, verdict: verdictOf(metric, ratio, noise) };
}

/** The noise counts both ways: which of two equal sides was slower is chance. */
function verdictOf(metric: Metric, ratio: number, { min, max }: Spread): "worse" | "better" | "noise" {
  const bound = Math.max(max, 1 / min, LEAST_RATIO);
  if (ratio <= bound && ratio >= 1 / bound) return "noise";
  return ratio > 1 === RATES.has(metric) ? "better" : "worse";
}

function valuesOf(runs: Result[], metric: Metric): number[] {
  return runs.flatMap(({ figures }) => figures[metric] ?? []);
}

/** After to before, run by run; a run that one of them lacks does not count. */
function ratiosOf(metric: Metric, after: Result[], before: Result[]): number[] {
  return after.flatMap(({ run, figures }) => {
    const [value, base] = [figures[metric], before.find((other) => other.run === run)?.figures[metric]];
    return value === undefined || base === undefined || base === 0 ? [] : [value / base];
  });
}

function spreadOf(values: number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The differences of one phase as a Markdown table. */
export function differencesTable(rows: Difference[], of: string): string {
  const isJudged = rows.some(({ noise }) => noise !== undefined);
  const head = [of, "side", "figure", "before", "min..max", "after", "min..max", "after/before", "each run"];
  const lines = rows.map((row) => {
    const { heading, digits } = COLUMNS[row.metric];
    const [then, now] = [row.before, row.after].flatMap((spread) => [
      [spread.median.toFixed(digits), rangeOf(spread, digits)],
    ]);
    const { noise, verdict } = row;
    return [
      ...[String(row.size), row.title, heading, ...(then ?? []), ...(now ?? [])],
      ...[row.ratio.toFixed(3), rangeOf(row.ratios, 2)],
      ...(isJudged ? [noise ? rangeOf(noise, 2) : "", verdict ?? ""] : []),
    ];
  });
  return alignedTable([[...head, ...(isJudged ? ["same code", "verdict"] : [])], ...lines], [1, 2]);
}

function rangeOf({ min, max }: Spread, digits: number): string {
  return `${min.toFixed(digits)}..${max.toFixed(digits)}`;
}
