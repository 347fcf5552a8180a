// @vitest-environment happy-dom
/** The hooks over a client with a store. */
import { ChatClient } from "@rocket-chat-api/client";
import { memoryBackend, offlineStore, type StoreBackend } from "@rocket-chat-api/client/store";
import {
  ChatProvider,
  useConnection,
  useConversations,
  useMessages,
  useUnread,
} from "@rocket-chat-api/react";
import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { BOB, token } from "./client-kit.ts";
import { settle } from "./react-kit.ts";
import { ModelServer, roomId } from "./store-model.ts";

const A = roomId(0);

function open(server: ModelServer, backend: StoreBackend): ChatClient {
  return new ChatClient({
    url: "https://chat.test",
    token: () => token(3600),
    ...{ auth: "token", openSocket: server.open, fetch: (url) => server.fetch(url) },
    backoff: { base_ms: 1, cap_ms: 1, random: () => 0 },
    store: offlineStore(backend, { write_ms: 1 }),
  });
}

/** What a run of the application has left, whose service cannot be reached now. */
async function left() {
  const backend = memoryBackend();
  const server = new ModelServer();
  server.create(0);
  server.say(A, BOB);
  const client = open(server, backend);
  client.start();
  await expect.poll(() => client.conversations.isListed).toBe(true);
  await client.store?.flush();
  client.stop();
  server.isDown = true;
  return { backend, server };
}

/** Renders a page, and keeps what each rendering has shown. */
async function show(client: ChatClient, fallback?: string) {
  const seen: string[] = [];
  function Page() {
    const { items, isLoaded } = useConversations();
    const { messages } = useMessages(A);
    const { status, isOnline } = useConnection();
    const shown = `${items.length} ${isLoaded} ${messages.length} ${useUnread()?.messages} ${isOnline}`;
    seen.push(shown);
    return `${shown} ${status}`;
  }
  const host = document.createElement("div");
  const page = createElement(ChatProvider, { client, fallback }, createElement(Page));
  const root = createRoot(host);
  await act(async () => root.render(page));
  return { seen, host, page, unmount: () => act(async () => root.unmount()) };
}

const WHOLE = "1 true 1 0 false";

describe("the hooks over a client with a store", () => {
  it("[REACT-21] begin with what the store has where it is loaded before the first rendering, and are not online by that", async () => {
    const { backend, server } = await left();
    const client = open(server, backend);
    await client.load();
    const { seen, host, unmount } = await show(client);
    expect(new Set(seen)).toEqual(new Set([WHOLE]));
    expect(host.textContent).toMatch(/^1 true 1 0 false (connecting|waiting)$/);
    server.isDown = false;
    await act(async () => await expect.poll(() => client.status).toBe("open"));
    await settle();
    expect(host.textContent).toBe("1 true 1 0 true open");
    // Nothing was empty in between.
    expect(seen.filter((one) => !one.startsWith("1 true 1 0"))).toEqual([]);
    await unmount();
    client.stop();
  });

  it("[REACT-22] show a fallback until the store is loaded, on a server too", async () => {
    const { backend, server } = await left();
    const client = open(server, backend);
    const fallback = "one moment";
    const { seen, page, unmount } = await show(client, fallback);
    await settle();
    expect(new Set(seen)).toEqual(new Set([WHOLE]));
    await unmount();
    client.stop();
    const there = open(server, backend);
    expect(renderToString(createElement(ChatProvider, { client: there, fallback }, "content"))).toBe(
      fallback,
    );
    expect(renderToString(createElement(ChatProvider, { client: there }, "content"))).toBe("content");
    expect(page).toBeDefined();
  });

  it("[REACT-22] show the page, and no failure of the connection, where the store fails or the user is not known", async () => {
    const { server } = await left();
    const broken: StoreBackend = { ...memoryBackend(), load: () => Promise.reject(new Error("broken")) };
    const client = open(server, broken);
    const { host, unmount } = await show(client, "one moment");
    await settle();
    expect(host.textContent).toMatch(/^0 false 0 undefined false/);
    const stranger = new ChatClient({
      url: "https://chat.test",
      token: () => Promise.reject(new Error("signed out")),
      store: offlineStore(memoryBackend()),
    });
    const other = await show(stranger, "one moment");
    await settle();
    expect(other.host.textContent).toMatch(/^0 false 0/);
    await unmount();
    await other.unmount();
    client.stop();
    stranger.stop();
  });
});
