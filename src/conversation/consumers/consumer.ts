/**
 * A consumer of a conversation's changes: the directory, or whatever else wants them. To add one, write a file that makes a
 * {@link Consumer}, and add its feed in assembly.ts; `ChangeFeed` does the rest.
 */

import type { Cursor } from "../state/cursor.ts";

/** What a feed knows of a conversation. Consumers know a `Room`. */
export interface ChangeSource {
  readonly id: string;
  readonly head: number;
  readonly rev: number;
  readonly store: {
    cursor(name: string): Cursor;
    setCursor(name: string, cursor: Cursor): void;
  };
}

export interface Consumer<Source extends ChangeSource, Rows> {
  /** The name of its cursor. Do not change it: a consumer without a cursor begins at zero, in old conversations too. */
  readonly name: string;
  /** Whether anything is to be written at all. While it is not, the consumer costs nothing and its cursor stays. */
  isWanted?(): boolean;
  /** Milliseconds to gather changes before a batch. */
  readonly gatherMs: number;
  /** Milliseconds between two batches while changes keep coming. At most `SAFETY_NET_MS`: the alarm ends every pause. */
  readonly intervalMs: number;
  /** What has changed after the cursor; called only if something has. What does not fit is asked for again. */
  nextBatch(source: Source, cursor: Cursor): Batch<Rows>;
  /**
   * Writes a batch, which may come twice. Throws if it must be tried again later.
   * @returns where it really is, if it has lost what it had: then it has taken nothing, and goes on from there.
   */
  write(rows: Rows): Promise<Cursor | undefined>;
  /** The cursor is being saved. Whatever else must be saved shares the commit. */
  save?(): void;
  /** Removes what was written, before everything is written again. It may be called twice, too. */
  reset?(source: Source): Promise<void>;
}

/** What a consumer writes at a time, and the cursor that it has reached with it: always further than before. */
export interface Batch<Rows> {
  rows: Rows;
  cursor: Cursor;
}
