/** How far an erasure has come, as its job notes it (erase-user.ts). */
import type { ErasedMessages } from "@rocket-chat-api/protocol";
import type { LatePart } from "../domain/late-parts.ts";

/** How far a job has come. */
export interface Place {
  /** The first time, or the second. */
  round: 1 | 2;
  step: "conversations" | "snapshots" | "rest" | "hubs" | "exports" | "index" | "late";
  /** Conversations up to this one are done, or late. */
  conversation_id: string;
  /** In this conversation there is more to do. */
  isWithin?: boolean;
  /** Snapshots of reports up to this one are done. */
  snapshot_id: number;
  /** How far the steps are that go over other people: hubs, and exports of others. A job of an older release has none. */
  others?: string;
  /** Files of exports that were deleted. */
  exports: number;
  /** What has failed: conversations, hubs (`hub:`), exports of others (`exports:`), the person's own hub (`own:`). */
  late?: readonly LatePart[];
  /** A conversation was late: what it may have told others since is looked for once more. */
  isOnceMore?: boolean;
}

/** Where a job begins, and begins again for the second time. */
export const START: Place = {
  round: 1,
  step: "conversations",
  conversation_id: "",
  snapshot_id: 0,
  exports: 0,
};

/** Whom a job is about, and what becomes of their messages. */
export function toErasure(subject: string): { user_id: string; messages: ErasedMessages } {
  const [user_id = "", messages] = subject.split(" ");
  return { user_id, messages: messages === "anonymise" ? "anonymise" : "erase" };
}
