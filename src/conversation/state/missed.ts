/** Cuts what a reader is missing into batches. */

/** Something with the position that it brings its reader to. Many may share one (`messages.deleted`). */
export interface Positioned {
  position: number;
}

/** A row with the position that it brings its reader to. */
export interface Missed<Row> extends Positioned {
  message: Row;
}

/**
 * The first of these, but never some of one position without the others: a reader that has come to it would not ask for them.
 * @param sorted by position. @param count at most so many, unless the first position alone has more.
 */
export function wholePositions<T extends Positioned>(sorted: readonly T[], count: number): T[] {
  const last = sorted[count - 1];
  if (!last || sorted[count]?.position !== last.position) return sorted.slice(0, count);
  const first = sorted.findIndex(({ position }) => position === last.position);
  return first > 0 ? sorted.slice(0, first) : sorted.filter(({ position }) => position === last.position);
}
