/** Results: medians, tables with ratios to the floors, and targets. */
import { alignedTable } from "./markdown.ts";
import type { Figures } from "./measure.ts";

/** One run of one phase of one side. */
export interface Result {
  scenario: string;
  size: number;
  /** See {@link sideIn}. */
  side: string;
  title: string;
  run: number;
  figures: Figures;
}

/** How the results name a side: in another checkout than this one, with its folder. */
export function sideIn(name: string, checkout?: string): string {
  return checkout === undefined ? name : `${name}@${checkout}`;
}

export type Metric = keyof Figures;

interface Column {
  heading: string;
  digits: number;
  /** Whether ratios are shown. */
  compare?: boolean;
}

export const COLUMNS: Record<Metric, Column> = {
  cpu_per_delivery: { heading: "CPU us/delivery", digits: 2, compare: true },
  cpu_per_message: { heading: "CPU us/each", digits: 0, compare: true },
  deliveries_per_second: { heading: "deliveries/s", digits: 0, compare: true },
  messages_per_second: { heading: "each/s", digits: 0, compare: true },
  p50: { heading: "p50 ms", digits: 2, compare: true },
  p99: { heading: "p99 ms", digits: 2, compare: true },
  kib_per_socket: { heading: "KiB/socket", digits: 1, compare: true },
  frames_per_message: { heading: "frames/each", digits: 2, compare: true },
  acks_per_message: { heading: "acks/each", digits: 2 },
  receipts_per_message: { heading: "receipts/each", digits: 2 },
  presence_per_message: { heading: "presence/each", digits: 2 },
  others_per_message: { heading: "others/each", digits: 2 },
  bytes_per_delivery: { heading: "bytes/delivery", digits: 0, compare: true },
  directory_cpu_per_message: { heading: "database us/each", digits: 0 },
  client_load: { heading: "client load", digits: 2 },
  others: { heading: "others", digits: 2 },
};

/** One row of a phase. */
export interface Place {
  side: string;
  size: number;
}

/** What the rows of a table are compared with. */
export interface Comparison {
  heading: string;
  /** The row that this one is compared with. */
  with(place: Place): Place;
}

/** The rows of one phase. */
export interface TableSpec {
  phase: string;
  heading: string;
  /** What the sizes are. */
  of: string;
  columns: Metric[];
  comparisons: Comparison[];
}

/** What leaves the server for each message, by what it is for. */
export function leaving(phase: string, of: string): TableSpec {
  return {
    phase,
    heading: "What left for each message, to all participants together, counted apart",
    of,
    columns: [
      "frames_per_message",
      "acks_per_message",
      "receipts_per_message",
      "presence_per_message",
      "others_per_message",
      "bytes_per_delivery",
    ],
    comparisons: [],
  };
}

/** Compared with a side of the same size. */
export function beside(side: string): Comparison {
  return { heading: `x ${side}`, with: ({ size }) => ({ side, size }) };
}

/** What must hold: a figure over another's is at most, or at least, so much. */
export interface Target {
  about: string;
  phase: string;
  metric: Metric;
  row: Place;
  base: Place;
  most?: number;
  least?: number;
}

/** A target and what was found; no ratio where it was not measured. */
export interface Check {
  about: string;
  bound: string;
  ratio?: number;
  passed?: boolean;
}

/** The middle one, or the mean of the middle two. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** One result for each phase, size and side: the median of every figure. */
export function medians(results: Result[]): Result[] {
  const groups = Map.groupBy(results, ({ scenario, size, side }) => `${scenario} ${size} ${side}`);
  return [...groups.values()].flatMap((runs) => {
    const [first] = runs;
    if (!first) return [];
    const keys = Object.keys(first.figures) as Metric[];
    const entries = keys.map((key) => [key, median(runs.map((run) => run.figures[key] ?? Number.NaN))]);
    return [{ ...first, figures: Object.fromEntries(entries) as Figures }];
  });
}

function figureOf(results: Result[], phase: string, { side, size }: Place, metric: Metric) {
  return results.find((row) => row.scenario === phase && row.side === side && row.size === size)?.figures[
    metric
  ];
}

export function ratioOf(results: Result[], phase: string, metric: Metric, row: Place, base: Place) {
  const [value, below] = [row, base].map((place) => figureOf(results, phase, place, metric));
  return value === undefined || below === undefined ? undefined : value / below;
}

/** The rows of one phase as a Markdown table, sizes apart, sides beneath each other. */
export function table(results: Result[], { phase, of, columns, comparisons }: TableSpec): string {
  const rows = results.filter((result) => result.scenario === phase).sort((a, b) => a.size - b.size);
  const shown = columns.filter((metric) => rows.some(({ figures }) => figures[metric] !== undefined));
  const heads = shown.flatMap((metric) => {
    const { heading, compare } = COLUMNS[metric];
    return [heading, ...(compare ? comparisons.map((comparison) => comparison.heading) : [])];
  });
  const lines = rows.map((row) => [
    String(row.size),
    row.title,
    ...shown.flatMap((metric) => {
      const { digits, compare } = COLUMNS[metric];
      const ratios = comparisons.map((c) => ratioOf(results, phase, metric, row, c.with(row))?.toFixed(2));
      return [row.figures[metric]?.toFixed(digits) ?? "", ...(compare ? ratios.map((r) => r ?? "") : [])];
    }),
  ]);
  return alignedTable([[of, "side", ...heads], ...lines]);
}

/** Holds the medians against the targets. */
export function check(results: Result[], targets: Target[]): Check[] {
  return targets.map(({ about, phase, metric, row, base, most, least }) => {
    const bound = most === undefined ? `at least ${least} x` : `at most ${most} x`;
    const ratio = ratioOf(results, phase, metric, row, base);
    if (ratio === undefined || Number.isNaN(ratio)) return { about, bound };
    return { about, bound, ratio, passed: ratio <= (most ?? Infinity) && ratio >= (least ?? -Infinity) };
  });
}

/** One line of a check. */
export function checkLine({ about, bound, ratio, passed }: Check): string {
  if (ratio === undefined) return `  --   ${about}: ${bound}; not measured`;
  return `  ${passed ? "pass" : "MISS"} ${about}: ${ratio.toFixed(2)} x (${bound})`;
}
