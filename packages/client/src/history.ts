/** Older messages: adds pages of history, and drops them again. */
import type { FetchedMessage, Message, MessagePage } from "@rocket-chat-api/protocol";
import { plain } from "./apply-sync.ts";
import { seqOf } from "./ids.ts";
import { messageAt, requote, withMessage, withoutQuote } from "./messages.ts";
import { type ConversationState, withoutStale } from "./state.ts";

/** The state with a page, and the messages in it that changed while it was on its way: fetch those again. */
export interface PageApplied {
  readonly state: ConversationState;
  readonly stale: readonly string[];
}

/**
 * Adds a page of history that was asked for with `before_id`.
 * @param before the `seq` that the page ends below. A page that does not end where the loaded messages begin is ignored:
 *   they were replaced while it was on its way.
 */
export function applyPage(state: ConversationState, before: number, page: MessagePage): PageApplied {
  if (state.loaded_from !== before) return { state, stale: [] };
  const fetched = page.messages.filter((message) => !state.hidden.has(message.seq));
  const older = fetched.map(plain).reverse();
  const oldest = older[0]?.seq ?? before;
  const next = {
    ...state,
    messages: [...older, ...state.messages].map((message) => quoted(state, message)),
    loaded_from: page.has_more ? oldest : 0,
  };
  return {
    state: next,
    stale: fetched.filter((message) => isStale(state, message)).map((message) => message.message_id),
  };
}

/** Replaces a loaded message by one that was fetched. */
export function applyFetched(state: ConversationState, fetched: FetchedMessage): ConversationState {
  const known = messageAt(state, fetched.seq);
  if (!known || known.changed_seq > fetched.changed_seq) return state;
  const messages = requote(state.messages, fetched.seq, fetched);
  const next = isFresh(state, fetched) ? withoutStale(state, fetched.seq) : state;
  return { ...next, messages: withMessage(messages, plain(fetched)) };
}

/** Whether a fetched message holds the change that made the copy here stale. */
function isFresh(state: ConversationState, { seq, changed_seq }: FetchedMessage): boolean {
  return changed_seq >= (state.stale.get(seq) ?? 0);
}

/** Drops the oldest messages, so that no more than `keep` are loaded. */
export function trim(state: ConversationState, keep: number): ConversationState {
  const messages = keep > 0 ? state.messages.slice(-keep) : [];
  const first = messages[0];
  if (messages.length === state.messages.length || !first) return state;
  return { ...state, messages, loaded_from: first.seq };
}

/** Whether a message, or the one that it quotes, has changed since the server wrote this page. */
function isStale(state: ConversationState, message: FetchedMessage): boolean {
  const changed = (seq: number, known: number): boolean => (state.passed_by.get(seq) ?? 0) > known;
  if (changed(message.seq, message.changed_seq)) return true;
  return message.reply_to !== null && state.passed_by.has(seqOf(message.reply_to.message_id));
}

/** Updates a quote from the quoted message if that is loaded. The quote of a hidden message shows nothing. */
function quoted(state: ConversationState, message: Message): Message {
  const original = message.reply_to && messageAt(state, seqOf(message.reply_to.message_id));
  if (!original) return withoutQuote(message, (seq) => state.hidden.has(seq));
  return requote([message], original.seq, original)[0] ?? message;
}
