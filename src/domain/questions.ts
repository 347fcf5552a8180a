/** What the Worker asks a conversation about a caller, besides operations. */
import type { StoredAttachment } from "./attachments.ts";
import type { SnapshotQuery, TakenSnapshot } from "./report.ts";

/** A person whom a member may add to a group. */
export interface Addable {
  user_id: string;
  /** Whether they have left the group by themselves. */
  has_left: boolean;
}

/** Each question with what it needs and what is answered. */
export interface Questions {
  /** Whether the caller is a member. */
  membership: { input: null; answer: null };
  /** Whether the caller may add people, before the answer says which users exist: those who are not members yet. */
  mayAdd: { input: { user_ids: string[] }; answer: Addable[] };
  /** Whether the caller may ban: whether the conversation knows the person, who is or was a member. */
  mayBan: { input: { user_id: string }; answer: boolean };
  /** Whether the caller may decline this direct conversation, and who the stranger is. */
  mayDecline: { input: null; answer: { user_id: string } };
  /** Whether the caller may send, and so upload. */
  mayUpload: { input: null; answer: null };
  /** An attachment that the caller may fetch. */
  attachment: { input: { attachment_id: string }; answer: StoredAttachment };
  /** An attachment that a signed link leads to, whoever the caller is. */
  linkedAttachment: { input: { attachment_id: string }; answer: StoredAttachment };
  /** What a reporter saw who is or was a member (rule 29). */
  reportSnapshot: { input: SnapshotQuery; answer: TakenSnapshot };
}

/** The name of a question. */
export type QuestionName = keyof Questions;
