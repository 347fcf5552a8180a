/** Results: medians, tables with ratios to the floors, and a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Figures } from "./measure.ts";

/** One run of one phase of one side. */
export interface Result {
  scenario: string;
  size: number;
  side: string;
  title: string;
  figures: Figures;
}

interface Column {
  heading: string;
  value: (figures: Figures) => number | undefined;
  digits: number;
  /** Whether ratios to the floors are shown. */
  compare?: boolean;
}

const COLUMNS: Column[] = [
  { heading: "CPU us/delivery", value: (f) => f.cpu_per_delivery, digits: 2, compare: true },
  { heading: "deliveries/s", value: (f) => f.deliveries_per_second, digits: 0, compare: true },
  { heading: "messages/s", value: (f) => f.messages_per_second, digits: 0 },
  { heading: "p50 ms", value: (f) => f.p50, digits: 2, compare: true },
  { heading: "p99 ms", value: (f) => f.p99, digits: 2, compare: true },
  { heading: "database us/message", value: (f) => f.directory_cpu_per_message, digits: 0 },
  { heading: "client load", value: (f) => f.client_load, digits: 2 },
  { heading: "others", value: (f) => f.others, digits: 2 },
];

/** The floors that everything is compared with. */
const FLOORS = [
  { side: "relay", heading: "x relay" },
  { side: "insert", heading: "x insert" },
];

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** One result for each scenario, size and side: the median of every figure. */
export function medians(results: Result[]): Result[] {
  const groups = Map.groupBy(results, ({ scenario, size, side }) => `${scenario} ${size} ${side}`);
  return [...groups.values()].flatMap((runs) => {
    const [first] = runs;
    if (!first) return [];
    const keys = Object.keys(first.figures) as (keyof Figures)[];
    const entries = keys.map((key) => [key, median(runs.map((run) => run.figures[key] ?? Number.NaN))]);
    return [{ ...first, figures: Object.fromEntries(entries) as Figures }];
  });
}

/** The rows of one scenario as a Markdown table, sizes apart, sides beneath each other. */
export function table(results: Result[], scenario: string): string {
  const rows = results.filter((result) => result.scenario === scenario).sort((a, b) => a.size - b.size);
  const columns = COLUMNS.filter(({ value }) => rows.some(({ figures }) => value(figures) !== undefined));
  const heads = columns.flatMap(({ heading, compare }) => [
    heading,
    ...(compare ? FLOORS.map((f) => f.heading) : []),
  ]);
  const lines = rows.map((row) => {
    const cells = columns.flatMap((column) => cellsOf(column, row, rows));
    return [String(row.size), row.title, ...cells];
  });
  return alignedTable([["room", "side", ...heads], ...lines]);
}

function cellsOf(column: Column, row: Result, rows: Result[]): string[] {
  const value = column.value(row.figures);
  const ratios = column.compare ? FLOORS.map(({ side }) => ratio(column, row, rows, side)) : [];
  return [value === undefined ? "" : value.toFixed(column.digits), ...ratios];
}

function ratio(column: Column, row: Result, rows: Result[], floor: string): string {
  const beside = rows.find(({ size, side }) => size === row.size && side === floor);
  const [value, base] = [column.value(row.figures), beside && column.value(beside.figures)];
  return value === undefined || base === undefined ? "" : (value / base).toFixed(2);
}

function alignedTable([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  // Words to the left, numbers to the right.
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => (i === 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 1 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** Writes `bench/results/latest.json`. @returns its path. */
export function save(about: Record<string, unknown>, results: Result[]): string {
  const directory = join(import.meta.dirname, "results");
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "latest.json");
  writeFileSync(path, `${JSON.stringify({ ...about, medians: medians(results), runs: results }, null, 2)}\n`);
  return path;
}
