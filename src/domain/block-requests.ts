/** What routes ask a user's hub about blocks (rule 29). */
import type { EpochMs } from "./time.ts";

/** A user whom the hub's user has blocked. */
export interface StoredBlock {
  user_id: string;
  blocked_at: EpochMs;
}

/** Each request with its input and result. */
export interface BlockRequests {
  block: { input: { user_id: string }; result: StoredBlock };
  unblock: { input: { user_id: string }; result: null };
  /** A page of the blocks, newest first. `cursor` is undefined for the first page. */
  list: {
    input: { cursor: number | undefined; limit: number };
    result: { blocks: StoredBlock[]; next_cursor: number | null };
  };
}

export type BlockRequestName = keyof BlockRequests;
