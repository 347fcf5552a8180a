/**
 * The cursor of the conversation list. The list moves while a client reads it: a conversation with a new message goes
 * to the top, past the cursor. So the client first reads down to the end, and then the conversations that moved since
 * it started, in the order in which they moved. Every conversation that was there all the time is returned at least
 * once.
 */

import type { DirectoryState } from "../domain/sync.ts";

/** A place in the list, on the way down. */
export interface ListPlace {
  kind: "place";
  pinned: number;
  at: number;
  id: string;
  /** The directory's revision when the client started; undefined in old cursors. */
  begun: number | undefined;
  epoch: string | undefined;
}

/** The end was reached, and all moves up to this revision were returned. */
interface MovedPlace {
  kind: "moved";
  rev: number;
  /** The identity of the directory; undefined in old cursors. */
  epoch: string | undefined;
}

export type ListCursor = ListPlace | MovedPlace;

/** The cursor was not made by this server. */
export class InvalidCursor extends Error {}

export function encodeListCursor(cursor: ListCursor): string {
  const { epoch } = cursor;
  const parts =
    cursor.kind === "moved"
      ? ["moved", cursor.rev, epoch]
      : [cursor.pinned, cursor.at, cursor.id, cursor.begun, epoch];
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
  const [first, at, id, begun, last] = parts as unknown[];
  if (first === "moved" && isCount(at)) return { kind: "moved", rev: at, epoch: toEpoch(id) };
  const isPlace = isCount(first) && isCount(at) && typeof id === "string";
  if (!isPlace || !(begun === undefined || begun === null || isCount(begun))) throw new InvalidCursor();
  return { kind: "place", pinned: first, at, id, begun: begun ?? undefined, epoch: toEpoch(last) };
}

function toEpoch(part: unknown): string | undefined {
  return typeof part === "string" ? part : undefined;
}

/**
 * The revision after which moved conversations are still to come; undefined in old cursors. Zero if the cursor is of another
 * directory, or of one that has not come so far (it was put back): then every conversation comes again.
 */
export function beginningOf(from: ListCursor, { epoch, rev }: DirectoryState): number | undefined {
  const begun = from.kind === "moved" ? from.rev : from.begun;
  if (begun === undefined) return undefined;
  return begun > rev || (from.epoch !== undefined && from.epoch !== epoch) ? 0 : begun;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The last page: the end of the list, then moved conversations. */
interface LastPage<Row> {
  rows: Row[];
  /** The next place; undefined if that was all. */
  next: Omit<MovedPlace, "epoch"> | undefined;
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
