/** A person who logs out while the store is still being read: nothing of them comes back, on the screen or in the store. */
import { ChatClient } from "@rocket-chat-api/client";
import { memoryBackend, offlineStore, type StoreBackend } from "@rocket-chat-api/client/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BOB, token } from "./client-kit.ts";
import { ModelServer, roomId } from "./store-model.ts";

const A = roomId(0);
const wait = (ms = 5) => vi.advanceTimersByTimeAsync(ms);

function open(server: ModelServer, backend: StoreBackend) {
  return new ChatClient({
    url: "https://chat.test",
    token: () => token(3600),
    ...{ auth: "token", openSocket: server.open, fetch: (url) => server.fetch(url) },
    backoff: { base_ms: 1, cap_ms: 1, random: () => 0 },
    store: offlineStore(backend),
  });
}

/** A store with a conversation of Ann's, and a text that waits to be sent. */
async function kept(server: ModelServer): Promise<StoreBackend> {
  const backend = memoryBackend();
  const client = open(server, backend);
  client.start();
  await wait(1_000);
  server.isDown = true;
  server.cut();
  void client.send(A, { content: "unsent" }).catch(() => undefined);
  await wait(1_000);
  client.stop();
  await wait();
  expect(Object.keys(await backend.load("outbox"))).toHaveLength(1);
  return backend;
}

/** Everything that a place holds. */
async function left(backend: StoreBackend) {
  const scopes = ["list", "outbox", "files", `c:${A}`];
  return Object.assign({}, ...(await Promise.all(scopes.map((scope) => backend.load(scope)))));
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
});

describe("logging out while the store is read", () => {
  it.each(["meta", "outbox", "list", `c:${A}`])(
    "[STORE-19] forgets everything, also when it is at %s",
    async (slow) => {
      const server = new ModelServer();
      server.create(0);
      server.say(A, BOB);
      const backend = await kept(server);
      let answer: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const load = async (scope: string) => {
        const fields = await backend.load(scope);
        if (scope === slow) await asked;
        return fields;
      };
      const client = open(server, { ...backend, load });
      client.start();
      await wait();
      const said = client.send(A, { content: "said before" });
      const refused = expect(said).rejects.toThrow("cancelled");
      const entry = {
        client_message_id: "f",
        conversation_id: A,
        data: { type: "text", content: "file" },
      } as const;
      void client.store?.files.put({ ...entry, queued_at: 0, files: [] });
      const out = client.logOut();
      await wait();
      answer();
      await wait(5_000);
      await out;
      expect([client.conversations.ids(), client.outbox.pending(A)]).toEqual([[], []]);
      expect(client.store?.isLoaded).toBe(false);
      expect(await left(backend)).toEqual({});
      // Whoever signs in next sends nothing of theirs, neither with this client nor at later starts.
      server.isDown = false;
      for (const next of [client, open(server, backend), open(server, backend)]) {
        next.start();
        await wait(1_000);
        expect(next.conversations.ids()).toEqual([A]);
        next.stop();
        await wait();
      }
      await refused;
      expect(server.sends).toEqual([]);
      expect([await backend.load("outbox"), await backend.load("files")]).toEqual([{}, {}]);
    },
  );
});
