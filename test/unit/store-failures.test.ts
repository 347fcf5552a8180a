/** A store that fails is done without: the error is told once, and everything comes from the service. */
import { ChatClient, type ClientError } from "@rocket-chat-api/client";
import { memoryBackend, offlineStore, type StoreBackend } from "@rocket-chat-api/client/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANN, BOB, token } from "./client-kit.ts";
import { ModelServer, roomId } from "./store-model.ts";

const A = roomId(0);
const wait = (ms = 5) => vi.advanceTimersByTimeAsync(ms);

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

function talk(): ModelServer {
  const server = new ModelServer();
  server.create(0);
  server.say(A, BOB);
  return server;
}

const isStoreFailure = ({ code }: ClientError) => code === "STORE_FAILED";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
});

describe("a store", () => {
  it("[STORE-11] that is full is emptied, said so once, and goes on with what waits to be sent", async () => {
    const server = talk();
    const backend = memoryBackend();
    const save = backend.save.bind(backend);
    const full = new DOMException("full", "QuotaExceededError");
    let isFull = false;
    vi.spyOn(backend, "save").mockImplementation(async (scope, patch) => {
      if (isFull && scope.startsWith("c:")) throw full;
      await save(scope, patch);
    });
    const { client, errors } = open(server, backend);
    client.start();
    await wait(1_000);
    server.say(A, BOB);
    server.isDown = true;
    server.cut();
    void client.send(A, { content: "waits" }).catch(() => undefined);
    isFull = true;
    await wait(1_000);
    expect(errors.filter(isStoreFailure)).toEqual([
      expect.objectContaining({ retryable: false, cause: full, message: expect.stringContaining("full") }),
    ]);
    expect(await backend.load(`c:${A}`)).toEqual({});
    expect(Object.keys(await backend.load("outbox"))).toHaveLength(1);
    client.stop();
    await wait();
    // The next run finds what waits, and keeps conversations again.
    isFull = false;
    server.isDown = false;
    const next = open(server, backend);
    next.client.start();
    await wait(1_000);
    expect(server.sends).toEqual(["waits"]);
    expect(next.client.conversations.get(A)?.messages).toHaveLength(3);
    expect(await backend.load(`c:${A}`)).toHaveProperty("head");
    expect([errors.filter(isStoreFailure).length, next.errors]).toEqual([1, []]);
    next.client.stop();
  });

  it.each([
    ["cannot be opened", () => Promise.reject(new Error("no such thing"))],
    ["answers nonsense", async () => ({ version: 1, user: ANN, viewer: ANN, token: 3, unread: 1 }) as never],
    ["never answers", () => new Promise<never>(() => undefined)],
  ])("[STORE-12] that %s does not keep the client from anything", async (_, load) => {
    const server = talk();
    const broken: StoreBackend = {
      load,
      save: () => Promise.reject(new Error("no")),
      drop: () => Promise.reject(new Error("no")),
      clear: () => Promise.reject(new Error("no")),
    };
    const { client, errors } = open(server, broken);
    client.start();
    await wait(3_100);
    expect(client.conversations.get(A)?.messages).toHaveLength(1);
    await expect(client.send(A, { content: "x" })).resolves.toMatchObject({ content: "x" });
    await wait(2_000);
    expect(errors.filter(isStoreFailure)).toHaveLength(1);
    await client.logOut();
    expect(client.conversations.ids()).toEqual([]);
  });

  it("[STORE-12] that never finishes a write does not keep the client from anything either", async () => {
    const server = talk();
    const never = () => new Promise<never>(() => undefined);
    const backend = memoryBackend();
    const entry = {
      client_message_id: "m",
      conversation_id: A,
      data: { type: "text", content: "left" },
      queued_at: 0,
    };
    await backend.save("meta", { version: 1, user: ANN, viewer: ANN });
    await backend.save("outbox", { m: { entry, order: 1, run: "old" } });
    const { client } = open(server, { ...backend, save: never, drop: never, clear: never });
    client.start();
    await wait(3_100);
    expect(client.conversations.get(A)?.messages.map(({ content }) => content)).toEqual(["text 2", "left"]);
    const sent = client.send(A, { content: "x" });
    await wait(1_100);
    expect((await sent).content).toBe("x");
    const out = client.logOut();
    await wait(3_100);
    await expect(out).resolves.toBeUndefined();
  });

  it("[STORE-13] of another version is dropped, all but what waits to be sent", async () => {
    const server = talk();
    const backend = memoryBackend();
    const entry = (id: string) => ({
      entry: { client_message_id: id, conversation_id: A, data: { type: "text", content: id }, queued_at: 0 },
      ...{ order: id === "first" ? 1 : 2, run: "old" },
    });
    await backend.save("meta", { version: 0, user: ANN, viewer: ANN, token: { value: "9", ids: [] } });
    await backend.save("list", { [roomId(7)]: { item: null } });
    await backend.save("outbox", { second: entry("second"), first: entry("first"), broken: { order: 1 } });
    const { client, errors } = open(server, backend);
    client.start();
    await wait(50);
    expect(client.conversations.ids()).toEqual([A]);
    expect(server.sends).toEqual(["first", "second"]);
    expect(errors).toEqual([]);
    client.stop();
  });

  it("[STORE-14] in which a conversation is not whole asks for that one again", async () => {
    const server = talk();
    const spoil: [string, (backend: StoreBackend) => Promise<void>][] = [
      ["no head", (backend) => backend.save(`c:${A}`, { head: undefined })],
      ["no members", (backend) => backend.save(`c:${A}`, { members: undefined })],
      [
        "messages of another writing",
        (backend) => backend.save(`c:${A}`, { messages: { writing: "x", value: [] } }),
      ],
      [
        "messages that are none",
        async (backend) => {
          const { messages } = (await backend.load(`c:${A}`)) as { messages: { writing: string } };
          await backend.save(`c:${A}`, { messages: { ...messages, value: [null] } });
        },
      ],
      ["nothing", (backend) => backend.drop(`c:${A}`)],
    ];
    for (const [what, change] of spoil) {
      const backend = memoryBackend();
      const first = open(server, backend);
      first.client.start();
      await wait(1_000);
      first.client.stop();
      await wait();
      await change(backend);
      const { client, errors } = open(server, backend);
      client.start();
      await wait(50);
      expect(client.conversations.get(A)?.messages, what).toHaveLength(1);
      expect(client.conversations.get(A)?.preferences, what).toMatchObject({ is_muted: false });
      expect(errors, what).toEqual([]);
      client.stop();
      await wait();
    }
  });
});
