/** The offline store: what is shown from it, what is kept in it, and that it never breaks a chat. */
import { ChatClient, type ClientError, type ClientOptions } from "@rocket-chat-api/client";
import {
  memoryBackend,
  offlineStore,
  type StoreBackend,
  type StoreOptions,
} from "@rocket-chat-api/client/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANN, BOB, token } from "./client-kit.ts";
import { ModelServer, roomId } from "./store-model.ts";

const A = roomId(0);
const B = roomId(1);

const clients: ChatClient[] = [];

/** An application of Ann's. */
function open(
  server: ModelServer,
  backend: StoreBackend,
  { store = {}, ...options }: Partial<Omit<ClientOptions, "store">> & { store?: StoreOptions } = {},
) {
  const errors: ClientError[] = [];
  const asked: string[] = [];
  const client = new ChatClient({
    url: "https://chat.test",
    token: () => token(3600),
    ...{ auth: "token", openSocket: server.open, backoff: { base_ms: 1, cap_ms: 1, random: () => 0 } },
    fetch: (url) => {
      asked.push(new URL(url).pathname.replace("/api/v1", "") + new URL(url).search);
      return server.fetch(url);
    },
    store: offlineStore(backend, store),
    ...options,
  });
  client.on("error", (error) => errors.push(error));
  clients.push(client);
  return { client, errors, asked };
}

const wait = (ms = 5) => vi.advanceTimersByTimeAsync(ms);

/** Starts an application, lets it have everything, and closes it. */
async function used(
  server: ModelServer,
  backend: StoreBackend,
  use: (client: ChatClient) => void = () => {},
) {
  const { client } = open(server, backend);
  client.start();
  await wait();
  use(client);
  await wait(1_000);
  client.stop();
  await wait();
}

function talk(): ModelServer {
  const server = new ModelServer();
  server.create(0);
  server.create(1);
  for (let count = 0; count < 3; count++) server.say(A, BOB);
  return server;
}

/** Everything that a place holds, as text. */
async function textOf(backend: StoreBackend): Promise<string> {
  const scopes = ["meta", "list", "outbox", "files", `c:${A}`, `c:${B}`];
  return JSON.stringify(await Promise.all(scopes.map((scope) => backend.load(scope))));
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const client of clients.splice(0)) client.stop();
  vi.clearAllTimers();
  vi.useRealTimers();
});

