/** Limits the size of a page, so that no page costs too much memory. */
import { jsonBytes } from "@rocket-chat-api/protocol";

/** UTF-8 bytes per UTF-16 code unit, at most. */
const BYTES_PER_CHARACTER = 3;

/**
 * Bytes of each item as JSON. If an upper bound already fits, that is used, because an exact count costs as much again.
 */
export function sizesOf(items: readonly unknown[], budget: number): number[] {
  const bounds = items.map((item) => JSON.stringify(item).length * BYTES_PER_CHARACTER);
  return sum(bounds) <= budget ? bounds : items.map(jsonBytes);
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all + size, 0);
}

/** How many of the first items fit. At least one, so that paging always ends. */
export function countFitting(sizes: readonly number[], budget: number): number {
  let left = budget;
  const tooMany = sizes.findIndex((size, index) => {
    left -= size;
    return index > 0 && left < 0;
  });
  return tooMany < 0 ? sizes.length : tooMany;
}

/** The first items that fit, at least one. */
export function fitting<T>(items: readonly T[], budget: number): T[] {
  return items.slice(0, countFitting(sizesOf(items, budget), budget));
}

/**
 * The range around one item that fits. It grows on both sides equally, and further on one side once the other is
 * complete.
 * @returns the first index, and the index after the last.
 */
export function fittingAround(
  sizes: readonly number[],
  centre: number,
  budget: number,
): { from: number; to: number } {
  let [from, to] = [centre, Math.min(centre + 1, sizes.length)];
  let left = budget - sum(sizes.slice(from, to));
  const fits = (index: number) => (sizes[index] ?? Number.POSITIVE_INFINITY) <= left;
  for (;;) {
    const before = from > 0 && fits(from - 1);
    const after = to < sizes.length && fits(to);
    if (before && (!after || centre - from <= to - centre - 1)) {
      from -= 1;
      left -= sizes[from] ?? 0;
    } else if (after) {
      left -= sizes[to] ?? 0;
      to += 1;
    } else return { from, to };
  }
}
