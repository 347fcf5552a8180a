/** Samples as OpenMetrics 1.0 text, which Prometheus and its kin read. */
import { FAMILIES, type Family, type FamilyName, PREFIX } from "./families.ts";
import type { Sample } from "./registry.ts";

/** The media type of the text. */
export const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** The whole text. A metric that nothing has counted yet is described all the same, so that queries find its name. */
export function exposition(samples: readonly Sample[]): string {
  const byFamily = Map.groupBy(samples, ({ family }) => family);
  const names = Object.keys(FAMILIES) as FamilyName[];
  const lines = names.flatMap((name) => familyLines(name, byFamily.get(name) ?? []));
  return `${[...lines, ...openSockets(byFamily), "# EOF"].join("\n")}\n`;
}

function familyLines(name: FamilyName, samples: readonly Sample[]): string[] {
  const family: Family = FAMILIES[name];
  const full = `${PREFIX}${name}`;
  const unit = name.endsWith("_seconds") ? [`# UNIT ${full} seconds`] : [];
  const type = family.kind === "total" ? "counter" : "histogram";
  return [
    `# TYPE ${full} ${type}`,
    ...unit,
    `# HELP ${full} ${family.help}.`,
    ...samples.flatMap((sample) =>
      family.kind === "total" ? totalLine(full, family, sample) : histogramLines(full, family, sample),
    ),
  ];
}

function totalLine(full: string, { labels }: Family, sample: Sample): string {
  return `${full}_total${labelText(labels, sample.labels)} ${sample.sum}`;
}

function histogramLines(full: string, { labels, buckets }: Family, sample: Sample): string[] {
  let count = 0;
  const lines = [...buckets, Number.POSITIVE_INFINITY].map((bound, index) => {
    count += sample.buckets[index] ?? 0;
    const le = Number.isFinite(bound) ? numberText(bound) : "+Inf";
    return `${full}_bucket${labelText([...labels, "le"], [...sample.labels, le])} ${count}`;
  });
  const own = labelText(labels, sample.labels);
  return [...lines, `${full}_sum${own} ${sample.sum}`, `${full}_count${own} ${count}`];
}

/** A gauge that follows from two totals: what was opened and has not closed. */
function openSockets(byFamily: ReadonlyMap<FamilyName, readonly Sample[]>): string[] {
  const at = (family: FamilyName, place: string) =>
    (byFamily.get(family) ?? []).reduce((sum, one) => (one.labels[0] === place ? sum + one.sum : sum), 0);
  const full = `${PREFIX}sockets_open`;
  return [
    `# TYPE ${full} gauge`,
    `# HELP ${full} Sockets that were accepted and have not closed.`,
    ...["conversation", "hub"].map(
      (place) =>
        `${full}{at="${place}"} ${Math.max(0, at("sockets_opened", place) - at("sockets_closed", place))}`,
    ),
  ];
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return "";
  return `{${names.map((name, index) => `${name}="${escaped(values[index] ?? "")}"`).join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}

/** OpenMetrics wants bounds as floats: `1.0`, not `1`. */
function numberText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
