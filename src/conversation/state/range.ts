/** Which messages a page reads. */

/** A range of positions between `after` and `before` (exclusive), read from one end, at most `limit`. */
export interface Range {
  after: number;
  before: number;
  newestFirst: boolean;
  limit: number;
  /** The member whose hidden messages are left out; empty to leave out none. */
  viewer: string;
  /** Those whose messages are left out, but for system messages; without it, nobody's are. */
  unseen?: ReadonlySet<string>;
}