describe("an application with a store", () => {
  it("[STORE-1] shows the list and its messages before there is a connection, and goes on from its cursors", async () => {
    const server = talk();
    const backend = memoryBackend();
    await used(server, backend);
    server.isDown = true;
    const { client, asked } = open(server, backend);
    expect(client.store?.isLoaded).toBe(false);
    await client.load();
    expect([client.status, client.store?.isLoaded, client.conversations.isListed]).toEqual([
      "idle",
      true,
      true,
    ]);
    expect(client.conversations.viewer).toBe(ANN);
    expect(client.conversations.ids().sort()).toEqual([A, B].sort());
    expect(client.conversations.get(A)?.messages.map(({ content }) => content)).toEqual([
      ...["text 2", "text 3", "text 4"],
    ]);
    expect(client.conversations.listItem(A)?.conversation_id).toBe(A);
    expect(client.unread).toMatchObject({ messages: 0 });
    server.say(A, BOB);
    server.isDown = false;
    const sent: string[] = [];
    client.on("event", (event) => {
      if (event.type === "conversation.sync" && event.conversation_id === A)
        sent.push(`since ${event.data.since}`);
    });
    client.start();
    await wait(50);
    expect(client.conversations.get(A)?.messages).toHaveLength(4);
    expect(sent).toContain("since 4");
    expect(asked.filter((path) => path.startsWith("/sync"))[0]).toMatch(/^\/sync\?since=\d+$/);
  });

  it("[STORE-2] sends once, under its id and in order, what was written offline before the page was closed", async () => {
    const server = talk();
    const backend = memoryBackend();
    await used(server, backend);
    server.isDown = true;
    const first = open(server, backend).client;
    first.start();
    await wait();
    for (const content of ["one", "two", "three"]) void first.send(A, { content }).catch(() => undefined);
    await wait();
    const ids = first.outbox.pending(A).map((one) => one.client_message_id);
    first.stop();
    const { client } = open(server, backend);
    client.start();
    await wait();
    expect(client.outbox.pending(A).map((one) => one.client_message_id)).toEqual(ids);
    server.isDown = false;
    await wait(100);
    expect(server.sends).toEqual(["one", "two", "three"]);
    const own = client.conversations.get(A)?.messages.filter(({ sender_id }) => sender_id === ANN) ?? [];
    expect(own.map((one) => one.client_message_id)).toEqual(ids);
    expect(await backend.load("outbox")).toEqual({});
  });

  it("[STORE-3] does not send again what it sees in its conversation, though its acknowledgement was lost", async () => {
    const server = talk();
    const backend = memoryBackend();
    await used(server, backend, (client) => void client.send(A, { content: "once" }));
    const sent = server.rooms.get(A)?.state.messages.at(-1);
    const id = String(sent?.client_message_id);
    const entry = {
      client_message_id: id,
      conversation_id: A,
      data: { type: "text", content: "once" },
      queued_at: 0,
    };
    await backend.save("outbox", { [id]: { entry, order: 1, run: "gone" } });
    const { client } = open(server, backend);
    client.start();
    await wait(50);
    expect(server.sends).toEqual(["once"]);
    expect(client.outbox.pending(A)).toEqual([]);
    expect(await backend.load("outbox")).toEqual({});
  });

  it("[STORE-4] shows nothing while nobody knows whose it is, unless the app says it", async () => {
    const server = talk();
    const backend = memoryBackend();
    await used(server, backend);
    const noToken = (): never => {
      throw new Error("signed out");
    };
    const unknown = open(server, backend, { token: noToken }).client;
    await unknown.load();
    expect(unknown.conversations.ids()).toEqual([]);
    const known = open(server, backend, { token: noToken, user_id: ANN.toUpperCase() }).client;
    await known.load();
    expect(known.conversations.ids()).toHaveLength(2);
  });

  it("[STORE-5] shows nothing of another user's, and removes it; also where the token becomes another's later", async () => {
    const server = talk();
    const backend = memoryBackend();
    await used(server, backend);
    const other = open(server, backend, { token: () => token(3600, BOB) }).client;
    await other.load();
    expect(other.conversations.ids()).toEqual([]);
    expect(await textOf(backend)).not.toContain("text 2");

    await used(server, backend);
    // The app believes that it is still Ann, and has written something.
    server.isDown = true;
    const changing = open(server, backend, { token: () => token(3600, BOB), user_id: ANN }).client;
    const forgotten = vi.fn();
    changing.on("forgotten", forgotten);
    await changing.load();
    expect(changing.conversations.ids()).toHaveLength(2);
    void changing.send(A, { content: "Ann's own" }).catch(() => undefined);
    changing.start();
    await wait(50);
    expect(forgotten).toHaveBeenCalledTimes(1);
    expect(changing.conversations.ids()).toEqual([]);
    expect(changing.outbox.pending(A)).toEqual([]);
    expect(await textOf(backend)).not.toMatch(/text 2|Ann's own/);
    server.isDown = false;
    await wait(50);
    expect(server.sends).toEqual([]);
  });

  it("[STORE-6] is empty after logging out, and nothing is written to it later", async () => {
    const server = talk();
    const backend = memoryBackend();
    const { client } = open(server, backend);
    client.start();
    await wait();
    server.say(A, BOB, { content: "secret" });
    await client.logOut();
    await wait(1_000);
    expect(await textOf(backend)).not.toMatch(/secret|text 2/);
    expect(client.conversations.ids()).toEqual([]);
    client.start();
    await wait(1_000);
    expect(client.conversations.ids()).toHaveLength(2);
    expect(await textOf(backend)).toContain("secret");
  });

  it("[STORE-7] holds nothing of what was deleted, withheld or has expired, once it has resumed", async () => {
    const server = talk();
    const backend = memoryBackend();
    server.say(A, ANN, { content: "to be deleted" });
    server.say(B, BOB, { content: "to be withheld" });
    const expires_at = new Date(Date.now() + 10_000).toISOString();
    server.say(A, BOB, { content: "to expire", expires_at });
    await used(server, backend);
    expect(await textOf(backend)).toMatch(/to be deleted.*to expire.*to be withheld/);
    server.change(A, 1, "delete");
    server.withhold(B);
    vi.setSystemTime(Date.now() + 20_000);
    server.isDown = true;
    const { client } = open(server, backend);
    await client.load();
    const shown = () => client.conversations.get(A)?.messages.map(({ content }) => content);
    // Offline it knows of the time alone.
    expect(shown()?.slice(-2)).toEqual(["to be deleted", ""]);
    server.change(A, 0, "delete");
    server.isDown = false;
    client.start();
    await wait(1_000);
    expect(shown()?.slice(-2)).toEqual(["", ""]);
    expect(client.conversations.get(B)?.messages).toEqual([]);
    expect(await textOf(backend)).not.toMatch(/to be deleted|to expire|to be withheld/);
  });

  it("[STORE-8] keeps no more conversations and messages than its options say, and then asks for the whole list", async () => {
    const server = talk();
    const backend = memoryBackend();
    server.say(A, BOB, { created_at: "2026-11-16T10:30:01.000Z" });
    const { client } = open(server, backend, { store: { keep_conversations: 1, keep_messages: 2 } });
    client.start();
    await wait(1_000);
    expect(Object.keys(await backend.load("list"))).toEqual([A]);
    expect(await backend.load(`c:${B}`)).toEqual({});
    const { messages } = (await backend.load(`c:${A}`)) as { messages: { value: unknown[] } };
    expect(messages.value).toHaveLength(2);
    client.stop();
    await wait();
    const next = open(server, backend);
    await next.client.load();
    expect([next.client.conversations.ids(), next.client.conversations.isListed]).toEqual([[A], false]);
    next.client.start();
    await wait(50);
    expect(next.client.conversations.ids().sort()).toEqual([A, B].sort());
    expect(next.asked.filter((path) => path.startsWith("/sync"))).toEqual(["/sync"]);
  });

  it("[STORE-9] whose list lacks what the token takes for known, asks for the whole list too", async () => {
    const server = talk();
    const backend = memoryBackend();
    await used(server, backend);
    await backend.save("list", { [B]: undefined });
    const { client, asked } = open(server, backend);
    client.start();
    await wait(50);
    expect(asked.filter((path) => path.startsWith("/sync"))).toEqual(["/sync"]);
    expect(client.conversations.ids()).toHaveLength(2);
  });

  it("[STORE-10] writes what happens together once, half a second later, and at once when the page is hidden", async () => {
    const server = talk();
    const backend = memoryBackend();
    const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
    vi.stubGlobal("document", page);
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    const save = vi.spyOn(backend, "save");
    const { client } = open(server, backend);
    client.start();
    await wait(1_000);
    save.mockClear();
    for (let count = 0; count < 50; count++) server.say(A, BOB);
    await wait(499);
    expect(save).not.toHaveBeenCalled();
    await wait(1);
    expect(save.mock.calls.map(([scope]) => scope)).toEqual([`c:${A}`]);
    // Members have not changed.
    expect(Object.keys(save.mock.calls[0]?.[1] ?? {})).toEqual(["head", "messages"]);
    for (const event of ["pagehide", "visibilitychange"]) {
      save.mockClear();
      server.say(A, BOB);
      page.visibilityState = "hidden";
      page.dispatchEvent(new Event(event));
      await wait(0);
      expect(
        save.mock.calls.map(([scope]) => scope),
        event,
      ).toEqual([`c:${A}`]);
    }
    vi.unstubAllGlobals();
  });
});
