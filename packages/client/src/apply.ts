/**
 * From one state to the next: a pure function of a state and an event.
 *
 * Numbered events of a conversation are contiguous, so a jump is a gap. Duplicates are harmless. The state after all
 * events equals the state of a fresh fetch.
 */
import type { ConversationEvent, ServerEvent } from "@rocket-chat-api/protocol";
import { added, begun, removed, updated } from "./apply-members.ts";
import { deleted, edited, hidden, patched, reacted, said } from "./apply-messages.ts";
import { changedInRanges } from "./apply-ranges.ts";
import { synced } from "./apply-sync.ts";
import { seqOf } from "./ids.ts";
import { rename } from "./messages.ts";
import { type Applied, applied, type ConversationState, gap, ignored, placeOf, withEntry } from "./state.ts";
import { canCount, joinWatermarks, recount } from "./unread.ts";

type Sync = Extract<ServerEvent, { type: "conversation.sync" }>;
type Receipt = Extract<ConversationEvent, { type: "message.receipt" }>;

/** An event that a conversation's state follows. */
export type StateEvent = ConversationEvent | Sync;

type EventOf<Type extends StateEvent["type"]> = Extract<StateEvent, { type: Type }>;
type Change<Event> = (state: ConversationState, event: Event) => Applied;

/** What each event does to a state. A numbered event is the next one where {@link next} says so. */
const CHANGES: { readonly [Type in StateEvent["type"]]: Change<EventOf<Type>> } = {
  "conversation.created": (state, { data, seq }) =>
    state.seq < seq ? applied(begun(state, data, seq)) : ignored(state),
  "conversation.hidden": (state, { data }) =>
    applied({ ...state, is_hidden: (state.messages.at(-1)?.seq ?? 0) <= data.up_to_seq }),
  "conversation.sync": (state, { data }) => synced(state, data),
  "conversation.updated": next((state, { data: { updated_by: _, ...patch } }) =>
    applied({ ...state, info: state.info && { ...state.info, ...patch } }),
  ),
  "former_member.updated": (state, { data }) =>
    applied({ ...state, messages: rename(state.messages, [data]) }),
  "message.deleted": (state, event) => {
    const { seq, data } = event;
    const of = seqOf(data.message_id);
    return seq === undefined
      ? hidden(state, of)
      : next<{ seq: number }>((before) => deleted(before, of, seq))(state, { seq });
  },
  "message.edited": next((state, { data, seq }) => edited(state, data, seq)),
  "message.new": next((state, { data }) => applied(said(state, data))),
  "message.reaction": next((state, { data, seq }) => applied(reacted(state, data, seq))),
  "message.receipt": received,
  "message.updated": next((state, { data, seq }) => patched(state, data, seq)),
  "messages.deleted": next((state, { data, seq }) => changedInRanges(state, data.ranges, seq)),
  "participant.added": next((state, { data, seq }) => applied(added(state, data, seq))),
  "participant.removed": next((state, { data }) => applied(removed(state, data))),
  "participant.updated": next((state, { data }) => applied(updated(state, data.participants))),
  "person.erased": next((state, { data, seq }) => changedInRanges(state, [data], seq)),
  "preferences.updated": (state, { data }) => applied({ ...state, preferences: data }),
  "request.updated": (state, { data }) =>
    applied({ ...state, is_request: false, is_hidden: data.status === "declined" }),
  // Shown when it arrives. It is no part of the state.
  "typing.indicator": ignored,
};

/** Whether an event is one that a conversation's state follows; a later server may send others. */
export function isStateEvent(event: { type: string }): event is StateEvent {
  return Object.hasOwn(CHANGES, event.type);
}

/**
 * Applies one event.
 * @returns the next state, and whether something is missing: then ask for `sync` from the state's `seq`.
 */
export function apply(state: ConversationState, event: StateEvent): Applied {
  if (event.conversation_id !== state.conversation_id) return ignored(state);
  return (CHANGES[event.type] as Change<StateEvent>)(state, event);
}

/** What a numbered event does where it is the next one. */
function next<Event extends { seq: number }>(change: Change<Event>): Change<Event> {
  return (state, event) => {
    const { seq } = event;
    const place = placeOf(state, seq);
    if (place === "next") return change({ ...state, seq }, event);
    return place === "known" ? ignored(state) : gap(state);
  };
}

/** A watermark has moved. The viewer's own changes the unread counts. */
function received(state: ConversationState, { data }: Receipt): Applied {
  const known = state.watermarks.get(data.user_id);
  if (!known) return ignored(state);
  const seq = seqOf(data.message_id);
  const told = { ...known, last_delivered_seq: seq, ...(data.status === "read" && { last_read_seq: seq }) };
  const moved = joinWatermarks(known, told);
  const next = { ...state, watermarks: withEntry(state.watermarks, data.user_id, moved) };
  if (data.user_id !== state.viewer_id || moved.last_read_seq === known.last_read_seq) return applied(next);
  return canCount(next) ? applied(recount(next)) : gap(next);
}
