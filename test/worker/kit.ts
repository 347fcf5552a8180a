/** What every test needs: people with tokens, requests, and sockets that can be waited for. */

import { env, exports } from "cloudflare:workers";
import { LeanDecoder, type ServerEvent } from "@rocket-chat-api/protocol";
import { SignJWT } from "jose";
import type { Conversation } from "../../src/conversation/conversation.ts";
import type { UserHub } from "../../src/user-hub/user-hub.ts";
import { checkAnswer, checkCommand, checkEvent } from "./contract.ts";

const ORIGIN = "https://chat.test";

/** A person with a token. */
export interface Person {
  user_id: string;
  username: string;
  token: string;
}

let counter = 0;
/** Files that run in one runtime count for themselves. */
const SUFFIX = crypto.randomUUID().slice(0, 4);

/** Signs a token with the test secret. */
export async function sign(
  claims: Record<string, unknown>,
  options: { secret?: string; expiresAt?: number } = {},
): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime(options.expiresAt ?? Math.floor(Date.now() / 1000) + 3600)
    .sign(new TextEncoder().encode(options.secret ?? env.JWT_SECRET));
}

/** A username that nobody has: all tests share one directory. */
export function uniqueName(beginning: string): string {
  counter += 1;
  return `${beginning}${counter}${SUFFIX}`;
}

/** Makes a new person whom the directory knows. @param name the beginning of the username. */
export async function person(name: string): Promise<Person> {
  const user_id = crypto.randomUUID();
  const username = uniqueName(name);
  const token = await sign({ sub: user_id, username, display_name: name });
  const someone = { user_id, username, token };
  await api(someone, "GET", "/users/me");
  return someone;
}

/** Makes several people at once. */
export async function people<Names extends string[]>(
  ...names: Names
): Promise<{ [Name in keyof Names]: Person }> {
  return (await Promise.all(names.map(person))) as { [Name in keyof Names]: Person };
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on literal fields; `api` holds them against the schema.
  body: any;
}

/** A raw request to the service. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  return await exports.default.fetch(new Request(ORIGIN + path, init));
}

/** A request to `/api/v1` as a person, or as nobody. Fails if the answer is not one that the route describes. */
export async function api(
  who: Person | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await request(`/api/v1${path}`, {
    method,
    headers: {
      ...(who ? { authorization: `Bearer ${who.token}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = {
    status: response.status,
    headers: response.headers,
    body: text ? JSON.parse(text) : undefined,
  };
  const sent = typeof body === "string" ? undefined : body;
  checkAnswer(method, `/api/v1${path}`, answer.status, answer.body, sent);
  return answer;
}

/** Creates a direct conversation and returns its id. */
export async function direct(one: Person, other: Person): Promise<string> {
  const answer = await api(one, "POST", "/conversations/direct", { user_id: other.user_id });
  return answer.body.conversation_id;
}

/** Makes two people contacts: both accept their direct conversation, whose id it returns (rule 29). */
export async function befriend(one: Person, other: Person): Promise<string> {
  const id = await direct(one, other);
  await api(other, "POST", `/conversations/${id}/accept`);
  return id;
}

/** Creates a group and returns its id. */
export async function group(owner: Person, others: Person[], name = "Group"): Promise<string> {
  const participant_ids = others.map((other) => other.user_id);
  const answer = await api(owner, "POST", "/conversations/group", { name, participant_ids });
  return answer.body.conversation_id;
}

/** Sends a text over REST and returns the message. */
export async function say(who: Person, conversationId: string, content: string, extra: object = {}) {
  const answer = await api(who, "POST", `/conversations/${conversationId}/messages`, {
    type: "text",
    content,
    ...extra,
  });
  return answer.body;
}

/** The object of a conversation. Tests know its class. */
export function conversationObject(id: string) {
  return env.CONVERSATION.get(env.CONVERSATION.idFromName(id)) as DurableObjectStub<Conversation>;
}

/** The object of a person's hub. */
export function hubObject(userId: string) {
  return env.USER_HUB.get(env.USER_HUB.idFromName(userId)) as DurableObjectStub<UserHub>;
}

type Match = (event: ServerEvent) => boolean;

/** A real socket, with everything that it has heard. */
export class TestSocket {
  /** Each as a client understands it. */
  readonly events: ServerEvent[] = [];
  /** As they came. */
  readonly frames: string[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  #waiting: { match: Match; resolve: (event: ServerEvent) => void }[] = [];
  #requests = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const decoder = new LeanDecoder(() => this.frames.push("a profile is missing"));
    socket.addEventListener("message", ({ data }) => {
      this.frames.push(String(data));
      const frame = JSON.parse(String(data));
      for (const one of Array.isArray(frame) ? frame : [frame]) {
        const event = decoder.decode(one);
        if (event) this.#hear(event);
      }
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => {
        socket.close();
        resolve({ code, reason });
      });
    });
    socket.accept();
  }

  #hear(event: ServerEvent): void {
    checkEvent(event);
    this.events.push(event);
    const [ready, rest] = [
      this.#waiting.filter((w) => w.match(event)),
      this.#waiting.filter((w) => !w.match(event)),
    ];
    this.#waiting = rest;
    for (const { resolve } of ready) resolve(event);
  }

  /** The first event, past or to come, that matches. */
  async heard(match: Match | ServerEvent["type"], timeoutMs = 20_000): Promise<ServerEvent> {
    const test = typeof match === "string" ? (event: ServerEvent) => event.type === match : match;
    const past = this.events.find(test);
    if (past) return past;
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not heard: ${match}; heard ${this.events.map((e) => e.type).join(", ")}`)),
        timeoutMs,
      );
      this.#waiting.push({
        match: test,
        resolve: (event) => {
          clearTimeout(timer);
          resolve(event);
        },
      });
    });
  }

  /** Everything heard of one type. */
  all<T extends ServerEvent["type"]>(type: T): Extract<ServerEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<ServerEvent, { type: T }> => event.type === type);
  }

  /** Sends a frame as it is. */
  raw(frame: string | ArrayBuffer): void {
    this.#socket.send(frame);
  }

  /** Sends a command and returns its `ack` or `error`. */
  async ask(command: Record<string, unknown>): Promise<ServerEvent> {
    this.#requests += 1;
    const request_id = `r${this.#requests}`;
    this.raw(JSON.stringify({ ...command, request_id }));
    const answer = await this.heard((event) => "request_id" in event && event.request_id === request_id);
    checkCommand(command, answer);
    return answer;
  }

  close(code = 1000): void {
    this.#socket.close(code);
  }
}

/** Opens a socket and waits until it is established. @param path `/ws` or a conversation's own. */
export async function connect(who: Person, path = "/ws"): Promise<TestSocket> {
  const response = await request(path, {
    headers: { upgrade: "websocket", authorization: `Bearer ${who.token}` },
  });
  if (!response.webSocket) throw new Error(`no socket: ${response.status} ${await response.text()}`);
  const socket = new TestSocket(response.webSocket);
  await socket.heard("connection.established");
  return socket;
}

/** Opens the conversation's own socket. */
export async function connectTo(who: Person, conversationId: string, query = ""): Promise<TestSocket> {
  return await connect(who, `/api/v1/conversations/${conversationId}/ws${query}`);
}
