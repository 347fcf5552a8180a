/** One socket for all tabs of a browser. */
import { ChatClient, type ClientOptions } from "@rocket-chat-api/client";
import { sharedSocket } from "@rocket-chat-api/client/tabs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANN, BOB, token } from "./client-kit.ts";
import { ModelServer, roomId, viewOf } from "./store-model.ts";
import { FakeBrowser, type FakeTab } from "./tabs-kit.ts";

const A = roomId(0);
const clients: ChatClient[] = [];
const wait = (ms = 50) => vi.advanceTimersByTimeAsync(ms);

function talk(): ModelServer {
  const server = new ModelServer();
  server.create(0);
  server.say(A, BOB);
  return server;
}

/** A client in a tab. */
function open(server: ModelServer, tab: FakeTab, options: Partial<ClientOptions> = {}): ChatClient {
  const client = new ChatClient({
    url: "https://chat.test",
    token: () => token(3600),
    ...{ auth: "token", fetch: (url) => server.fetch(url) },
    openSocket: sharedSocket({ openSocket: server.open, platform: tab }),
    backoff: { base_ms: 40, cap_ms: 1_000, random: () => 0.5 },
    ...options,
  });
  clients.push(client);
  client.start();
  return client;
}

/** So many tabs, of which the first leads. */
async function browser(count: number, server = talk()) {
  const chromium = new FakeBrowser();
  const tabs: FakeTab[] = [];
  const opened: ChatClient[] = [];
  for (let index = 0; index < count; index++) {
    const tab = chromium.tab();
    tabs.push(tab);
    opened.push(open(server, tab));
    await wait();
  }
  return { server, chromium, tabs, clients: opened as [ChatClient, ChatClient, ChatClient] };
}

const texts = (client: ChatClient) => client.conversations.get(A)?.messages.map(({ content }) => content);

/** Every client holds what the service has. */
function agree(server: ModelServer, ...all: ChatClient[]): void {
  const { state } = server.rooms.get(A) ?? expect.fail("no room");
  for (const client of all) {
    expect(client.status).toBe("open");
    expect(viewOf(client.conversations.get(A) ?? expect.fail("no state"), 100)).toEqual(viewOf(state, 100));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const client of clients.splice(0)) client.stop();
  vi.clearAllTimers();
  vi.useRealTimers();
});

