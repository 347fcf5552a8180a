/** Cursors of an object's SQLite that are not read to their end: while one is open, no table can be dropped, and some block every commit. */

type Cursor = SqlStorageCursor<Record<string, SqlStorageValue>>;

/** Queries whose cursor was still open after the turn that opened it. The setup of each file looks. */
export const openCursors: string[] = [];

/** Looks after the turn whether a cursor was read to its end. If not it takes a row of it, which nobody else should want by then. */
export function watchCursor(query: string, cursor: Cursor): void {
  queueMicrotask(() => {
    if (isOpen(cursor)) openCursors.push(query);
  });
}

function isOpen(cursor: Cursor): boolean {
  try {
    return cursor.next().done !== true;
  } catch {
    // The platform has closed it.
    return false;
  }
}
