/**
 * All filters of the app, ready to be looked for in one pass. Words are found in the readings of a text, names of domains as they
 * are resolved.
 */
import type { FilterAction, FilterMatch, FilterType } from "@rocket-chat-api/protocol";
import { type Automaton, buildAutomaton, type SearchPlan, search } from "./automaton.ts";
import { mayHaveNames, normalName, readNames, startOfName } from "./domain-names.ts";
import { foldUnits } from "./folding.ts";
import type { Span } from "./mask.ts";
import { readEntry, readings } from "./reading.ts";

/** A filter as the directory has it. */
export interface FilterRule {
  name: string;
  type: FilterType;
  match: FilterMatch;
  action: FilterAction;
  entries: readonly string[];
}

/** What is looked for in one kind of reading. */
interface Searched extends SearchPlan {
  automaton: Automaton;
}

/** Filters that texts are held against. Each has a bit: its place in `filters`. */
export interface FilterSet {
  filters: readonly Pick<FilterRule, "name" | "action">[];
  words: Searched | undefined;
  names: Searched | undefined;
}

/** What filters find in a text. */
export interface Findings {
  /** The filters that match, one bit each. */
  filters: number;
  /** What filters that mask have found. */
  spans: Span[];
}

const ASCII = /^[ -~]*$/;

/** A word as it is looked for; undefined if nothing of it can be seen. */
function normalWord(entry: string): string | undefined {
  if (ASCII.test(entry)) return entry.toLowerCase().replace(/ +/g, " ").trim() || undefined;
  return readEntry(foldUnits(entry)).trim() || undefined;
}

/** An entry as it is looked for; undefined if it is none of this type. */
export function normalEntry(type: FilterType, entry: string): string | undefined {
  return type === "words" ? normalWord(entry) : normalName(entry);
}

/** A filter whose entries are as they are looked for. */
export interface NormalRule extends Omit<FilterRule, "entries"> {
  patterns: string[];
}

/** Reads the entries of a filter. For 10,000 of them it takes up to a tenth of a second. */
export function normalRule({ entries, ...rule }: FilterRule): NormalRule {
  return { ...rule, patterns: entries.flatMap((entry) => normalEntry(rule.type, entry) ?? []) };
}

/** Makes filters ready; undefined if there are none. @param rules 25 at most. */
export function compileFilters(rules: readonly FilterRule[]): FilterSet | undefined {
  return compileRules(rules.map(normalRule));
}

/** The same for filters whose entries were read. */
export function compileRules(rules: readonly NormalRule[]): FilterSet | undefined {
  if (rules.length === 0) return undefined;
  return {
    filters: rules.map(({ name, action }) => ({ name, action })),
    words: compileType(rules, "words"),
    names: compileType(rules, "domains"),
  };
}

/** The same filters, which mask what they would reject. */
export function maskInstead({ filters, words, names }: FilterSet): FilterSet {
  const rejecting = bitsOf(filters, ({ action }) => action === "reject");
  const placing = (searched: Searched | undefined) =>
    searched && { ...searched, placed: searched.placed | rejecting };
  return {
    filters: filters.map((filter) => (filter.action === "reject" ? { ...filter, action: "mask" } : filter)),
    words: placing(words),
    names: placing(names),
  };
}

function compileType(rules: readonly NormalRule[], type: FilterType): Searched | undefined {
  const filtersOf = new Map<string, number>();
  for (const [i, rule] of rules.entries()) {
    if (rule.type !== type) continue;
    for (const pattern of rule.patterns) filtersOf.set(pattern, (filtersOf.get(pattern) ?? 0) | (1 << i));
  }
  if (filtersOf.size === 0) return undefined;
  // Sorted by code units, as the automaton needs it.
  const patterns = [...filtersOf.keys()].sort();
  const filters = Int32Array.from(patterns, (pattern) => filtersOf.get(pattern) ?? 0);
  return {
    automaton: buildAutomaton({ patterns, filters }),
    anywhere: bitsOf(rules, (rule) => rule.match === "anywhere"),
    placed: bitsOf(rules, (rule) => rule.action === "mask"),
  };
}

function bitsOf<Rule>(rules: readonly Rule[], has: (rule: Rule) => boolean): number {
  return rules.reduce((bits, rule, i) => (has(rule) ? bits | (1 << i) : bits), 0);
}

/** Looks for everything in a text. Takes a time in proportion to its length. */
export function findIn({ words, names }: FilterSet, text: string): Findings {
  const findings: Findings = { filters: 0, spans: [] };
  if (words) findWords(words, text, findings);
  if (names && mayHaveNames(text)) findNames(names, text, findings);
  return findings;
}

function findWords({ automaton, ...plan }: Searched, text: string, findings: Findings): void {
  const folded = foldUnits(text);
  for (const { units, boundaries, origins } of readings(text, folded)) {
    const { filters, places } = search(automaton, units, { starts: boundaries, ends: boundaries }, plan);
    findings.filters |= filters;
    for (let i = 0; i < places.length; i += 2) {
      const [first, last] = [origins[places[i] ?? 0] ?? 0, origins[(places[i + 1] ?? 1) - 1] ?? 0];
      findings.spans.push([folded.starts[first] ?? 0, folded.ends[last] ?? 0]);
    }
  }
}

function findNames({ automaton, ...plan }: Searched, text: string, findings: Findings): void {
  const reading = readNames(text);
  const { filters, places } = search(automaton, reading.units, reading.boundaries, plan);
  findings.filters |= filters;
  let done = 0;
  for (let i = 0; i < places.length; i += 2) {
    const end = places[i + 1] ?? 1;
    const start = startOfName(reading, places[i] ?? 0, done);
    findings.spans.push([reading.starts[start] ?? 0, reading.ends[end - 1] ?? 0]);
    done = end;
  }
}
