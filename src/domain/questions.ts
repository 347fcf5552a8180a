/** What the Worker asks a conversation about a caller, besides operations. */
import type { StoredAttachment } from "./attachments.ts";

/** Each question with what it needs and what is answered. */
export interface Questions {
  /** Whether the caller is a member. */
  membership: { input: null; answer: null };
  /** Whether the caller may add people, before the answer says which users exist: how many are not members yet. */
  mayAdd: { input: { user_ids: string[] }; answer: number };
  /** Whether the caller may send, and so upload. */
  mayUpload: { input: null; answer: null };
  /** An attachment that the caller may fetch. */
  attachment: { input: { attachment_id: string }; answer: StoredAttachment };
  /** An attachment that a signed link leads to, whoever the caller is. */
  linkedAttachment: { input: { attachment_id: string }; answer: StoredAttachment };
}

/** The name of a question. */
export type QuestionName = keyof Questions;
