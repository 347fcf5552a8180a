/** What tests of push in the client library need: a connected client, and a browser and a worker without a browser. */
import { ChatClient } from "@rocket-chat-api/client";
import {
  type BrowserSubscription,
  Push,
  type WorkerMessage,
  type WorkerRegistration,
} from "@rocket-chat-api/client/push";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { vi } from "vitest";
import type {
  AppWindow,
  NotificationOptions,
  PushWorkerScope,
  WorkerNotification,
} from "../../packages/client/src/push-worker/scope.ts";
import { BOB, begun, type FakeSocket, fakeSockets, ID, said, token } from "./client-kit.ts";

/** A request that the client made. */
interface Asked {
  method: string;
  path: string;
  body: unknown;
}

const PAGE = { conversations: [], removed_conversation_ids: [], next_token: "t", has_more: false };

/** A client with push, its requests, and what they are answered. Its socket is opened by the test's timers. */
export function pushClient(answer: (asked: Asked) => Response | undefined = () => undefined) {
  const { sockets, open } = fakeSockets();
  const asked: Asked[] = [];
  const client = new ChatClient({
    url: "http://chat.test",
    token: () => token(3600),
    auth: "token",
    device_id: "phone-1",
    openSocket: open,
    backoff: { base_ms: 1, cap_ms: 1 },
    fetch: async (url, { method = "", body }) => {
      const path = url.slice("http://chat.test/api/v1".length);
      if (path.startsWith("/sync")) return Response.json(PAGE);
      const request = { method, path, body: body === undefined ? undefined : JSON.parse(String(body)) };
      asked.push(request);
      return answer(request) ?? Response.json({ asked: path });
    },
  });
  return { client, push: new Push(client), sockets, asked };
}

/** Opens the newest socket of a client that was started. */
export async function established(sockets: FakeSocket[], count = 1): Promise<FakeSocket> {
  await vi.waitFor(() => {
    if (sockets.length < count) throw new Error("no socket yet");
  });
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket");
  socket.establish();
  return socket;
}

/** Lets a client know the conversation {@link ID}, with one message of Bob's at 2. */
export function hasConversation(socket: FakeSocket): void {
  const { info, members } = begun();
  const data = { ...info, seq: 1, participants: [...members.values()] };
  const created = { type: "conversation.created", conversation_id: ID, seq: 1, data };
  for (const event of [created, said(2, BOB)]) socket.say(event as ServerEvent);
}

/** A refusal of the service. */
export function refusal(status: number, code: string): Response {
  return Response.json({ code, message: code, request_id: "r" }, { status });
}

/** Text as bytes. */
export function bytes(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).buffer as ArrayBuffer;
}

/** A browser's subscription for a key. */
export class FakeSubscription implements BrowserSubscription {
  readonly options: { applicationServerKey: ArrayBuffer | null };
  readonly endpoint: string;
  isOver = false;

  constructor(endpoint: string, key: ArrayBuffer | null) {
    this.endpoint = endpoint;
    this.options = { applicationServerKey: key };
  }

  toJSON() {
    return { endpoint: this.endpoint, expirationTime: null, keys: { p256dh: "p", auth: "a" } };
  }

  async unsubscribe(): Promise<boolean> {
    this.isOver = true;
    return true;
  }
}

/** A notification on the screen. */
export interface FakeNotification extends WorkerNotification {
  options: NotificationOptions;
}

/** A registration with its notifications and subscription, which behaves as a browser does. */
export class FakeRegistration implements WorkerRegistration {
  readonly scope = "https://app.test/";
  readonly shown: FakeNotification[] = [];
  /** Every notification that was ever shown, in order. */
  readonly log: { title: string; options: NotificationOptions }[] = [];
  subscription: FakeSubscription | null = null;
  readonly keys: ArrayBuffer[] = [];

