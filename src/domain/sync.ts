/** How a client catches up with the whole directory, in pages (rule 21). Pure decisions; the queries are the directory's. */
import type { SyncPlace } from "@rocket-chat-api/protocol";

/** The directory: which one it is, and its newest revision. */
export interface DirectoryState {
  epoch: string;
  rev: number;
}

/** From where a page goes on, and whether that is because the client's token could not be continued. */
export interface SyncStart {
  place: SyncPlace;
  limited: boolean;
}

/**
 * Decides where a page begins. A token of another directory, or of a revision that this one never had (it was restored
 * from a backup), says nothing about this one: then the client begins with nothing.
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
 * The place after a page. While a round lasts, its start stays: each conversation is told from what the client had then.
 *
 * Why the round's last position can be the next start: revisions only rise, so a conversation that is written to after
 * a page was read comes behind everything in that page. What is at or below the last position was in a page that was
 * read after it was written.
 * @param last the revision of the last conversation in the page; undefined for an empty page.
 */
export function placeAfter(place: SyncPlace, last: number | undefined, hasMore: boolean): SyncPlace {
  const position = last ?? place.position;
  return hasMore ? { ...place, position } : { ...place, start: position, position, begun: position };
}

/** What the directory knows of one conversation and the one who asks. */
export interface SyncRow {
  /** The conversation's counter that the client knows; null if it knows nothing of it. */
  since_seq: number | null;
  /** Where the caller has left a direct conversation, and the message with which it came back. */
  hidden_seq: number | null;
  back_seq: number | null;
}

/**
 * The counter from which a client goes on in a conversation; undefined if it begins again. Who was told that a direct
 * conversation is out of the list may have forgotten it: when it is back, they get its newest page.
 */
export function continuedFrom({ since_seq, hidden_seq, back_seq }: SyncRow): number | undefined {
  if (since_seq === null) return undefined;
  const wasInList = hidden_seq === null || since_seq < hidden_seq || (back_seq ?? Infinity) <= since_seq;
  return wasInList ? since_seq : undefined;
}
