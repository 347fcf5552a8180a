/** Numbers that are added up, in memory. Adding one is a lookup in a small map: nothing on the path of a message may cost more. */
import { FAMILIES, type Family, type FamilyName, OPEN_LABELS } from "./families.ts";

/** One series as it travels: the sum, and of a histogram how many values lie in each bucket. */
export interface Sample {
  family: FamilyName;
  /** Values of the labels, in the order of the family. */
  labels: readonly string[];
  /** What was added up: occurrences, or the values of a histogram. */
  sum: number;
  /** Of a histogram: how many values lie in each bucket, the one without a bound last. */
  buckets: readonly number[];
}

/** One series. */
interface Series {
  labels: readonly string[];
  sum: number;
  buckets: number[];
}

/** Separates label values in a key; no value has it. */
const SEPARATOR = "\u001f";
/**
 * Series of one family, at most. What comes after is added to series whose {@link OPEN_LABELS} are `other`: what alerts ask for, such as
 * the status, stays true whatever somebody has filled a family with.
 */
const MAX_SERIES = 500;
const OTHER = "other";

export class Registry {
  readonly #families = new Map<FamilyName, Map<string, Series>>();

  /** Counts. @param labels in the order of the family. */
  add(family: FamilyName, by = 1, ...labels: string[]): void {
    this.#series(family, labels).sum += by;
  }

  /** Puts a value into a histogram. */
  observe(family: FamilyName, value: number, ...labels: string[]): void {
    const series = this.#series(family, labels);
    series.sum += value;
    const { buckets }: Family = FAMILIES[family];
    let index = 0;
    // A clock that was set back gives negative times: they belong to the first bucket.
    while (index < buckets.length && value > (buckets[index] ?? 0)) index += 1;
    series.buckets[index] = (series.buckets[index] ?? 0) + 1;
  }

  /** Adds what another registry has counted. Samples of unknown metrics, of a newer release, are left out. */
  merge(samples: readonly Sample[]): void {
    for (const { family, labels, sum, buckets } of samples) {
      if (!(family in FAMILIES)) continue;
      const series = this.#series(family, labels);
      series.sum += sum;
      for (const [index, count] of buckets.entries())
        series.buckets[index] = (series.buckets[index] ?? 0) + count;
    }
  }

  /** Everything that was counted. */
  samples(): Sample[] {
    return [...this.#families].flatMap(([family, all]) =>
      [...all.values()].map(({ labels, sum, buckets }) => ({ family, labels, sum, buckets: [...buckets] })),
    );
  }

  /** Everything that was counted since the last call. */
  take(): Sample[] {
    const samples = this.samples();
    this.#families.clear();
    return samples;
  }

  get isEmpty(): boolean {
    return this.#families.size === 0;
  }

  #series(family: FamilyName, labels: readonly string[]): Series {
    let all = this.#families.get(family);
    if (!all) {
      all = new Map();
      this.#families.set(family, all);
    }
    const key = labels.length === 1 ? (labels[0] ?? "") : labels.join(SEPARATOR);
    const known = all.get(key);
    if (known) return known;
    const { kind, buckets, labels: names }: Family = FAMILIES[family];
    if (all.size >= MAX_SERIES) {
      const folded = labels.map((label, index) => (OPEN_LABELS.has(names[index] ?? "") ? OTHER : label));
      if (folded.some((label, index) => label !== labels[index])) return this.#series(family, folded);
    }
    const fresh = {
      labels,
      sum: 0,
      buckets: kind === "histogram" ? new Array(buckets.length + 1).fill(0) : [],
    };
    all.set(key, fresh);
    return fresh;
  }
}
