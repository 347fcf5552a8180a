/**
 * The state of a conversation as it is stored: a head, and three parts that are written where they have changed. The head
 * names the writing of each part that it belongs to: two that do not belong together, after a write that ended in its middle or in
 * two tabs at once, are noticed, and the conversation is asked for again.
 */
import type { Member, Message } from "@rocket-chat-api/protocol";
import { trim } from "../history.ts";
import { messageIdAt } from "../ids.ts";
import { tombstone } from "../messages.ts";
import type { ConversationState, Watermarks } from "../state.ts";
import type { StoredFields } from "./backend.ts";
import { isState } from "./kept-shape.ts";

type Part = "members" | "watermarks" | "messages";
const PARTS: readonly Part[] = ["members", "watermarks", "messages"];

/** Which writing each part of a stored conversation is from. */
export type Writings = Record<Part, string>;

/** What is stored of a conversation: the state that was written, and the writings. */
export interface StoredState {
  readonly state: ConversationState;
  readonly writings: Writings;
}

/** What is shown of a stored conversation, and what is stored of it. */
export interface DecodedState {
  readonly state: ConversationState;
  readonly stored: StoredState;
}

type Head = Pick<
  ConversationState,
  | "seq"
  | "membership"
  | "info"
  | "loaded_from"
  | "unread_count"
  | "unread_mentions"
  | "preferences"
  | "is_hidden"
  | "is_request"
> & { hidden: number[]; stale: [number, number][]; writings: Writings };

/**
 * What to write of a state.
 * @param before what is stored. @param keep messages that are stored; older ones can be loaded again. @param writing names this one.
 */
export function encodeState(
  state: ConversationState,
  before: StoredState | undefined,
  keep: number,
  writing: string,
): { patch: StoredFields; stored: StoredState } {
  const short = trim(state, keep);
  const values: Record<Part, unknown> = {
    members: [...short.members.values()],
    watermarks: [...short.watermarks],
    messages: short.messages,
  };
  const changed = PARTS.filter((part) => before?.state[part] !== state[part]);
  const writings = {
    ...(before?.writings as Writings),
    ...(Object.fromEntries(changed.map((part) => [part, writing])) as Partial<Writings>),
  };
  const patch: StoredFields = { head: headOf(short, writings) };
  for (const part of changed) patch[part] = { writing, value: values[part] };
  return { patch, stored: { state, writings } };
}

function headOf(state: ConversationState, writings: Writings): Head {
  const { seq, membership, info, loaded_from, unread_count, unread_mentions, preferences } = state;
  const { is_hidden, is_request, hidden, stale } = state;
  return {
    ...{
      seq,
      membership,
      info,
      loaded_from,
      unread_count,
      unread_mentions,
      preferences,
      is_hidden,
      is_request,
    },
    ...{ hidden: [...hidden], stale: [...stale], writings },
  };
}

/**
 * Reads a stored conversation. Messages that have expired are shown as deleted, and are fetched again when there is a
 * connection, in case that this machine's clock is wrong.
 * @returns undefined if there is none, or it is not whole.
 */
export function decodeState(
  fields: StoredFields,
  conversation_id: string,
  viewer_id: string,
  now: number,
): DecodedState | undefined {
  try {
    return read(fields, conversation_id, viewer_id, now);
  } catch {
    // Some value is not what this version writes.
    return undefined;
  }
}

function read(
  fields: StoredFields,
  conversation_id: string,
  viewer_id: string,
  now: number,
): DecodedState | undefined {
  const { hidden, stale, writings, ...head } = fields.head as Head;
  const part = <T>(name: Part): readonly T[] => {
    const { writing, value } = fields[name] as { writing: string; value: readonly T[] };
    if (writing !== writings[name]) throw new Error(`${name} is of another writing`);
    return value;
  };
  const messages = part<Message>("messages");
  if (!Number.isSafeInteger(head.seq) || !areInOrder(messages, conversation_id)) return undefined;
  const state: ConversationState = {
    ...head,
    conversation_id,
    viewer_id,
    messages,
    members: new Map(part<Member>("members").map((member) => [member.user_id, member])),
    watermarks: new Map(part<[string, Watermarks]>("watermarks")),
    hidden: new Set(hidden),
    // For pages of history that are on their way: there is none.
    passed_by: new Map(),
    stale: new Map(stale),
  };
  return isState(state) ? { state: withoutExpired(state, now), stored: { state, writings } } : undefined;
}

function areInOrder(messages: readonly Message[], conversationId: string): boolean {
  return messages.every(({ seq, message_id }, index) => {
    return message_id === messageIdAt(conversationId, seq) && seq > (messages[index - 1]?.seq ?? 0);
  });
}

function withoutExpired(state: ConversationState, now: number): ConversationState {
  const isExpired = ({ expires_at, is_deleted }: Message): boolean =>
    expires_at !== null && !is_deleted && Date.parse(expires_at) <= now;
  const expired = state.messages.filter(isExpired);
  if (expired.length === 0) return state;
  return {
    ...state,
    messages: state.messages.map((message) =>
      isExpired(message) ? tombstone(message, message.changed_seq) : message,
    ),
    stale: new Map([...state.stale, ...expired.map(({ seq, changed_seq }) => [seq, changed_seq] as const)]),
  };
}
