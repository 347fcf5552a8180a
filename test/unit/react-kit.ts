/** What tests of the hooks need: a client without a network, rooms with messages, and a page to render into. */
import { ChatClient, messageIdAt } from "@rocket-chat-api/client";
import type { Message, ServerEvent } from "@rocket-chat-api/protocol";
import { ChatProvider } from "@rocket-chat-api/react";
import { act, createElement, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { ANN, BOB, type FakeSocket, fakeSockets, message, sync, token } from "./client-kit.ts";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const NOW = "2026-11-16T10:30:00.000Z";
const SETTINGS = {
  only_admins_can_send: false,
  who_can_pin: "everyone" as const,
  history: "joined" as const,
  disappearing_messages_enabled: false,
  disappearing_ttl_seconds: 60,
  slow_mode_seconds: 0,
  is_frozen: false,
  retention_days: null,
};

/** The id of the room with this number, from 0 to 999. */
export function room(index: number): string {
  return `9f1c2ab4-77de-8a01-b${String(index).padStart(3, "0")}-000000000000`;
}

const person = (user_id: string, username: string) => ({
  ...{ user_id, username, display_name: username, profile_photo_url: null },
  ...{ role: "member" as const, is_owner: false, mute: null },
});

/** A group of Ann and Bob has begun. */
export function created(id: string, name: string, created_at = NOW): ServerEvent {
  const data = {
    ...{ conversation_id: id, type: "group" as const, name, photo_url: null, description: null },
    ...{ created_by: ANN, created_at, participant_count: 2, settings: SETTINGS, metadata: null, seq: 1 },
    is_request: false,
    participants: [person(ANN, "ann"), person(BOB, "bob")],
  };
  return { type: "conversation.created", conversation_id: id, seq: 1, data };
}

/** A message of a room. */
export function messageIn(id: string, seq: number, sender = BOB, patch: Partial<Message> = {}): Message {
  return message(seq, sender, { conversation_id: id, message_id: messageIdAt(id, seq), ...patch });
}

export function saidIn(id: string, seq: number, sender = BOB, patch: Partial<Message> = {}): ServerEvent {
  return { type: "message.new", conversation_id: id, seq, data: messageIn(id, seq, sender, patch) };
}

/** An answer to `sync`; the messages are oldest first. */
export function syncIn(id: string, patch: { messages: Message[] } & Record<string, unknown>): ServerEvent {
  const { data } = sync({}) as { data: object };
  const messages = patch.messages.map((one) => ({ ...one, receipt_status: "sent" }));
  const changes = { ...data, ...patch, conversation_id: id, messages };
  return { type: "conversation.sync", conversation_id: id, data: changes } as unknown as ServerEvent;
}

export function typingIn(id: string, user_id: string, is_typing = true): ServerEvent {
  return { type: "typing.indicator", conversation_id: id, data: { user_id, username: user_id, is_typing } };
}

/** Answers of the service by method and path, without `/api/v1`. A function gets the whole address and the body. */
export type Routes = Record<string, unknown | ((url: URL, body: unknown) => unknown)>;

const SYNC = {
  ...{ conversations: [], removed_conversation_ids: [], next_token: "s1", has_more: false, limited: false },
  unread: { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 },
};

/** A client whose socket and requests the test answers. */
export function fakeClient(routes: Routes = {}, keep_messages?: number) {
  const { sockets, open } = fakeSockets();
  const asked: string[] = [];
  const client = new ChatClient({
    url: "https://chat.test",
    token: () => token(3600),
    auth: "token",
    openSocket: open,
    ...(keep_messages !== undefined && { keep_messages }),
    fetch: async (address, init) => {
      const url = new URL(address);
      const name = `${init.method} ${url.pathname.replace("/api/v1", "")}`;
      asked.push(name + url.search);
      const known = name in routes ? routes[name] : name === "GET /sync" ? SYNC : undefined;
      const body = init.body === undefined ? undefined : JSON.parse(String(init.body));
      const value = typeof known === "function" ? await known(url, body) : known;
      const missing = { code: "NOT_FOUND", message: "no such route" };
      return new Response(JSON.stringify(value ?? missing), { status: value === undefined ? 404 : 200 });
    },
  });
  return { client, sockets, asked };
}

/** Starts a client, and establishes its connection. */
export async function connected(made: ReturnType<typeof fakeClient>): Promise<FakeSocket> {
  made.client.start();
  await settle();
  const socket = made.sockets.at(-1);
  if (!socket) throw new Error("no socket was opened");
  await act(async () => socket.establish());
  await settle();
  return socket;
}

/** Lets promises and timers of 0 ms run. */
export async function settle(): Promise<void> {
  await act(async () => await new Promise((resolve) => setTimeout(resolve, 5)));
}

/** The server says something, and React renders what follows. */
export async function say(socket: FakeSocket, ...events: ServerEvent[]): Promise<void> {
  await act(async () => socket.say(...events));
}

/** Renders under a provider. @returns the element that holds it, and what takes it away. */
export async function show(client: ChatClient, children: ReactNode) {
  const host = document.createElement("div");
  const root = createRoot(host);
  await act(async () => root.render(createElement(ChatProvider, { client, autoStart: false }, children)));
  return { host, text: () => host.textContent ?? "", unmount: () => act(async () => root.unmount()) };
}

/** Renders a hook. @returns its newest value, and how often it has rendered. */
export async function hook<T>(client: ChatClient, use: () => T) {
  const seen: T[] = [];
  function Probe() {
    seen.push(use());
    return null;
  }
  const shown = await show(client, createElement(Probe));
  return {
    get value(): T {
      return seen.at(-1) as T;
    },
    get renders(): number {
      return seen.length;
    },
    seen,
    ...shown,
  };
}
