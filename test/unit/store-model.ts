/**
 * What tests of the store need: a service in small, whose view of each conversation is what a client holds that was never away,
 * and a disk on which an application can be killed in the middle of a write.
 */
import {
  apply,
  type ClientSocket,
  type ConversationState,
  emptyState,
  messageIdAt,
  type OpenSocket,
  type SocketEvents,
  type StateEvent,
} from "@rocket-chat-api/client";
import { memoryBackend, type StoreBackend, type StoredFields } from "@rocket-chat-api/client/store";
import type {
  ConversationChanges,
  ConversationListItem,
  FetchedMessage,
  Message,
  ServerEvent,
  SyncPage,
} from "@rocket-chat-api/protocol";
import { plain } from "../../packages/client/src/apply-sync.ts";
import { ANN, BOB, begun, ID, message } from "./client-kit.ts";

/** The id of the conversation with this number, from 0 to 9. */
export function roomId(index: number): string {
  return `${ID.slice(0, 8)}-77d${index}${ID.slice(13)}`;
}

const TOTALS = { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 };
const PREFERENCES = {
  ...{ is_muted: false, muted_until: null, is_pinned: false, is_archived: false, push_level: null },
};

interface Room {
  state: ConversationState;
  /** When the list last had it, by the counter of the service. */
  rev: number;
  /** Clients that know no more than this must forget what they know. */
  resetAt: number;
}

/** The service, for Ann. */
export class ModelServer {
  readonly rooms = new Map<string, Room>();
  readonly removed = new Map<string, number>();
  /** Ann's messages in the order in which they came, those that came again too. */
  readonly sends: string[] = [];
  /** Whether connections are lost after a message was stored, before its acknowledgement. */
  losesAcks = false;
  isDown = false;
  /** Every command, in order. */
  readonly commands: Record<string, unknown>[] = [];
  /** How many sockets were opened so far. */
  opened = 0;
  #rev = 1;
  #sockets = new Set<SocketEvents>();

