/**
 * From one state to the next: a pure function of a state and an event.
 *
 * Numbered events of a conversation are contiguous, so a jump is a gap. Duplicates are harmless. The state after all
 * events equals the state of a fresh fetch.
 */
import type { ConversationEvent, NumberedEvent, ServerEvent } from "@rocket-chat-api/protocol";
import { added, begun, removed, updated } from "./apply-members.ts";
import { deleted, edited, hidden, patched, reacted, said } from "./apply-messages.ts";
import { deletedRanges, personErased } from "./apply-ranges.ts";
import { synced } from "./apply-sync.ts";
import { seqOf } from "./ids.ts";
import { rename } from "./messages.ts";
import { type Applied, applied, type ConversationState, gap, ignored, placeOf, withEntry } from "./state.ts";
import { canCount, joinWatermarks, recount } from "./unread.ts";

type Sync = Extract<ServerEvent, { type: "conversation.sync" }>;
type Receipt = Extract<ConversationEvent, { type: "message.receipt" }>;

/** An event that a conversation's state follows. */
export type StateEvent = ConversationEvent | Sync;

const STATE_EVENTS: ReadonlySet<string> = new Set<StateEvent["type"]>([
  "conversation.created",
  "conversation.hidden",
  "conversation.sync",
  "conversation.updated",
  "former_member.updated",
  "message.deleted",
  "message.edited",
  "message.new",
  "message.reaction",
  "message.receipt",
  "message.updated",
  "messages.deleted",
  "participant.added",
  "participant.removed",
  "participant.updated",
  "person.erased",
  "preferences.updated",
  "request.updated",
  "typing.indicator",
]);

/** Whether an event is one that a conversation's state follows; a later server may send others. */
export function isStateEvent(event: { type: string }): event is StateEvent {
  return STATE_EVENTS.has(event.type);
}

/**
 * Applies one event.
 * @returns the next state, and whether something is missing: then ask for `sync` from the state's `seq`.
 */
export function apply(state: ConversationState, event: StateEvent): Applied {
  if (event.conversation_id !== state.conversation_id) return ignored(state);
  switch (event.type) {
    case "conversation.sync":
      return synced(state, event.data);
    case "message.receipt":
      return received(state, event);
    case "preferences.updated":
      return applied({ ...state, preferences: event.data });
    case "conversation.hidden":
      return applied({ ...state, is_hidden: (state.messages.at(-1)?.seq ?? 0) <= event.data.up_to_seq });
    case "request.updated":
      return applied({ ...state, is_request: false, is_hidden: event.data.status === "declined" });
    case "former_member.updated":
      return applied({ ...state, messages: rename(state.messages, [event.data]) });
    case "typing.indicator":
      // Shown when it arrives. It is no part of the state.
      return ignored(state);
    case "message.deleted":
      if (event.seq === undefined) return hidden(state, seqOf(event.data.message_id));
      return numbered(state, event, event.seq);
    default:
      return numbered(state, event, event.seq);
  }
}

function numbered(state: ConversationState, event: NumberedEvent, seq: number): Applied {
  if (event.type === "conversation.created" && state.seq < seq) return applied(begun(state, event.data, seq));
  const place = placeOf(state, seq);
  if (place === "next") return changed({ ...state, seq }, event, seq);
  return place === "known" ? ignored(state) : gap(state);
}

function changed(state: ConversationState, event: NumberedEvent, seq: number): Applied {
  switch (event.type) {
    case "message.new":
      return applied(said(state, event.data));
    case "message.edited":
      return edited(state, event.data, seq);
    case "message.deleted":
      return deleted(state, seqOf(event.data.message_id), seq);
    case "message.reaction":
      return applied(reacted(state, event.data, seq));
    case "message.updated":
      return patched(state, event.data, seq);
    case "messages.deleted":
      return deletedRanges(state, event.data, seq);
    case "person.erased":
      return personErased(state, event.data, seq);
    case "conversation.updated": {
      const { updated_by: _, ...patch } = event.data;
      return applied({ ...state, info: state.info && { ...state.info, ...patch } });
    }
    case "participant.added":
      return applied(added(state, event.data, seq));
    case "participant.removed":
      return applied(removed(state, event.data));
    case "participant.updated":
      return applied(updated(state, event.data.participants));
    case "conversation.created":
      return ignored(state);
    default:
      return event satisfies never;
  }
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
