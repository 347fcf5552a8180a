/** How far a consumer of changes has read: a `seq`, and a revision of the rows. */
export interface Cursor {
  seq: number;
  rev: number;
}

/** The name of the cursor up to which D1 has been written. */
export const DIRECTORY = "directory";

/** Whether a cursor is at a position or past it. */
export function hasReached(cursor: Cursor, target: Cursor): boolean {
  return cursor.seq >= target.seq && cursor.rev >= target.rev;
}

/** The cursor of a consumer that has read everything. */
export function headOf({ head, rev }: { head: number; rev: number }): Cursor {
  return { seq: head, rev };
}

/** The cursor of a consumer that has lost what came after a position: the rows that have no position come again, all of them. */
export function setBackTo(seq: number): Cursor {
  return { seq, rev: -1 };
}

/** Whether a consumer has lost something, and has not been written to since. */
export function isSetBack({ rev }: Cursor): boolean {
  return rev < 0;
}

/** Whether a consumer is to begin with nothing. */
export function needsReset(cursor: Cursor): boolean {
  return isSetBack(cursor) && cursor.seq === 0;
}
