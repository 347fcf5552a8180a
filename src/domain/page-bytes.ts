/** How much fits into one answer, so that no page costs its server or its reader more memory than another. */
import { jsonBytes } from "@rocket-chat-api/protocol";

/** A character of JSON is at most so many bytes of UTF-8. */
const BYTES_PER_CHARACTER = 3;

/** Bytes of each of these as JSON; an upper bound where that is known to fit, since counting it exactly costs as much again. */
export function sizesOf(items: readonly unknown[], budget: number): number[] {
  const bounds = items.map((item) => JSON.stringify(item).length * BYTES_PER_CHARACTER);
  return sum(bounds) <= budget ? bounds : items.map(jsonBytes);
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all + size, 0);
}

/** How many of the first of these fit. One always does: a page without anything would never come to an end. */
export function countFitting(sizes: readonly number[], budget: number): number {
  let left = budget;
  const tooMany = sizes.findIndex((size, index) => {
    left -= size;
    return index > 0 && left < 0;
  });
  return tooMany < 0 ? sizes.length : tooMany;
}

/** As many of the first items as fit, and at least one. */
export function fitting<T>(items: readonly T[], budget: number): T[] {
  return items.slice(0, countFitting(sizesOf(items, budget), budget));
}

/**
 * The stretch around one item that fits: on both sides alike, and more of one side where the other has come to its end.
 * @returns the first item, and the one behind the last.
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
