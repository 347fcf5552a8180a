/**
 * Where a client is in the list of conversations, which moves while it is read: a conversation with a new message goes
 * to the top, past the cursor. So a client reads down to the end first, and then what has moved since it began, in the
 * order in which it moved. What was there at the beginning and still is comes at least once.
 */

/** A place among the conversations, from the top down. */
export interface ListPlace {
  kind: "place";
  pinned: number;
  at: number;
  id: string;
  /** The directory's revision when the reading began; undefined in a cursor from before it was kept. */
  begun: number | undefined;
}

/** The end has been reached, and of what has moved since, everything up to this revision. */
export interface MovedPlace {
  kind: "moved";
  rev: number;
}

export type ListCursor = ListPlace | MovedPlace;

/** The `cursor` of a request was not made by us. */
export class InvalidCursor extends Error {}

export function encodeListCursor(cursor: ListCursor): string {
  const parts =
    cursor.kind === "moved" ? ["moved", cursor.rev] : [cursor.pinned, cursor.at, cursor.id, cursor.begun];
  return btoa(JSON.stringify(parts));
}

/** @throws InvalidCursor if it is not one of ours. */
export function decodeListCursor(cursor: string): ListCursor {
  let parts: unknown;
  try {
    parts = JSON.parse(atob(cursor));
  } catch {
    throw new InvalidCursor();
  }
  if (!Array.isArray(parts)) throw new InvalidCursor();
  const [first, at, id, begun] = parts as unknown[];
  if (first === "moved" && isCount(at)) return { kind: "moved", rev: at };
  const isPlace = isCount(first) && isCount(at) && typeof id === "string";
  if (!isPlace || !(begun === undefined || begun === null || isCount(begun))) throw new InvalidCursor();
  return { kind: "place", pinned: first, at, id, begun: begun ?? undefined };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The end of the list with what has moved since, as one page. */
export interface LastPage<Row> {
  rows: Row[];
  /** Where to go on; undefined if that was all. */
  next: MovedPlace | undefined;
}

/**
 * Fills a page that reaches the end of the list with what has moved since the reading began.
 * @param down the end of the list, at most `limit`.
 * @param moved what has moved, oldest move first, `limit + 1` of it if there is so much.
 * @param after the revision behind which `moved` was read.
 */
export function joinMoved<Row extends { conversation_id: string; moved_rev: number }>(
  down: Row[],
  moved: Row[],
  limit: number,
  after: number,
): LastPage<Row> {
  const taken = moved.slice(0, limit - down.length);
  const rev = taken.at(-1)?.moved_rev ?? after;
  const shown = new Set(down.map((row) => row.conversation_id));
  return {
    rows: [...down, ...taken.filter((row) => !shown.has(row.conversation_id))],
    next: moved.length > taken.length ? { kind: "moved", rev } : undefined,
  };
}
