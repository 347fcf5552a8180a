/**
 * The cursor of the conversation list. The list moves while a client reads it: a conversation with a new message goes
 * to the top, past the cursor. So the client first reads down to the end, and then the conversations that moved since
 * it started, in the order in which they moved. Every conversation that was there all the time is returned at least
 * once.
 */

/** A place in the list, on the way down. */
export interface ListPlace {
  kind: "place";
  pinned: number;
  at: number;
  id: string;
  /** The directory's revision when the client started; undefined in old cursors. */
  begun: number | undefined;
}

/** The end was reached, and all moves up to this revision were returned. */
interface MovedPlace {
  kind: "moved";
  rev: number;
}

export type ListCursor = ListPlace | MovedPlace;

/** The cursor was not made by this server. */
export class InvalidCursor extends Error {}

export function encodeListCursor(cursor: ListCursor): string {
  const parts =
    cursor.kind === "moved" ? ["moved", cursor.rev] : [cursor.pinned, cursor.at, cursor.id, cursor.begun];
  return btoa(JSON.stringify(parts));
}

/** @throws InvalidCursor */
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

/** The last page: the end of the list, then moved conversations. */
interface LastPage<Row> {
  rows: Row[];
  /** The next cursor; undefined if that was all. */
  next: MovedPlace | undefined;
}

/**
 * Fills the page that reaches the end of the list with conversations that moved since the client started.
 * @param down the end of the list, at most `limit`.
 * @param moved the moved conversations, oldest move first, up to `limit + 1`.
 * @param after the revision after which `moved` was read.
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
