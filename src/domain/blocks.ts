/** Who has blocked whom, as the copies in conversations and in the directory have it (rule 29). */

/** What the hub of one user says about one other user. */
export interface BlockWord {
  blocker_id: string;
  blocked_id: string;
  is_blocked: boolean;
  /** The blocker's hub counts its changes. An older word never replaces a newer one for the same pair. */
  version: number;
}
