/** The stage of `recall.test.ts`: a conversation whose storage is put back, as the platform does it, while no server runs. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { ChatClient, type ConversationState, openWith, type WebSocketClass } from "@rocket-chat-api/client";
import { memoryBackend, offlineStore, type StoreBackend } from "@rocket-chat-api/client/store";
import { type ChatServer, userToken } from "@rocket-chat-api/server";
import { WebSocket } from "ws";
import type { DevServer } from "../../scripts/serve.ts";
import { endLogs } from "./erase/files.ts";

/** Somebody of the test. */
export interface Person {
  name: string;
  user_id: string;
  token: string;
}

/** Makes a person. */
export async function person(server: DevServer, chat: ChatServer, name: string): Promise<Person> {
  const { user_id } = await chat.putUser(`ext:${name}`, { username: name, display_name: name });
  return { name, user_id, token: await userToken({ secret: server.secret, sub: name, seconds: 3600 }) };
}

/** An answer. */
// biome-ignore lint/suspicious/noExplicitAny: the answers are looked at literally.
type Body = any;

/** Asks, and expects a success. */
export async function ask(
  server: DevServer,
  who: Person,
  method: string,
  path: string,
  body?: unknown,
): Promise<Body> {
  const { status, text } = await attempt(server, who, method, path, body);
  assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Asks. */
export async function attempt(server: DevServer, who: Person, method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${who.token}`, "content-type": "application/json" };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/api/v1${path}`, init);
  return { status: response.status, text: await response.text() };
}

/** The files of a conversation's object, while no server runs. */
function filesOf(state: string, conversationId: string): string[] {
  const all = readdirSync(state, { recursive: true, encoding: "utf8" }).map((name) => join(state, name));
  const own = all.filter((path) => path.endsWith(".sqlite") && holds(path, conversationId));
  assert.equal(own.length, 1, "one object holds the conversation");
  return own;
}

function holds(path: string, conversationId: string): boolean {
  const db = new DatabaseSync(path, { timeout: 15_000 });
  try {
    return (
      db.prepare("SELECT 1 FROM conversation WHERE conversation_id = ?").get(conversationId) !== undefined
    );
  } catch {
    return false;
  } finally {
    db.close();
  }
}

/** Keeps the storage of a conversation as it is now. */
export function keepStorage(server: DevServer, conversationId: string): { path: string; copy: string } {
  endLogs(server.state);
  const [path = ""] = filesOf(server.state, conversationId);
  const copy = join(dirname(server.state), "kept", "object.sqlite");
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(path, copy);
  return { path, copy };
}

/** Puts it back. */
export function putBack({ path, copy }: { path: string; copy: string }): void {
  for (const end of ["-wal", "-shm"]) if (existsSync(path + end)) rmSync(path + end);
  copyFileSync(copy, path);
}

/** A device with an offline store, which outlives its client. */
export class Device {
  readonly #backend: StoreBackend = memoryBackend();
  readonly #scopes = new Set<string>();
  readonly #who: Person;
  readonly #server: DevServer;
  /** Every number that any client of this device was told of a message, with its text. */
  readonly heard: { seq: number; content: string }[] = [];
  #client: ChatClient | undefined;

  constructor(server: DevServer, who: Person) {
    this.#who = who;
    this.#server = server;
  }

  /** Goes online. */
  async start(): Promise<void> {
    const client = new ChatClient({
      url: this.#server.url,
      token: async () => this.#who.token,
      openSocket: openWith(WebSocket as unknown as WebSocketClass),
      backoff: { base_ms: 100, cap_ms: 500 },
      store: offlineStore(this.#noting(), { write_ms: 10 }),
    });
    client.on("event", (event) => {
      if (event.type === "message.new") this.heard.push({ seq: event.seq, content: event.data.content });
    });
    await client.load();
    client.start();
    this.#client = client;
  }

  /** The place of the store, which notes what is written where. */
  #noting(): StoreBackend {
    const save: StoreBackend["save"] = async (scope, patch) => {
      this.#scopes.add(scope);
      await this.#backend.save(scope, patch);
    };
    return { ...this.#backend, save };
  }

  /** Everything that it has stored, as text. */
  async stored(): Promise<string> {
    const all = await Promise.all([...this.#scopes].map((scope) => this.#backend.load(scope)));
    return JSON.stringify(all);
  }

  /** What it shows of a conversation. */
  state(conversationId: string): ConversationState | undefined {
    return this.#client?.conversations.get(conversationId);
  }

  /** Goes offline, with what it has stored. */
  async stop(): Promise<void> {
    await sleep(300);
    this.#client?.stop();
    await sleep(100);
    this.#client = undefined;
  }
}

/** Waits until something holds. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  ms = 20_000,
): Promise<T> {
  for (const end = Date.now() + ms; ; await sleep(50)) {
    const value = await look();
    if (value) return value;
    assert.ok(Date.now() < end, `not in time: ${what}`);
  }
}
