/**
 * What a conversation tells the hub of a member who has devices, so that the hub can decide what to push (rule 27).
 *
 * A conversation keeps the hub's word: how much of it pushes to that member. Members without a word cost nothing. Words are
 * numbered by the hub, so that a late one cannot win against a newer one, as with waking (wake.ts).
 */
import type { ConversationType, UserSummary } from "@rocket-chat-api/protocol";
import type { EpochMs } from "./time.ts";
import type { Trace } from "./trace.ts";

/** Which messages a conversation tells a hub of. */
export type PushWord = "none" | "mentions" | "all";

/** A word, and how many the hub had given before it. */
export interface NumberedWord {
  word: PushWord;
  version: number;
}

/** A message that may push. */
export interface NotedMessage {
  seq: number;
  /** `request`: a stranger has written, whom the member has not accepted; what they say is not told. */
  kind: "message" | "mention" | "added" | "request";
  /** Of a request: it is not the first message, so it pushes nothing. */
  is_further?: boolean;
  /** Whether it names the member, rather than all: only that gets through a mute. */
  is_direct: boolean;
  sender: UserSummary;
  /** At most PUSH_PREVIEW_LENGTH characters; empty if the message has none. */
  text: string;
  message_type: string;
  /** Null if it was never edited. */
  edited_at: EpochMs | null;
  expires_at: EpochMs | null;
  /** When it was sent. An older release does not tell. */
  sent_at?: EpochMs;
  /** Of the request that sent it, if the conversation still knows it. An older release does not tell. */
  trace?: Trace | undefined;
}

/** A message that has changed. */
export interface NotedChange {
  seq: number;
  message: NotedMessage | null;
  /** Of the request that changed it, if the conversation still knows it. An older release does not tell. */
  trace?: Trace | undefined;
}

/** The state of one member in a conversation, and what is new to them since the last note. */
export interface PushNote {
  conversation_id: string;
  type: ConversationType;
  name: string | null;
  member_count: number;
  /** The conversation's counter: what this note speaks of. A note with a lower one is older. */
  seq: number;
  /** The conversation's revision, which rises with changes that take no number, such as reading. */
  rev: number;
  /** False if they have left; then nothing below counts. */
  is_member: boolean;
  last_read_seq: number;
  unread_count: number;
  unread_mentions: number;
  /** Unread messages of others since the last note, oldest first. In an answer to a first word: since the member has read. */
  messages: NotedMessage[];
  /** Earlier messages that were edited, with their new text, or that the member may see no longer: null. */
  changed: NotedChange[];
  /** More has changed than `changed` says: the hub asks about what devices show. */
  is_cut: boolean;
  /**
   * Unread messages that may take the place of one that is gone, newest first: the newest of all, the newest mention, the newest
   * that names the member, and that they were added. Looked up only if `changed` is not empty, or the hub has asked.
   */
  left: NotedMessage[];
  /** Whether the member has not accepted this direct chat: it counts in no total. Left out by an older release. */
  is_request?: boolean;
  /** There will be more unread messages that the hub is not told of: it asks before it says a number. */
  is_stale: boolean;
}

/** Whether a word asks to be told of a message. */
export function wants(word: PushWord, { kind }: Pick<NotedMessage, "kind">): boolean {
  return word === "all" || (word === "mentions" && kind !== "message" && kind !== "request");
}
