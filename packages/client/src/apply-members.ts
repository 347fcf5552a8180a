/** Events about members. */
import type { ConversationSnapshot, Member, NumberedEvent } from "@rocket-chat-api/protocol";
import { rename } from "./messages.ts";
import { type ConversationState, emptyState, without } from "./state.ts";

type DataOf<Type extends NumberedEvent["type"]> = Extract<NumberedEvent, { type: Type }>["data"];

/** The conversation was created, with these members. */
export function begun(
  state: ConversationState,
  snapshot: ConversationSnapshot,
  seq: number,
): ConversationState {
  const { participants, seq: _, is_request, ...info } = snapshot;
  const fresh = emptyState(state.conversation_id, state.viewer_id);
  const { preferences } = state;
  return enrolled({ ...fresh, preferences, seq, membership: "member", info, is_request }, participants, seq);
}

/** Members were added. */
export function added(
  state: ConversationState,
  { participants, participant_count }: DataOf<"participant.added">,
  seq: number,
): ConversationState {
  const messages = rename(state.messages, participants);
  return enrolled({ ...counted(state, participant_count), messages }, participants, seq);
}

/** A member was removed or has left. After the viewer's own removal there are no more events. */
export function removed(
  state: ConversationState,
  { user_id, participant_count }: DataOf<"participant.removed">,
): ConversationState {
  const membership = user_id === state.viewer_id ? "removed" : state.membership;
  return { ...departed(counted(state, participant_count), [user_id]), membership };
}

/** Members have changed their roles, names or photos. */
export function updated(state: ConversationState, people: readonly Member[]): ConversationState {
  const members = new Map(state.members);
  const renamed = people.filter((person) => !sameName(members.get(person.user_id), person));
  for (const person of people) members.set(person.user_id, person);
  return { ...state, members, messages: rename(state.messages, renamed) };
}

/** Removes people from the roster. */
export function departed(state: ConversationState, userIds: readonly string[]): ConversationState {
  return {
    ...state,
    members: without(state.members, userIds),
    watermarks: without(state.watermarks, userIds),
  };
}

/** Adds people to the roster. Earlier messages are not unread for them. */
function enrolled(state: ConversationState, people: readonly Member[], seq: number): ConversationState {
  const members = new Map(state.members);
  const watermarks = new Map(state.watermarks);
  for (const person of people) {
    members.set(person.user_id, person);
    watermarks.set(person.user_id, { joined_seq: seq, last_read_seq: seq, last_delivered_seq: seq });
  }
  return { ...state, members, watermarks };
}

function counted(state: ConversationState, participant_count: number): ConversationState {
  return { ...state, info: state.info && { ...state.info, participant_count } };
}

function sameName(known: Member | undefined, told: Member): boolean {
  return (
    known?.username === told.username &&
    known.display_name === told.display_name &&
    known.profile_photo_url === told.profile_photo_url
  );
}
