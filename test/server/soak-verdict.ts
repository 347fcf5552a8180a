/** Whether live memory has stayed where it was: pure, so that a unit test can say what counts as flat. */

/** What was in use at a time. */
export interface MemorySample {
  /** Seconds since the beginning. */
  at: number;
  /** MiB. */
  memory: number;
}

/**
 * What live memory may do in the end and still count as flat. Looks at a service at rest differed by 0.3 MiB. The leak of
 * cleared timers (`src/realtime/timer.ts`) was 94 MiB an hour at 100 messages a second.
 */
export const FLAT = {
  /** MiB an hour, over the last third. */
  slope: 12,
  /** MiB between the middles of the second third and of the last. */
  rise: 3,
};

/** What became of the memory. */
export interface MemoryVerdict {
  /** MiB an hour, over the last third. */
  slope: number;
  /** The medians of the second and of the last third. */
  second: number;
  last: number;
  isFlat: boolean;
}

/** Says how memory went on after the first third, in which everything is filled that has a limit. */
export function verdictOf(samples: readonly MemorySample[]): MemoryVerdict {
  const third = Math.floor(samples.length / 3);
  const tail = samples.slice(2 * third);
  const second = median(samples.slice(third, 2 * third));
  const last = median(tail);
  const slope = slopeOf(tail) * 3600;
  return { slope, second, last, isFlat: slope <= FLAT.slope && last - second <= FLAT.rise };
}

function median(samples: readonly MemorySample[]): number {
  const sorted = samples.map(({ memory }) => memory).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** MiB a second: the line with the least squares. */
function slopeOf(samples: readonly MemorySample[]): number {
  const mean = (of: (sample: MemorySample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [at, memory] = [mean((sample) => sample.at), mean((sample) => sample.memory)];
  const both = mean((sample) => (sample.at - at) * (sample.memory - memory));
  return both / mean((sample) => (sample.at - at) ** 2);
}
