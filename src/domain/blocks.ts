/**
 * Blocks between users (rule 29). The blocker's hub owns the list; conversations and the directory keep copies of what
 * concerns them.
 */

/** Whether one user has blocked another, as the blocker's hub has said it. */
export interface BlockWord {
  blocker_id: string;
  blocked_id: string;
  is_blocked: boolean;
  /** The hub counts its changes: an older word never replaces a newer one about the same two. */
  version: number;
}

/** What is known of two users already. */
type KnownWord = Pick<BlockWord, "is_blocked" | "version">;

/**
 * What a word does to what is known.
 * @param known undefined if nothing was ever said about these two.
 * @returns `stale`: an older or equal word, which is not kept. `kept`: it is newer, and says the same. `changed`: it says
 *   something else.
 */
export function weigh(known: KnownWord | undefined, word: BlockWord): "stale" | "kept" | "changed" {
  if (known && known.version >= word.version) return "stale";
  return (known?.is_blocked ?? false) === word.is_blocked ? "kept" : "changed";
}
