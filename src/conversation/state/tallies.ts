/** Tallies of what the senders of a group have sent, and the messages between them (sent-counts.ts). */
import type { Sent } from "./schema.ts";

/** Messages read at a time. */
const SLICE = 1000;

/** What the senders had sent at or below a position. */
export interface Tally {
  seq: number;
  sent: Record<string, Sent>;
}

export class Tallies {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The newest tally at or below a position. */
  at(seq: number): Tally {
    const query = "SELECT seq, sent FROM tallies WHERE seq <= ? ORDER BY seq DESC LIMIT 1";
    const [row] = this.#sql.exec<{ seq: number; sent: string }>(query, seq).toArray();
    return row ? { seq: row.seq, sent: JSON.parse(row.sent) } : { seq: 0, sent: {} };
  }

  put(seq: number, sent: ReadonlyMap<string, Sent>): void {
    const json = JSON.stringify(Object.fromEntries(sent));
    this.#sql.exec("INSERT OR REPLACE INTO tallies (seq, sent) VALUES (?, ?)", seq, json);
  }

  /**
   * `seq`, sender and `sender_no` of each message after a position: there may be a million, so some are read at a time. Each
   * cursor is read to its end, since who asks may stop, and an open one keeps tables from being dropped.
   */
  *sendersAfter(seq: number): Generator<[number, string, number], void> {
    const query = "SELECT seq, sender_id, sender_no FROM messages WHERE seq > ? ORDER BY seq LIMIT ?";
    for (let after = seq; ; ) {
      const some = [...this.#sql.exec(query, after, SLICE).raw<[number, string, number]>()];
      yield* some;
      const last = some.at(-1);
      if (last === undefined || some.length < SLICE) return;
      [after] = last;
    }
  }

  /** Countable messages of a sender up to the newest after one position and up to another; undefined if there is none. */
  sentNoBetween(senderId: string, after: number, upTo: number): number | undefined {
    const query =
      "SELECT sender_no FROM messages WHERE sender_id = ? AND seq > ? AND seq <= ? ORDER BY seq DESC LIMIT 1";
    const [row] = this.#sql.exec<{ sender_no: number }>(query, senderId, after, upTo).toArray();
    return row?.sender_no;
  }

  /** The same of every sender who has sent something in between. */
  sentNosBetween(after: number, upTo: number): Map<string, number> {
    const query =
      "SELECT sender_id, max(sender_no) FROM messages WHERE seq > ? AND seq <= ? GROUP BY sender_id";
    return new Map(this.#sql.exec(query, after, upTo).raw<[string, number]>());
  }
}
