/**
 * How what this isolate has counted reaches the object that adds up all isolates (`metrics-store.ts`). Counting stays in
 * memory. It is handed on once in {@link REPORT_MS} while something happens, by whatever happens: no timer keeps an object
 * awake for it, so an idle deployment costs nothing. What an isolate has not handed on when it ends is lost.
 */
import type { EpochMs } from "../domain/time.ts";
import { FAMILIES } from "./families.ts";
import { metrics } from "./metrics.ts";
import type { Sample } from "./registry.ts";

/** Milliseconds between two reports of an isolate. */
const REPORT_MS = 10_000;
/** Data points that one invocation may write to Analytics Engine (its documentation, "Limits"). */
const MAX_POINTS = 250;
/** The name of the one object that adds up. */
const STORE = "all";

/** What the platform gives for it. Both are optional: an older configuration has neither. */
export interface MetricsBindings {
  METRICS?: DurableObjectNamespace | undefined;
  /** Workers Analytics Engine: keeps what was counted for three months, for queries in SQL. */
  ANALYTICS?: AnalyticsEngineDataset | undefined;
}

/** The object, as its callers see it. */
export interface MetricsStoreObject {
  report(samples: Sample[]): Promise<void>;
  read(): Promise<Sample[]>;
}

let reportedAt: EpochMs = 0;

/**
 * Hands on what was counted, if it is time.
 * @param waitUntil keeps the invocation alive meanwhile; nobody waits for it.
 */
export function reportIfDue(
  env: MetricsBindings,
  now: EpochMs,
  waitUntil: (work: Promise<unknown>) => void,
): void {
  if (now - reportedAt < REPORT_MS && now >= reportedAt) return;
  if (metrics.isEmpty || (!env.METRICS && !env.ANALYTICS)) return;
  reportedAt = now;
  waitUntil(report(env));
}

/** Hands on what was counted. If it cannot be, it is counted on. */
export async function report(env: MetricsBindings): Promise<void> {
  if (!env.METRICS && !env.ANALYTICS) return;
  const samples = metrics.take();
  try {
    await storeOf(env)?.report(samples);
    writePoints(env.ANALYTICS, samples);
  } catch {
    metrics.merge(samples);
  }
}

/** Everything that was counted, with this isolate's newest. */
export async function readMetrics(env: MetricsBindings): Promise<Sample[]> {
  await report(env);
  return (await storeOf(env)?.read()) ?? metrics.samples();
}

function storeOf({ METRICS }: MetricsBindings): MetricsStoreObject | undefined {
  if (!METRICS) return undefined;
  return METRICS.get(METRICS.idFromName(STORE)) as unknown as MetricsStoreObject;
}

/**
 * One data point for each series: the metric as the index, its labels as blobs, sum and count as doubles. Where there are too many, those
 * of the metrics with the most series are left out.
 */
function writePoints(analytics: AnalyticsEngineDataset | undefined, samples: readonly Sample[]): void {
  const byFamily = Map.groupBy(samples, ({ family }) => family);
  const inOrder = [...byFamily.values()].sort((one, other) => one.length - other.length).flat();
  for (const { family, labels, sum, buckets } of inOrder.slice(0, analytics ? MAX_POINTS : 0)) {
    const isHistogram = FAMILIES[family].kind === "histogram";
    const count = isHistogram ? buckets.reduce((all, one) => all + one, 0) : sum;
    analytics?.writeDataPoint({ indexes: [family], blobs: [...labels], doubles: [sum, count] });
  }
}
