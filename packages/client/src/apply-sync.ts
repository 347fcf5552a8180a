/** `conversation.sync`: what has changed since a cursor, or the newest page in place of everything (rule 21). */
import type { ConversationChanges, FetchedMessage, Message } from "@rocket-chat-api/protocol";
import { departed, updated } from "./apply-members.ts";
import { seqOf } from "./ids.ts";
import { hide, messageAt, passBy, rename, requote, withMessage } from "./messages.ts";
import {
  type Applied,
  applied,
  type ConversationState,
  emptyState,
  gap,
  ignored,
  withoutStale,
} from "./state.ts";
import { canCount, joinWatermarks, readUpTo, recount } from "./unread.ts";

/** Applies one frame of an answer to `sync`, or the changes in an answer of `GET /sync`. */
export function synced(state: ConversationState, changes: ConversationChanges): Applied {
  if (changes.membership === "removed") return applied({ ...state, membership: "removed" });
  if (changes.limited) return isNews(state, changes) ? applied(replaced(state, changes)) : ignored(state);
  const base = state.membership === "member" ? state : blank(state);
  if (changes.since > base.seq) return gap(state);
  // Live events have overtaken this answer: the state is newer.
  if (changes.is_last && changes.seq < base.seq) return ignored(state);
  return applied(merged(base, changes));
}

/** Whether a page should replace what is known: not one that is older, except by the server's own word (`since`, `reset`). */
function isNews(state: ConversationState, changes: ConversationChanges): boolean {
  const isFromTheFuture = changes.since > changes.seq;
  const isAsked = isFromTheFuture || changes.reset === true;
  return state.membership !== "member" || changes.seq > state.seq || isAsked;
}

/** The conversation as if nothing were known of it yet, but what is the viewer's own. */
export function blank(state: ConversationState): ConversationState {
  const { conversation_id, viewer_id, preferences } = state;
  return { ...emptyState(conversation_id, viewer_id), preferences };
}

function replaced(state: ConversationState, changes: ConversationChanges): ConversationState {
  const first = changes.messages[0];
  const loaded_from = changes.has_more && first ? first.seq : 0;
  return merged({ ...blank(state), loaded_from }, changes);
}

function merged(state: ConversationState, changes: ConversationChanges): ConversationState {
  const base: ConversationState = {
    ...state,
    membership: "member",
    is_hidden: changes.is_hidden,
    is_request: changes.is_request,
    info: changes.conversation ?? state.info,
  };
  const hidden = changes.hidden_message_ids.reduce(hideOne, withPeople(base, changes));
  const next = withWatermarks(changes.messages.reduce(upsert, hidden), changes);
  const seq = changes.is_last ? changes.seq : state.seq;
  if (canCount(next)) return recount({ ...next, seq });
  const { unread_count, unread_mentions } = isCountedFromHere(next, changes) ? changes : next;
  return { ...next, seq, unread_count, unread_mentions };
}

/** Whether an answer counts what is unread from where the viewer has read to, as far as is known here. */
function isCountedFromHere(state: ConversationState, { read_states }: ConversationChanges): boolean {
  const told = read_states.find(({ user_id }) => user_id === state.viewer_id);
  return told === undefined || told.last_read_seq >= readUpTo(state);
}

function withPeople(state: ConversationState, changes: ConversationChanges): ConversationState {
  const { former_members, removed_user_ids, members } = changes;
  const messages = rename(state.messages, former_members);
  return updated(departed({ ...state, messages }, removed_user_ids), members);
}

function withWatermarks(state: ConversationState, { read_states }: ConversationChanges): ConversationState {
  const watermarks = new Map(state.watermarks);
  for (const { user_id, ...told } of read_states) {
    watermarks.set(user_id, joinWatermarks(watermarks.get(user_id), told));
  }
  return { ...state, watermarks };
}

function hideOne(state: ConversationState, messageId: string): ConversationState {
  const seq = seqOf(messageId);
  if (state.hidden.has(seq)) return state;
  const messages = hide(state.messages, seq);
  return { ...state, messages, hidden: new Set(state.hidden).add(seq) };
}

/** Brings in a new or changed message; one from before what is loaded only changes its quotes. */
function upsert(state: ConversationState, fetched: FetchedMessage): ConversationState {
  const message = plain(fetched);
  const { seq, changed_seq } = message;
  if (state.hidden.has(seq)) return state;
  const known = messageAt(state, seq);
  if (known && known.changed_seq > changed_seq) return state;
  const messages = changed_seq > seq ? requote(state.messages, seq, message) : state.messages;
  if (seq < state.loaded_from) return passBy({ ...state, messages }, seq, changed_seq);
  return { ...withoutStale(state, seq), messages: withMessage(messages, message) };
}

/** Without the fields that depend on who asks: those follow from the watermarks (`receiptStatus`). */
export function plain({ receipt_status: _, ...message }: FetchedMessage): Message {
  return { ...message, status: "sent" };
}
