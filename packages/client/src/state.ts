/** What a client knows of one conversation. Values are never changed in place: every change is a new value. */
import type { ConversationChanges, Member, Message, Preferences } from "@rocket-chat-api/protocol";

/** The conversation itself, without its members. */
export type ConversationInfo = NonNullable<ConversationChanges["conversation"]>;

/** How far a member has come. */
export interface Watermarks {
  /** Nothing at a lower place was said to this member. */
  joined_seq: number;
  last_read_seq: number;
  last_delivered_seq: number;
}

export interface ConversationState {
  readonly conversation_id: string;
  /** Whose view this is. */
  readonly viewer_id: string;
  /** The cursor: everything up to here is known. 0 is a client that knows nothing. */
  readonly seq: number;
  /** `unknown` until the first snapshot or sync. */
  readonly membership: "unknown" | "member" | "removed";
  readonly info: ConversationInfo | null;
  readonly members: ReadonlyMap<string, Member>;
  /** The loaded messages in the order of `seq`, without a hole. */
  readonly messages: readonly Message[];
  /** Every message from this place on is loaded; 0 is the whole history. */
  readonly loaded_from: number;
  readonly watermarks: ReadonlyMap<string, Watermarks>;
  readonly unread_count: number;
  readonly unread_mentions: number;
  readonly preferences: Preferences | null;
  /** A direct conversation that the viewer has left: out of the list until the next message. */
  readonly is_hidden: boolean;
  /** A stranger's direct conversation that the viewer has not accepted. It counts in no total. */
  readonly is_request: boolean;
  /** Places of messages that the viewer deleted for themselves. */
  readonly hidden: ReadonlySet<number>;
  /** Changes to messages that are not loaded: place -> number of the newest change. Tells a stale page from a fresh one. */
  readonly passed_by: ReadonlyMap<number, number>;
  /** Loaded messages that a later server has changed in a way unknown here: place -> number of the change (rule 31). */
  readonly stale: ReadonlyMap<number, number>;
}

/** A conversation of which nothing is known yet. */
export function emptyState(conversation_id: string, viewer_id: string): ConversationState {
  return {
    conversation_id,
    viewer_id,
    seq: 0,
    membership: "unknown",
    info: null,
    members: new Map(),
    messages: [],
    loaded_from: 0,
    watermarks: new Map(),
    unread_count: 0,
    unread_mentions: 0,
    preferences: null,
    is_hidden: false,
    is_request: false,
    hidden: new Set(),
    passed_by: new Map(),
    stale: new Map(),
  };
}

/** What became of an event. */
export interface Applied {
  readonly state: ConversationState;
  /**
   * `ignored`: known already, or about something that is not loaded. `gap`: something is missing before it, or it
   * tells too little; ask for `sync` from `state.seq`.
   */
  readonly outcome: "applied" | "ignored" | "gap";
}

export function applied(state: ConversationState): Applied {
  return { state, outcome: "applied" };
}

export function ignored(state: ConversationState): Applied {
  return { state, outcome: "ignored" };
}

export function gap(state: ConversationState): Applied {
  return { state, outcome: "gap" };
}

/** Where a numbered event stands: heard already, the next one, or behind a gap. */
export function placeOf(state: ConversationState, seq: number): "known" | "next" | "gap" {
  if (seq <= state.seq) return "known";
  // A viewer who is not a member skips live events: `sync` brings the membership and the messages before it.
  return state.membership === "member" && seq === state.seq + 1 ? "next" : "gap";
}

/** A copy of a map with one more, or another, entry. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

/** The copy of a message is as good as it can be. */
export function withoutStale(state: ConversationState, seq: number): ConversationState {
  return state.stale.has(seq) ? { ...state, stale: without(state.stale, [seq]) } : state;
}

/** A copy of a map without some keys. */
export function without<K, V>(map: ReadonlyMap<K, V>, keys: Iterable<K>): ReadonlyMap<K, V> {
  const copy = new Map(map);
  for (const key of keys) copy.delete(key);
  return copy;
}
