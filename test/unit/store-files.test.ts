/** Messages with files that wait in the store, and messages of other tabs. */
import { ChatClient } from "@rocket-chat-api/client";
import { Outgoing } from "@rocket-chat-api/client/outgoing";
import { memoryBackend, offlineStore, type StoreBackend } from "@rocket-chat-api/client/store";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Runs } from "../../packages/client/src/store/runs.ts";
import { BOB, token } from "./client-kit.ts";
import { ModelServer, roomId } from "./store-model.ts";

const A = roomId(0);
const clients: ChatClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.stop();
  vi.unstubAllGlobals();
});

/** An application that can upload. @param uploads gets the bytes. */
function open(server: ModelServer, backend: StoreBackend, uploads: string[] = [], runs?: Runs) {
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    if (server.isDown) throw new TypeError("down");
    uploads.push(`${url} ${await (init.body as Blob).text()}`);
    return new Response();
  });
  const client = new ChatClient({
    url: "https://chat.test",
    token: () => token(3600),
    ...{ auth: "token", openSocket: server.open, backoff: { base_ms: 1, cap_ms: 1, random: () => 0 } },
    fetch: async (url) => {
      if (!url.endsWith("/upload-url") || server.isDown) return await server.fetch(url);
      return Response.json({ attachment_id: "a1", upload_url: "https://bucket.test/a1", headers: {} });
    },
    store: offlineStore(backend, { write_ms: 1 }, runs),
  });
  clients.push(client);
  return { client, outgoing: new Outgoing(client), uploads };
}

async function talk(backend: StoreBackend): Promise<ModelServer> {
  const server = new ModelServer();
  server.create(0);
  server.say(A, BOB);
  const { client } = open(server, backend);
  client.start();
  await expect.poll(() => client.conversations.get(A)?.seq).toBe(2);
  await client.store?.flush();
  client.stop();
  server.isDown = true;
  return server;
}

describe("a message with a file that was written offline", () => {
  it("[STORE-15] is uploaded and sent once by the next run, where the store keeps files", async () => {
    const backend = memoryBackend();
    const server = await talk(backend);
    const first = open(server, backend);
    first.client.start();
    const id = first.outgoing.send(A, { content: "look" }, [
      { file: new File(["bytes"], "a.txt", { type: "text/plain" }) },
    ]);
    await expect.poll(async () => Object.keys(await backend.load("files"))).toEqual([id]);
    expect(first.outgoing.list(A)).toMatchObject([{ state: "uploading" }]);
    first.client.stop();
    first.outgoing.stop();

    const next = open(server, backend);
    await next.client.load();
    await expect
      .poll(() => next.outgoing.list(A))
      .toMatchObject([{ client_message_id: id, state: "uploading" }]);
    server.isDown = false;
    next.client.start();
    await expect.poll(() => server.sends).toEqual(["look"]);
    expect(next.uploads).toEqual(["https://bucket.test/a1 bytes"]);
    const said = server.rooms.get(A)?.state.messages.at(-1);
    expect(said?.client_message_id).toBe(id);
    await expect.poll(() => next.outgoing.list(A)).toEqual([]);
    await expect.poll(async () => await backend.load("files")).toEqual({});
  });

  it("[STORE-16] is shown as failed where its bytes were not kept, and goes when it is cancelled", async () => {
    const backend: StoreBackend = { ...memoryBackend(), keepsFiles: false };
    const server = await talk(backend);
    const first = open(server, backend);
    await first.client.load();
    const picked = { uri: "file:///a.jpg", name: "a.jpg", size: 3, type: "image/jpeg" };
    const lost = first.outgoing.send(A, {}, [{ file: new File(["bytes"], "b.txt") }]);
    const kept = first.outgoing.send(A, {}, [{ file: picked }]);
    await expect.poll(async () => Object.keys(await backend.load("files"))).toHaveLength(2);
    first.outgoing.stop();
    const { client, outgoing } = open(server, backend);
    await client.load();
    await expect.poll(() => outgoing.list(A)).toHaveLength(2);
    const [one, other] = outgoing.list(A);
    expect(one).toMatchObject({ client_message_id: lost, state: "failed", error: { name: "FileNotKept" } });
    expect(String(one?.error)).toContain("b.txt was not kept");
    // A file of React Native is where it was.
    expect(other).toMatchObject({ client_message_id: kept, state: "uploading", files: [{ file: picked }] });
    outgoing.retry(lost);
    expect(outgoing.list(A)[0]?.state).toBe("failed");
    outgoing.cancel(A, lost);
    await expect.poll(async () => Object.keys(await backend.load("files"))).toEqual([kept]);
    outgoing.stop();
  });

  it("[STORE-17] is not uploaded again once the outbox has it", async () => {
    const backend = memoryBackend();
    const server = await talk(backend);
    const entry = {
      client_message_id: "m",
      conversation_id: A,
      data: { type: "file", content: "in both" },
      queued_at: 1,
    };
    const row = { order: 1, run: "old" };
    await backend.save("outbox", { m: { ...row, entry } });
    await backend.save("files", {
      m: { ...row, entry: { ...entry, files: [{ file: new File(["x"], "x") }] } },
    });
    const { client, uploads } = open(server, backend);
    server.isDown = false;
    client.start();
    await expect.poll(() => server.sends).toEqual(["in both"]);
    await expect.poll(async () => await backend.load("files")).toEqual({});
    expect(uploads).toEqual([]);
  });
});

describe("an application in two tabs", () => {
  it("[STORE-18] leaves what a living tab has to send to that one, and takes over what a dead one has left", async () => {
    const alive = new Set<string>();
    const runs: Runs = {
      begin: (run) => void alive.add(run),
      alive: async () => alive,
      end: (run) => void alive.delete(run),
    };
    const backend = memoryBackend();
    const server = await talk(backend);
    const first = open(server, backend, [], runs).client;
    await first.load();
    void first.send(A, { content: "mine" }).catch(() => undefined);
    await expect.poll(async () => Object.keys(await backend.load("outbox"))).toHaveLength(1);
    const second = open(server, backend, [], runs).client;
    await second.load();
    expect(second.outbox.pending(A)).toEqual([]);
    alive.clear();
    const third = open(server, backend, [], runs).client;
    await third.load();
    await expect.poll(() => third.outbox.pending(A)).toHaveLength(1);
    // It is this tab's now.
    const fourth = open(server, backend, [], runs).client;
    await fourth.load();
    expect(fourth.outbox.pending(A)).toEqual([]);
    // A client that has stopped sends nothing: the next one does.
    third.start();
    await expect.poll(() => third.status).not.toBe("idle");
    third.stop();
    await expect.poll(() => alive.size).toBe(1);
    const fifth = open(server, backend, [], runs).client;
    await fifth.load();
    await expect.poll(() => fifth.outbox.pending(A)).toHaveLength(1);
  });
});
