/** What several tests check or change: errors, the clock, the Worker's settings. */
import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { ERRORS, ErrorBody, type ErrorCode } from "@rocket-chat-api/protocol";
import { expect, vi } from "vitest";
import { createApp } from "../../src/app.ts";
import type { Env } from "../../src/env.ts";
import { faults } from "./faults.ts";
import { type Answer, conversationObject, hubObject, type Person, sign, type TestSocket } from "./kit.ts";

/** Asserts that an answer is this error: its status, its body and nothing more in it, and its request id. */
export function expectError(answer: Answer, code: ErrorCode): void {
  expect(answer.body?.code).toBe(code);
  expect(answer.status).toBe(ERRORS[code].status);
  // Strict: a field that rule 5 does not name fails here.
  expect(ErrorBody.parse(answer.body)).toEqual(answer.body);
  expect(answer.headers.get("content-type")).toContain("application/json");
  expect(answer.body.request_id).toMatch(/^[\w-]{8,}$/);
  expect(answer.headers.get("x-request-id")).toBe(answer.body.request_id);
  if (ERRORS[code].status === 503) expect(answer.headers.get("retry-after")).toMatch(/^[0-9]+$/);
}

/** A response as an answer. */
export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

type Settings = Partial<
  Record<Exclude<keyof Env, "DB" | "ATTACHMENTS" | "CONVERSATION" | "USER_HUB">, string>
>;

/** The Worker with other settings. `without` takes the tests' own secret away. */
export function workerWith(settings: Settings) {
  const app = createApp();
  const { JWT_SECRET: _, ...rest } = env;
  return async (path: string, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(`https://chat.test${path}`, init);
    return await app.fetch(request, { ...rest, ...settings }, createExecutionContext());
  };
}

/** Does `work` at another time: for the Worker, the objects and the test alike. @param ms since 1970. */
export async function atTime<T>(ms: number, work: () => Promise<T>): Promise<T> {
  vi.setSystemTime(ms);
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

/** When an object's alarm rings, in milliseconds since 1970, or null. */
export async function alarmOf(stub: DurableObjectStub): Promise<number | null> {
  return await runInDurableObject(stub, async (_, state) => await state.storage.getAlarm());
}

/** Everything that was logged while `work` ran, as one text. */
export async function loggedDuring(work: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const note = (...parts: unknown[]) => void lines.push(parts.map(String).join(" "));
  const spies = (["log", "warn", "error", "info", "debug"] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(note),
  );
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines.join("\n");
}

/**
 * Does `work` while one conversation does not reach D1, until its feed has failed. What is said then is not in the directory,
 * although D1 is up again: the feed waits for its next attempt, which only the alarm begins.
 */
export async function unlisted(id: string, work: () => Promise<unknown>): Promise<void> {
  const failures = vi.spyOn(console, "warn");
  // For this conversation alone: only its own failure is logged.
  faults.d1DownFor = id;
  try {
    await work();
    await vi.waitFor(() => expect(failures.mock.calls.join()).toContain("consumer.failed"), 15_000);
  } finally {
    faults.d1DownFor = undefined;
    failures.mockRestore();
  }
}

/** The same person with a token that ends at this time, in seconds since 1970. */
export async function until(who: Person, expiresAt: number): Promise<Person> {
  const claims = { sub: who.user_id, username: who.username, display_name: who.username };
  return { ...who, token: await sign(claims, { expiresAt }) };
}

/** The guide's command to send a text. */
export function sendCommand(conversation_id: string, content: string, more: object = {}) {
  return { type: "message.send", conversation_id, data: { type: "text", content, ...more } };
}

/** The message with this content, as a socket hears it. */
export async function hears(socket: TestSocket, content: string) {
  const event = await socket.heard((e) => e.type === "message.new" && e.data.content === content);
  if (event.type !== "message.new") throw new Error("unreachable");
  return event;
}

/** Lets the conversation and these people's hubs hibernate: new instances, the sockets kept. */
export async function hibernate(id: string, ...who: Person[]): Promise<void> {
  const hubs = who.map((person) => hubObject(person.user_id) as DurableObjectStub);
  for (const object of [conversationObject(id) as DurableObjectStub, ...hubs]) {
    // Only what runs can be evicted.
    await runInDurableObject(object, () => {});
    await evictDurableObject(object);
  }
}