  /** Ann comes into a new conversation with Bob. */
  create(index: number): void {
    const id = roomId(index);
    if (this.rooms.has(id) || this.removed.has(id)) return;
    this.rooms.set(id, { state: emptyState(id, ANN), rev: 0, resetAt: 0 });
    const { info, members } = begun();
    const data = { ...info, conversation_id: id, seq: 1, participants: [...members.values()] };
    this.#happens(id, { type: "conversation.created", conversation_id: id, seq: 1, data } as StateEvent);
    this.#happens(id, {
      type: "preferences.updated",
      conversation_id: id,
      data: { conversation_id: id, ...PREFERENCES },
    });
  }

  /** Somebody says something. */
  say(id: string, sender: string, patch: Partial<Message> = {}): Message {
    const seq = (this.rooms.get(id)?.state.seq ?? 0) + 1;
    const message_id = messageIdAt(id, seq);
    const data = message(seq, sender, { conversation_id: id, message_id, ...patch });
    this.#happens(id, { type: "message.new", conversation_id: id, seq, data });
    return data;
  }

  /** A numbered event about a message of the room, the newest but so many. */
  change(id: string, back: number, kind: "edit" | "delete" | "react"): void {
    const { messages, seq } = this.rooms.get(id)?.state ?? { messages: [], seq: 0 };
    const of = messages.at(-1 - back);
    if (!of || of.is_deleted) return;
    const { message_id } = of;
    const about = { conversation_id: id, seq: seq + 1 };
    if (kind === "edit") {
      const data = { message_id, content: `edit ${seq + 1}`, edited_at: of.created_at, metadata: null };
      const edited = { ...data, is_edited: true, mentions: [], mentions_all: false };
      this.#happens(id, { type: "message.edited", ...about, data: edited } as StateEvent);
    } else if (kind === "delete") {
      const data = { message_id, deleted_by: BOB, reason: "deleted", for_everyone: true };
      this.#happens(id, { type: "message.deleted", ...about, data } as StateEvent);
    } else {
      const data = { message_id, emoji: "👍", action: "add", user_id: BOB, username: "bob" };
      this.#happens(id, { type: "message.reaction", ...about, data } as StateEvent);
    }
  }

  /** Ann deletes a message for herself, or reads up to it. */
  own(id: string, back: number, kind: "hide" | "read"): void {
    const of = this.rooms.get(id)?.state.messages.at(-1 - back);
    if (!of) return;
    const { message_id } = of;
    const event =
      kind === "hide"
        ? {
            type: "message.deleted",
            data: { message_id, deleted_by: ANN, reason: "deleted", for_everyone: false },
          }
        : {
            type: "message.receipt",
            data: { message_id, up_to: true, user_id: ANN, status: "read", timestamp: of.created_at },
          };
    this.#happens(id, { ...event, conversation_id: id } as StateEvent);
  }

  /** Ann blocks Bob: what he says in this room is withheld from now on, and clients must forget it. */
  withhold(id: string): void {
    const room = this.rooms.get(id);
    if (!room) return;
    const kept = room.state.messages.filter(({ sender_id }) => sender_id !== BOB);
    room.state = { ...room.state, messages: kept, unread_count: 0, unread_mentions: 0 };
    room.resetAt = room.state.seq;
    this.#tell({ type: "sync.required", conversation_id: id, reset: true } as ServerEvent);
  }

  /** Ann is removed. */
  remove(id: string): void {
    const room = this.rooms.get(id);
    if (!room) return;
    const seq = room.state.seq + 1;
    const data = { user_id: ANN, removed_by: BOB, participant_count: 1 };
    this.#happens(id, {
      type: "participant.removed",
      conversation_id: id,
      seq,
      data,
    } as unknown as StateEvent);
    this.rooms.delete(id);
    this.removed.set(id, this.#rev);
  }

  readonly open: OpenSocket = (_url, events) => {
    const socket: ClientSocket = {
      send: (frame) => queueMicrotask(() => this.#heard(events, JSON.parse(frame))),
      close: () => void this.#sockets.delete(events),
    };
    queueMicrotask(() => {
      if (this.isDown) {
        events.closed(1006, "down");
        return;
      }
      this.opened += 1;
      this.#sockets.add(events);
      events.opened();
      const data = { user_id: ANN, connection_id: "c", features: [], unread: TOTALS };
      events.heard(JSON.stringify({ type: "connection.established", data }));
    });
    return socket;
  };

  /** Sockets that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Says something that is no part of the model. */
  tell(event: object): void {
    this.#tell(event as ServerEvent);
  }

  /** Ends every connection. */
  cut(code = 1006): void {
    const sockets = [...this.#sockets];
    this.#sockets.clear();
    for (const events of sockets) events.closed(code, "cut");
  }

  readonly fetch = async (address: string): Promise<Response> => {
    const url = new URL(address);
    if (this.isDown) return Response.error();
    if (url.pathname.endsWith("/ws/ticket")) return Response.json({ ticket: "t", expires_in: 30 });
    if (!url.pathname.endsWith("/sync"))
      return Response.json({ code: "NOT_FOUND", message: "no such route" }, { status: 404 });
    return Response.json(this.#page(Number(url.searchParams.get("since") ?? 0)));
  };

  #page(since: number): SyncPage {
    const conversations = [...this.rooms].flatMap(([id, room]) => {
      if (room.rev <= since) return [];
      const { membership: _, ...listed } = room.state;
      const item = { ...listed.info, conversation_id: id, ...PREFERENCES, rev: room.rev };
      return [{ conversation: item as unknown as ConversationListItem, changes: this.#changes(id, 0) }];
    });
    const removed_conversation_ids = [...this.removed].flatMap(([id, rev]) => (rev > since ? [id] : []));
    const next_token = String(this.#rev);
    return {
      ...{ conversations, removed_conversation_ids, next_token, has_more: false, limited: false },
      unread: TOTALS,
    };
  }

  /** What is new in a conversation. Who knows nothing, or must forget, gets it as a whole. */
  #changes(id: string, since: number): ConversationChanges {
    const room = this.rooms.get(id);
    if (!room) throw new Error("no such room");
    const { state, resetAt } = room;
    const reset = since > 0 && since <= resetAt;
    const limited = since === 0 || reset;
    const known = (one: Message): boolean => limited || one.changed_seq > since;
    return {
      ...{ conversation_id: id, since, seq: state.seq, is_last: true, limited, ...(reset && { reset }) },
      ...{ membership: "member", conversation: state.info, has_more: false },
      messages: state.messages
        .filter(known)
        .map((one): FetchedMessage => ({ ...one, receipt_status: "sent" })),
      members: [...state.members.values()],
      ...{ removed_user_ids: [], former_members: [] },
      hidden_message_ids: [...state.hidden].map((seq) => messageIdAt(id, seq)),
      ...{ is_hidden: state.is_hidden, is_request: state.is_request },
      read_states: [...state.watermarks].map(([user_id, mark]) => ({ user_id, ...mark })),
      ...{ unread_count: state.unread_count, unread_mentions: state.unread_mentions },
    } as ConversationChanges;
  }

  #heard(
    events: SocketEvents,
    command: { type: string; request_id?: string } & Record<string, unknown>,
  ): void {
    if (!this.#sockets.has(events)) return;
    this.commands.push(command);
    const answer = (data: unknown) =>
      events.heard(JSON.stringify({ type: "ack", request_id: command.request_id, data }));
    if (command.type === "sync") {
      const failed: Record<string, string> = {};
      for (const [id, since] of Object.entries(command.conversations as Record<string, number>)) {
        if (!this.rooms.has(id)) failed[id] = "FORBIDDEN";
        else {
          const data = this.#changes(id, since);
          events.heard(JSON.stringify({ type: "conversation.sync", conversation_id: id, data }));
        }
      }
      answer({ failed });
    } else if (command.type === "message.send") {
      const { conversation_id, data } = command as unknown as { conversation_id: string; data: Message };
      if (!this.rooms.has(conversation_id)) {
        const refusal = { type: "error", code: "FORBIDDEN", message: "no", request_id: command.request_id };
        events.heard(JSON.stringify(refusal));
        return;
      }
      const stored = this.#store(conversation_id, data);
      if (this.losesAcks) this.cut();
      else answer(stored);
    } else if (command.type === "ping") events.heard('{"type":"pong"}');
    else if (command.request_id !== undefined) answer({});
  }

  #store(id: string, { client_message_id, content, type }: Message): Message {
    const before = this.rooms
      .get(id)
      ?.state.messages.find((one) => one.client_message_id === client_message_id);
    this.sends.push(content);
    return before ?? this.say(id, ANN, { client_message_id, content, type });
  }

  #happens(id: string, event: StateEvent): void {
    const room = this.rooms.get(id);
    if (!room) throw new Error("no such room");
    const { state, outcome } = apply(room.state, event);
    if (outcome === "gap") throw new Error(`a gap in the model: ${JSON.stringify(event)}`);
    room.state = state;
    this.#rev += 1;
    room.rev = this.#rev;
    this.#tell(event as ServerEvent);
  }

  #tell(event: ServerEvent): void {
    for (const events of this.#sockets) events.heard(JSON.stringify(event));
  }
}

/** What two clients must agree on. @param keep the newest messages to compare; a store keeps no more. */
export function viewOf(state: ConversationState, keep: number) {
  const { seq, membership, info, unread_count, unread_mentions, is_hidden, preferences } = state;
  return {
    ...{ seq, membership, info, unread_count, unread_mentions, is_hidden, preferences },
    messages: state.messages.slice(-keep).map((one) => plain({ ...one, receipt_status: "sent" })),
    members: [...state.members.keys()].sort(),
    watermarks: Object.fromEntries(state.watermarks),
    hidden: [...state.hidden].sort((one, other) => one - other),
  };
}

/** A disk that stays when the application is gone. */
export class Disk {
  readonly rows = memoryBackend();
  readonly #writers = new Map<number, { left: number }>();

  /** The application in a tab is killed: of what it still writes, so many fields arrive. */
  kill(tab: number, left: number): void {
    const writer = this.#writers.get(tab);
    if (writer) writer.left = left;
  }

  /** The disk for a new run in a tab. */
  mount(tab: number): StoreBackend {
    const writer = { left: Number.POSITIVE_INFINITY };
    this.#writers.set(tab, writer);
    const { rows } = this;
    const never = () => new Promise<never>(() => undefined);
    const write = async (change: () => Promise<void>): Promise<void> => {
      if (writer.left <= 0) return await never();
      writer.left -= 1;
      await change();
    };
    return {
      load: (scope) => (writer.left > 0 ? rows.load(scope) : never()),
      async save(scope, patch) {
        // Field by field: a place that does not keep its word that a patch is there as a whole or not at all.
        for (const [field, value] of Object.entries(patch))
          await write(() => rows.save(scope, copy({ [field]: value })));
      },
      drop: (scope) => write(() => rows.drop(scope)),
      clear: () => write(() => rows.clear()),
    };
  }
}

function copy(fields: StoredFields): StoredFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value === undefined ? value : JSON.parse(JSON.stringify(value)),
    ]),
  );
}
