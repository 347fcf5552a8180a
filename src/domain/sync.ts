/** How a client pages through `GET /sync` (rule 21). Decisions only; the directory has the queries. */
import type { SyncPlace } from "@rocket-chat-api/protocol";

/** The identity of a directory and its newest revision. */
export interface DirectoryState {
  epoch: string;
  rev: number;
}

/** Where a page starts. `limited`: the client's token could not be continued. */
interface SyncStart {
  place: SyncPlace;
  limited: boolean;
}

/**
 * Decides where a page starts. A token from another directory, or with a revision that this one never had (it was
 * restored from a backup), is useless. The client then starts from nothing.
 * @param token undefined for a client without one.
 */
export function beginPage(token: SyncPlace | undefined, directory: DirectoryState): SyncStart {
  const { epoch, rev } = directory;
  const fresh = { epoch, start: 0, position: 0, begun: rev };
  if (!token) return { place: fresh, limited: false };
  const isOurs = token.epoch === epoch && Math.max(token.start, token.position, token.begun) <= rev;
  return isOurs ? { place: token, limited: false } : { place: fresh, limited: true };
}

/**
 * The place after a page. A round is the pages up to `has_more: false`. Its start stays the same, because each
 * conversation is compared with what the client had then.
 *
 * The last position of a round can be the start of the next one. Revisions only rise, so a conversation written after a
 * page was read comes after everything in that page. A conversation at or below the last position was on a page that
 * was read after it was written.
 * @param last the revision of the last conversation in the page; undefined for an empty page.
 */
export function placeAfter(place: SyncPlace, last: number | undefined, hasMore: boolean): SyncPlace {
  const position = last ?? place.position;
  return hasMore ? { ...place, position } : { ...place, start: position, position, begun: position };
}

/**
 * How far a conversation's `seq` may go on from one mark to the next (directory/schema.ts, `flushes`). A client whose token
 * lies between two gets a few changes again, which is harmless; each mark is a row.
 */
export const MARK_INTERVAL = 8;

/** What the directory had of a conversation before a flush: its `seq`, and the `seq` of the newest message up to there. */
interface KnownPlace {
  seq: number;
  newest: number;
}

/**
 * Whether a flush writes a mark however near the last one is. Some decisions need to know on which side of a place the
 * client is: of the start of a membership (`planResume`), and of the message that brought back a direct conversation which
 * was hidden ({@link continuedFrom}). So the flushes that pass these places are marked.
 */
export function mustMark(
  { joined_seq, hidden_seq }: { joined_seq: number; hidden_seq: number | null },
  known: KnownPlace,
): boolean {
  return joined_seq >= known.seq || (hidden_seq !== null && known.newest <= hidden_seq);
}

/** What the directory knows of one conversation and one member. */
export interface SyncRow {
  /** A `seq` of the conversation up to which the client knows it: the one of the last mark; null if none. */
  since_seq: number | null;
  /** Where the caller left a direct conversation, and the message that brought it back. */
  hidden_seq: number | null;
  back_seq: number | null;
}

/**
 * The `seq` from which a client continues in a conversation; undefined to start again. A client forgets a direct
 * conversation that it hears was hidden. When it is back, a client that may not have known it since gets the newest page: the
 * directory keeps only the last hiding, so it cannot tell who heard of an earlier one.
 * @param start where the round started; 0 for a client that has nothing.
 */
export function continuedFrom(
  { since_seq, hidden_seq, back_seq }: SyncRow,
  start: SyncPlace["start"],
): number | undefined {
  if (start === 0 || since_seq === null) return undefined;
  return hidden_seq === null || (back_seq ?? Infinity) <= since_seq ? since_seq : undefined;
}
