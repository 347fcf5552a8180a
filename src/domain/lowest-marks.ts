/** The lowest watermarks among the members who were there when a message was sent (rule 19). */

/** How far one member has come. */
export interface Watch {
  joined_seq: number;
  read: number;
  delivered: number;
}

/** Sorted once, so that a page of messages costs no more for each message in a group of a thousand than in one of ten. */
export class LowestMarks {
  /** By `joined_seq`: the lowest marks among the member at this place and all before. */
  readonly #lowest: Watch[] = [];

  constructor(watches: readonly Watch[]) {
    let read = Number.POSITIVE_INFINITY;
    let delivered = Number.POSITIVE_INFINITY;
    for (const watch of watches.toSorted((a, b) => a.joined_seq - b.joined_seq)) {
      read = Math.min(read, watch.read);
      // Who has read a message has received it.
      delivered = Math.min(delivered, Math.max(watch.delivered, watch.read));
      this.#lowest.push({ joined_seq: watch.joined_seq, read, delivered });
    }
  }

  /** The lowest marks of those who had joined by then; undefined if nobody had. */
  of(seq: number): Omit<Watch, "joined_seq"> | undefined {
    let [from, to] = [0, this.#lowest.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#lowest[middle]?.joined_seq ?? 0) <= seq) from = middle + 1;
      else to = middle;
    }
    return this.#lowest[from - 1];
  }
}