  readonly pushManager = {
    getSubscription: async () => (this.subscription?.isOver ? null : this.subscription),
    subscribe: async ({ applicationServerKey: key }: { applicationServerKey: ArrayBuffer }) => {
      this.keys.push(key);
      this.subscription = new FakeSubscription(`https://push.test/${this.keys.length}`, key);
      return this.subscription;
    },
  };

  async showNotification(title: string, options: NotificationOptions = {}): Promise<void> {
    if (options.renotify && !options.tag) throw new TypeError("renotify needs a tag");
    this.log.push({ title, options });
    const { body = "", tag = "", lang = "", dir = "auto", data = null } = options;
    const replaced = tag === "" ? -1 : this.shown.findIndex((one) => one.tag === tag);
    if (replaced >= 0) this.shown.splice(replaced, 1);
    const notification: FakeNotification = {
      ...{ title, options, body, tag, lang, dir, data },
      close: () => {
        const index = this.shown.indexOf(notification);
        if (index >= 0) this.shown.splice(index, 1);
      },
    };
    this.shown.push(notification);
  }

  async getNotifications({ tag }: { tag?: string } = {}): Promise<FakeNotification[]> {
    return this.shown.filter((one) => tag === undefined || one.tag === tag);
  }

  titles(): string[] {
    return this.shown.map(({ title }) => title);
  }
}

/** `navigator.serviceWorker` of a page. */
export class FakeContainer {
  readonly #listeners = new Set<(event: WorkerMessage) => void>();

  addEventListener(_type: "message", listener: (event: WorkerMessage) => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "message", listener: (event: WorkerMessage) => void): void {
    this.#listeners.delete(listener);
  }

  /** The worker says something. @returns what is answered over its port. */
  say(data: unknown): unknown[] {
    const answers: unknown[] = [];
    const port = { postMessage: (value: unknown) => answers.push(value) };
    for (const listener of this.#listeners) listener({ data, ports: [port] });
    return answers;
  }
}

/** A window of the app. @param answer what its page says to a question of the worker. */
export function fakeWindow(
  answer: (question: Record<string, unknown>) => unknown,
  url = "https://app.test/chat",
) {
  const heard: Record<string, unknown>[] = [];
  const window: AppWindow = {
    url,
    focused: false,
    visibilityState: "visible",
    postMessage: (question: unknown, [port]: MessagePort[] = []) => {
      heard.push(question as Record<string, unknown>);
      const said = answer(question as Record<string, unknown>);
      if (said !== undefined) port?.postMessage(said);
    },
    focus: vi.fn(async () => undefined),
  };
  return { window, heard };
}

type Listener = (event: { waitUntil(work: Promise<unknown>): void }) => void;

/** The scope of a worker, and what happens to it. */
export class FakeScope {
  readonly registration = new FakeRegistration();
  readonly navigator = {
    userAgent: "Mozilla/5.0 Chrome/156.0",
    setAppBadge: vi.fn(async () => undefined),
    clearAppBadge: vi.fn(async () => undefined),
  };
  readonly windows: AppWindow[] = [];
  readonly clients = {
    matchAll: async () => this.windows,
    openWindow: vi.fn(async (_url: string): Promise<unknown> => undefined),
  };
  readonly #listeners = new Map<string, Listener>();

  addEventListener: PushWorkerScope["addEventListener"] = (type: string, listener: unknown) => {
    this.#listeners.set(type, listener as Listener);
  };

  /** Dispatches an event. Resolves when everything that it waits for is done. */
  async happen(type: string, event: object): Promise<void> {
    const work: Promise<unknown>[] = [];
    this.#listeners.get(type)?.({ ...event, waitUntil: (one) => work.push(one) });
    if (work.length === 0) throw new Error(`nothing waits for ${type}`);
    await Promise.all(work);
  }

  /** A push message with this text comes. */
  async push(text: string | undefined): Promise<void> {
    await this.happen("push", { data: text === undefined ? null : { json: () => JSON.parse(text) } });
  }
}
