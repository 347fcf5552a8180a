/** What a conversation is asked for when a user reports it, or something in it (rule 29). */
import type { ReportSnapshot } from "@rocket-chat-api/protocol";

/** Asks for a snapshot. */
export interface SnapshotQuery {
  /** The reporter. */
  user_id: string;
  /** The reported message; null for the newest ones. */
  seq: number | null;
}

/** What a snapshot holds, and whom it is about. */
export interface TakenSnapshot {
  snapshot: ReportSnapshot;
  /** The sender of the reported message, or the other one of a direct conversation; null for a group. */
  user_id: string | null;
}