describe("tabs of the same user and service", () => {
  it("[TABS-1] have one socket; each hears everything, sends, and gets its own answers", async () => {
    const { server, clients } = await browser(3);
    expect([server.opened, server.connections]).toEqual([1, 1]);
    server.say(A, BOB, { content: "to all" });
    await wait();
    const sent = clients.map((client, index) => client.send(A, { content: `of tab ${index}` }));
    await wait();
    expect((await Promise.all(sent)).map(({ content }) => content)).toEqual([
      "of tab 0",
      "of tab 1",
      "of tab 2",
    ]);
    expect(server.sends).toHaveLength(3);
    agree(server, ...clients);
    expect(clients[2].unread).toMatchObject({ messages: 0 });
    await expect(clients[1].send(roomId(5), { content: "x" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it.each([
    ["is stopped", (_: FakeTab, client: ChatClient) => client.stop()],
    ["is closed", (tab: FakeTab) => tab.leave()],
    ["is killed", (tab: FakeTab) => tab.kill()],
  ])(
    "[TABS-2] go on when the one that leads %s: nothing is lost, and nothing comes twice",
    async (_, end) => {
      const { server, tabs, clients } = await browser(3);
      const waiting = clients[1].send(A, { content: "before" });
      await wait();
      await waiting;
      const [tab = expect.fail("no tab")] = tabs;
      end(tab, clients[0]);
      // The socket of a tab that is gone ends too, and meanwhile something happens.
      server.cut();
      server.say(A, BOB, { content: "in between" });
      const sent = clients[2].send(A, { content: "while nobody leads" });
      await wait(1_000);
      expect((await sent).content).toBe("while nobody leads");
      agree(server, clients[1], clients[2]);
      expect([server.opened, server.connections]).toEqual([2, 1]);
      expect(server.sends).toEqual(["before", "while nobody leads"]);
    },
  );

  it("[TABS-3] take over from one that is frozen, which follows when it is awake again", async () => {
    const { server, tabs, clients } = await browser(3);
    tabs[0]?.freeze();
    server.say(A, BOB, { content: "while frozen" });
    await wait(25_000);
    agree(server, clients[1], clients[2]);
    expect(server.opened).toBe(2);
    tabs[0]?.thaw();
    server.say(A, BOB, { content: "awake" });
    await wait(30_000);
    agree(server, ...clients);
    expect(server.connections).toBe(1);
  });

  it("[TABS-4] that come later hear first what the others have heard: profiles, and the newest totals", async () => {
    const { server, chromium, clients } = await browser(2);
    const ann = { user_id: ANN, username: "ann", display_name: "Ann" };
    const totals = { messages: 7, mentions: 0, conversations: 1, muted_messages: 0 };
    server.tell({ type: "unread.total", data: totals });
    server.tell({ type: "profiles", data: { profiles: [ann] } });
    await wait();
    const late = open(server, chromium.tab());
    await wait();
    expect(late.unread).toEqual(totals);
    // In the short form: who said it was told before this tab was there.
    const { state } = server.rooms.get(A) ?? expect.fail("no room");
    const data = { sender_id: ANN, content: "short", created_at: "2026-11-16T10:30:00.000Z" };
    server.tell({ type: "message.new", conversation_id: A, seq: state.seq + 1, data });
    await wait();
    for (const client of [...clients, late].filter(Boolean)) {
      expect(client.conversations.get(A)?.messages.at(-1)).toMatchObject({
        content: "short",
        sender: { ...ann, profile_photo_url: null },
      });
    }
    expect(server.opened).toBe(1);
  });

  it("[TABS-5 R27] are one device: in the foreground while any of them is, and there while any of them is", async () => {
    const { server, tabs, clients } = await browser(2);
    const said = () =>
      server.commands.filter(({ type }) => type === "device.state").map((one) => one.foreground);
    const screen = (client: ChatClient, foreground: boolean) =>
      client.command({ type: "device.state", foreground, conversation_id: foreground ? A : null });
    const [first, second] = clients;
    await screen(first, true);
    await screen(second, false);
    expect(said()).toEqual([true]);
    await screen(second, true);
    await screen(first, false);
    expect(said()).toEqual([true]);
    await screen(second, false);
    expect(said()).toEqual([true, false]);
    await screen(second, true);
    tabs[1]?.leave();
    await wait();
    expect(said()).toEqual([true, false, true, false]);

    const statuses = () =>
      server.commands.filter(({ type }) => type === "presence.update").map((one) => one.status);
    await first.setPresence("away");
    expect(statuses()).toEqual(["away"]);
    const third = open(server, new FakeBrowser().tab());
    await wait();
    third.stop();
  });

  it("[TABS-5 R22] are online while any of them is", async () => {
    const { server, chromium, clients } = await browser(1);
    const statuses = () =>
      server.commands.filter(({ type }) => type === "presence.update").map((one) => one.status);
    await clients[0].setPresence("away");
    const second = open(server, chromium.tab());
    await wait();
    expect(statuses()).toEqual(["away", "online"]);
    await second.setPresence("offline");
    expect(statuses()).toEqual(["away", "online", "away"]);
    second.stop();
    await wait();
    expect(statuses()).toEqual(["away", "online", "away"]);
  });

  it("[TABS-6] a tab that is gone without a word is out of that within some minutes", async () => {
    const { server, tabs, clients } = await browser(2);
    await clients[1].command({ type: "device.state", foreground: true, conversation_id: A });
    await clients[0].command({ type: "device.state", foreground: false, conversation_id: null });
    tabs[1]?.kill();
    clients[1].stop();
    await wait(5 * 60_000);
    expect(server.commands.findLast(({ type }) => type === "device.state")).toMatchObject({
      foreground: false,
    });
  });

  it("[TABS-7] say no token to each other, and a token that one renews stays in its tab", async () => {
    const server = talk();
    const chromium = new FakeBrowser();
    const own = [token(65), token(66)];
    const made = own.map((first, index) => {
      let given = first;
      return open(server, chromium.tab(), {
        token: ({ refresh }) => {
          if (refresh) given = token(3600 + index);
          own.push(given);
          return given;
        },
      });
    });
    await wait(30_000);
    await wait(30_000);
    const refreshed = server.commands.filter(({ type }) => type === "auth.refresh");
    expect(refreshed).toHaveLength(1);
    for (const one of own) expect(chromium.posted.filter((text) => text.includes(one))).toEqual([]);
    expect(chromium.posted.filter((text) => /token|ticket|auth/.test(text))).toEqual([]);
    agree(server, ...made);
  });

  it("[TABS-8] hear why the socket has ended, each by its own client", async () => {
    const { server, clients } = await browser(2);
    const closed: number[] = [];
    for (const client of clients) client.on("closed", ({ code }) => closed.push(code));
    server.cut(4009);
    await wait(1_000);
    expect(closed).toEqual([4009, 4009]);
    agree(server, ...clients);
    expect(server.connections).toBe(1);
  });

  it("[TABS-9] wait together where the service is down, and have one socket when it is back", async () => {
    const { server, clients } = await browser(3);
    server.isDown = true;
    server.cut();
    await wait(10_000);
    expect(clients.map(({ status }) => status)).not.toContain("open");
    server.isDown = false;
    server.say(A, BOB);
    await wait(40_000);
    agree(server, ...clients);
    expect(server.connections).toBe(1);
  });
});

describe("a tab that takes over", () => {
  it("[TABS-13] and whose client stops before it has a socket, lets another one", async () => {
    const { server, tabs, clients } = await browser(3);
    const ended: ChatClient[] = [];
    for (const client of clients.slice(1)) {
      client.on("closed", () => {
        // The first that hears of it is the one that may lead.
        if (ended.length > 0) return;
        ended.push(client);
        client.stop();
      });
    }
    tabs[0]?.kill();
    clients[0].stop();
    server.cut();
    await wait(2_000);
    expect(ended).toHaveLength(1);
    const left = clients.slice(1).filter((client) => !ended.includes(client));
    agree(server, ...left);
    expect(server.opened).toBe(2);
  });
});

describe("tabs without a service", () => {
  it("[TABS-14] wait for the one that may lead, which cannot even get a ticket, and do not take each other's place", async () => {
    const server = talk();
    const chromium = new FakeBrowser();
    const tabs = [0, 1, 2, 3].map(() => chromium.tab());
    const all: ChatClient[] = [];
    for (const tab of tabs) {
      all.push(open(server, tab, { auth: "ticket" }));
      await wait();
    }
    server.isDown = true;
    tabs[0]?.kill();
    all[0]?.stop();
    await wait(50_000);
    expect(chromium.steals).toBe(0);
    server.isDown = false;
    await wait(40_000);
    agree(server, ...all.slice(1));
    expect([server.connections, chromium.steals]).toEqual([1, 0]);
  });
});

describe("tabs that share nothing", () => {
  it("[TABS-10] are those of other users, services, devices and conversations' own sockets", async () => {
    const server = talk();
    const chromium = new FakeBrowser();
    open(server, chromium.tab());
    open(server, chromium.tab(), { token: () => token(3600, BOB) });
    open(server, chromium.tab(), { url: "https://other.test" });
    open(server, chromium.tab(), { device_id: "another" });
    open(server, chromium.tab(), { conversation_id: A });
    open(server, chromium.tab(), { conversation_id: A });
    await wait();
    expect(server.opened).toBe(6);
    open(server, chromium.tab());
    await wait();
    expect(server.opened).toBe(6);
  });

  it("[TABS-11] are those of a browser without locks or channels: each has a socket of its own", async () => {
    for (const missing of ["navigator", "BroadcastChannel"]) {
      vi.stubGlobal(missing, undefined);
      const server = talk();
      const openSocket = sharedSocket({ openSocket: server.open });
      const both = [0, 1].map(() => open(server, new FakeBrowser().tab(), { openSocket }));
      await wait();
      expect(server.connections).toBe(2);
      agree(server, ...both);
      vi.unstubAllGlobals();
    }
  });

  it("[TABS-12] two clients of one page share too, and so do pages with the locks and channels of Node.js", async () => {
    vi.useRealTimers();
    const server = talk();
    const inPage = sharedSocket({ openSocket: server.open });
    const options = [inPage, inPage, sharedSocket({ openSocket: server.open })];
    const all = options.map((openSocket) => open(server, new FakeBrowser().tab(), { openSocket }));
    await expect.poll(() => all.map(({ status }) => status)).toEqual(["open", "open", "open"]);
    await expect.poll(() => all.map((client) => texts(client)?.length)).toEqual([1, 1, 1]);
    expect(server.opened).toBe(1);
    // Whichever leads is among them.
    for (let count = 2; count <= 3; count++) {
      all.shift()?.stop();
      server.say(A, BOB);
      await expect.poll(() => server.connections).toBe(1);
      await expect.poll(() => all.map((client) => texts(client)?.length)).toEqual(all.map(() => count));
    }
    expect(server.opened).toBeGreaterThan(1);
  });
});
