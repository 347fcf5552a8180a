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
