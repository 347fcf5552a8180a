/** What tests of the client library need: a conversation in words, and a socket without a network. */
import type { ClientSocket, OpenSocket, SocketEvents, StateEvent } from "@rocket-chat-api/client";
import { apply, type ConversationState, emptyState, messageIdAt } from "@rocket-chat-api/client";
import type {
  ConversationChanges,
  FetchedMessage,
  Member,
  Message,
  ServerEvent,
} from "@rocket-chat-api/protocol";

export const ID = "9f1c2ab4-77de-8a01-b3c4-000000000000";
export const ANN = "00000000-0000-4000-8000-00000000000a";
export const BOB = "00000000-0000-4000-8000-00000000000b";
const NOW = "2026-11-16T10:30:00.000Z";
const NAMES: Record<string, string> = { [ANN]: "ann", [BOB]: "bob" };

export function member(user_id: string, display_name = NAMES[user_id] ?? "?"): Member {
  const username = NAMES[user_id] ?? "?";
  return {
    user_id,
    username,
    display_name,
    profile_photo_url: null,
    role: "member",
    is_owner: false,
    mute: null,
  };
}

export function message(seq: number, sender_id: string, patch: Partial<Message> = {}): Message {
  const { role: _, is_owner: __, mute: ___, ...sender } = member(sender_id);
  return {
    message_id: messageIdAt(ID, seq),
    conversation_id: ID,
    seq,
    changed_seq: seq,
    sender_id,
    sender,
    type: "text",
    content: `text ${seq}`,
    created_at: NOW,
    status: "sent",
    client_message_id: null,
    is_edited: false,
    edited_at: null,
    is_deleted: false,
    reply_to: null,
    attachments: [],
    reactions: [],
    is_pinned: false,
    pinned_at: null,
    pinned_by: null,
    metadata: null,
    mentions: [],
    mentions_all: false,
    expires_at: null,
    system: null,
    ...patch,
  };
}

export function fetched(seq: number, sender_id: string, patch: Partial<Message> = {}): FetchedMessage {
  return { ...message(seq, sender_id, patch), receipt_status: "sent" };
}

/** A quote of a message, as it stands in a reply. */
export function quote(of: Message): Message["reply_to"] {
  const { message_id, sender, type, content, is_deleted } = of;
  return { message_id, sender, type, content, is_deleted };
}

export function said(seq: number, sender_id: string, patch: Partial<Message> = {}): StateEvent {
  return { type: "message.new", conversation_id: ID, seq, data: message(seq, sender_id, patch) };
}

export function edited(seq: number, of: number, content: string): StateEvent {
  const data = { message_id: messageIdAt(ID, of), content, edited_at: NOW, metadata: null };
  return {
    type: "message.edited",
    conversation_id: ID,
    seq,
    data: { ...data, is_edited: true, mentions: [], mentions_all: false },
  };
}

/** @param patch may have fields of a later server. */
export function updated(seq: number, of: number, patch: object): StateEvent {
  const data = { message_id: messageIdAt(ID, of), changed_seq: seq, patch };
  return { type: "message.updated", conversation_id: ID, seq, data };
}

/** @param seq undefined is "for me". */
export function deleted(seq: number | undefined, of: number): StateEvent {
  const data = { message_id: messageIdAt(ID, of), deleted_by: BOB, reason: "deleted" as const };
  return {
    type: "message.deleted",
    conversation_id: ID,
    ...(seq !== undefined && { seq }),
    data: { ...data, for_everyone: seq !== undefined },
  };
}

export function receipt(user_id: string, of: number, status: "delivered" | "read"): StateEvent {
  const data = { message_id: messageIdAt(ID, of), up_to: true as const, user_id, status, timestamp: NOW };
  return { type: "message.receipt", conversation_id: ID, data };
}

export function sync(patch: Partial<ConversationChanges>): StateEvent {
  const data: ConversationChanges = {
    conversation_id: ID,
    since: 0,
    seq: 1,
    is_last: true,
    limited: false,
    membership: "member",
    conversation: null,
    messages: [],
    has_more: false,
    members: [],
    removed_user_ids: [],
    former_members: [],
    hidden_message_ids: [],
    is_hidden: false,
    is_request: false,
    read_states: [],
    unread_count: 0,
    unread_mentions: 0,
    ...patch,
  };
  return { type: "conversation.sync", conversation_id: ID, data };
}

/** Ann's view of a direct chat with Bob that has just begun. */
export function begun(): ConversationState {
  const { state } = apply(emptyState(ID, ANN), {
    type: "conversation.created",
    conversation_id: ID,
    seq: 1,
    data: {
      conversation_id: ID,
      type: "direct",
      name: null,
      photo_url: null,
      description: null,
      created_by: ANN,
      created_at: NOW,
      participant_count: 2,
      is_request: false,
      settings: {
        only_admins_can_send: false,
        who_can_pin: "everyone",
        history: "joined",
        disappearing_messages_enabled: false,
        disappearing_ttl_seconds: 60,
        slow_mode_seconds: 0,
        is_frozen: false,
        retention_days: null,
      },
      metadata: null,
      seq: 1,
      participants: [member(ANN), member(BOB)],
    },
  });
  return state;
}

/** Applies events, each of which must be applied. */
export function follow(state: ConversationState, ...events: StateEvent[]): ConversationState {
  return events.reduce((before, event) => {
    const { state: next, outcome } = apply(before, event);
    if (outcome === "gap") throw new Error(`a gap before ${JSON.stringify(event)}`);
    return next;
  }, state);
}

/** A socket whose other end is the test. */
export class FakeSocket implements ClientSocket {
  readonly url: string;
  readonly sent: { type: string; request_id?: string; [field: string]: unknown }[] = [];
  isClosed = false;
  readonly #events: SocketEvents;

  constructor(url: string, events: SocketEvents) {
    this.url = url;
    this.#events = events;
  }

  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }

  close(): void {
    this.isClosed = true;
  }

  /** The server says something: events, each in a frame. */
  say(...events: ServerEvent[]): void {
    for (const event of events) this.#events.heard(JSON.stringify(event));
  }

  frame(text: string): void {
    this.#events.heard(text);
  }

  establish(): void {
    this.#events.opened();
    this.say({ type: "connection.established", data: { user_id: ANN, connection_id: "c", features: [] } });
  }

  /** Answers the newest command of a type. */
  answer(type: string, data: unknown): void {
    this.say({ type: "ack", request_id: this.last(type)?.request_id, data });
  }

  last(type: string) {
    return this.sent.findLast((command) => command.type === type);
  }

  drop(code = 1006): void {
    this.#events.closed(code, "");
  }
}

/** Opens fake sockets, and keeps them. */
export function fakeSockets(): { sockets: FakeSocket[]; open: OpenSocket } {
  const sockets: FakeSocket[] = [];
  const open: OpenSocket = (url, events) => {
    const socket = new FakeSocket(url, events);
    sockets.push(socket);
    return socket;
  };
  return { sockets, open };
}

/** A token that ends so many seconds from now. */
export function token(seconds: number, sub = ANN): string {
  const claims = { sub, exp: Math.floor(Date.now() / 1000) + seconds };
  return `head.${btoa(JSON.stringify(claims)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_")}.tail`;
}
