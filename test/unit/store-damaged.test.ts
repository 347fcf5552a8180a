/** A store in which a value was damaged, or was written by something else: each value is replaced once by each kind of nonsense. */
import { ChatClient, type ClientError } from "@rocket-chat-api/client";
import {
  memoryBackend,
  offlineStore,
  type StoreBackend,
  type StoredFields,
} from "@rocket-chat-api/client/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BOB, token } from "./client-kit.ts";
import { ModelServer, roomId } from "./store-model.ts";

const A = roomId(0);
const SCOPES = ["meta", "list", `c:${A}`] as const;
const NONSENSE = [null, -1, "x", [], {}, [null]];
/** Values in values, so deep. */
const DEPTH = 4;

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function open(server: ModelServer, backend: StoreBackend) {
  const errors: ClientError[] = [];
  const client = new ChatClient({
    url: "https://chat.test",
    token: () => token(3600),
    ...{ auth: "token", openSocket: server.open, fetch: (url) => server.fetch(url) },
    backoff: { base_ms: 1, cap_ms: 1, random: () => 0 },
    store: offlineStore(backend),
  });
  client.on("error", (error) => errors.push(error));
  return { client, errors };
}

const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

/** All values in a value, with their paths. */
function* valuesOf(value: unknown, path: string[] = []): Generator<[string[], unknown]> {
  if (path.length > 0) yield [path, value];
  if (path.length === DEPTH || typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* valuesOf(inner, [...path, key]);
}

/** A copy in which one value is another. */
function withValue(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const changed = withValue((value as Record<string, unknown>)[key], rest, other);
  if (Array.isArray(value)) return value.with(Number(key), changed);
  return { ...(value as object), [key]: changed };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
});

describe("a damaged store", () => {
  it("[STORE-40] whatever one of its values is, the client starts, shows what the service has, and comes to an end", async () => {
    const server = new ModelServer();
    server.create(0);
    server.say(A, BOB);
    server.say(A, BOB);
    const whole = memoryBackend();
    const first = open(server, whole);
    first.client.start();
    await wait(1_500);
    first.client.stop();
    await wait(1_000);
    const stored = new Map<string, StoredFields>();
    for (const scope of SCOPES) stored.set(scope, await whole.load(scope));
    const shown = first.client.conversations.get(A)?.messages;
    expect(shown?.length).toBeGreaterThan(1);
    let tried = 0;
    for (const [damaged, fields] of stored) {
      for (const [path, value] of valuesOf(fields)) {
        // Another value of the same kind may as well be the right one, but for a number below zero.
        for (const other of NONSENSE.filter((one) => one === -1 || kindOf(one) !== kindOf(value))) {
          tried += 1;
          const backend = memoryBackend();
          for (const [scope, kept] of stored) {
            await backend.save(
              scope,
              scope === damaged ? (withValue(kept, path, other) as StoredFields) : kept,
            );
          }
          const what = `${damaged} ${path.join(".")} = ${JSON.stringify(other)}`;
          const { client, errors } = open(server, backend);
          client.start();
          await wait(40);
          const known = client.conversations.get(A);
          expect([what, known?.membership, known?.messages.length]).toEqual([what, "member", shown?.length]);
          const others = errors.filter(({ code }) => code !== "STORE_FAILED");
          expect([what, others]).toEqual([what, []]);
          client.stop();
          await wait(10);
        }
      }
    }
    expect(tried).toBeGreaterThan(300);
  });
});
