/** What an application shows after any number of reloads is what it would show had it never been closed. */
import { ChatClient } from "@rocket-chat-api/client";
import { offlineStore, type StoreOptions } from "@rocket-chat-api/client/store";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANN, BOB, token } from "./client-kit.ts";
import { Disk, ModelServer, roomId, viewOf } from "./store-model.ts";

const KEEP = 6;

type Step =
  | { do: "create"; room: number }
  | { do: "say"; room: number }
  | { do: "change"; room: number; back: number; kind: "edit" | "delete" | "react" }
  | { do: "own"; room: number; back: number; kind: "hide" | "read" }
  | { do: "withhold" | "remove"; room: number }
  | { do: "send"; room: number }
  | { do: "offline"; room: number; count: number; left: number }
  | { do: "cut" | "down" | "up" | "loseAcks" | "keepAcks" | "close" }
  | { do: "turn"; tab: number }
  | { do: "kill"; left: number }
  | { do: "wait"; ms: number };

const room = fc.nat({ max: 3 });
const back = fc.nat({ max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("create" as const), room }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("say" as const), room }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      ...{ room, back, kind: fc.constantFrom("edit" as const, "delete" as const, "react" as const) },
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("own" as const),
      ...{ room, back, kind: fc.constantFrom("hide" as const, "read" as const) },
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("withhold" as const, "remove" as const), room }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), room }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("cut", "down", "up", "loseAcks", "keepAcks", "close"),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("offline" as const),
      ...{ room, count: fc.integer({ min: 1, max: 3 }), left: fc.constantFrom(0, 1, 2, 1_000) },
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("turn" as const), tab: fc.nat({ max: 1 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("kill" as const), left: fc.nat({ max: 12 }) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 5, 600) }) },
);

/** An application that is opened again and again, in one tab or in two. */
class Application {
  readonly server = new ModelServer();
  readonly disk = new Disk();
  /** What Ann has written by tab and room, in order. */
  readonly written = new Map<string, string[]>();
  readonly problems: unknown[] = [];
  readonly clients: ChatClient[] = [];
  /** The tab that Ann uses. */
  tab = 0;
  readonly #options: StoreOptions;

  constructor(options: StoreOptions, tabs: number) {
    this.#options = options;
    for (let tab = 0; tab < tabs; tab++) this.open(tab);
  }

  get client(): ChatClient {
    return this.clients[this.tab] as ChatClient;
  }

  /** The application starts, and is used at once. */
  open(tab = this.tab): void {
    const client = new ChatClient({
      url: "https://chat.test",
      token: () => token(3600),
      ...{ auth: "token", openSocket: this.server.open, fetch: (url) => this.server.fetch(url) },
      store: offlineStore(this.disk.mount(tab), this.#options),
      backoff: { base_ms: 1, cap_ms: 1, random: () => 0 },
    });
    client.on("error", (error) => {
      // One that was killed says nothing.
      const isAlive = this.clients[tab] === client;
      if (isAlive && /STORE_FAILED|CLIENT_FAULT/.test(error.code)) this.problems.push(error);
    });
    client.start();
    this.clients[tab] = client;
  }

  send(id: string): void {
    const key = `of tab ${this.tab} in ${id}`;
    const texts = this.written.get(key) ?? [];
    const content = `${texts.length} ${key}`;
    this.written.set(key, [...texts, content]);
    void this.client.send(id, { content }).catch(() => undefined);
  }
}

async function settle(ms = 5): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

async function run(app: Application, one: Step): Promise<void> {
  const { server } = app;
  const id = "room" in one ? roomId(one.room) : "";
  const isIn = server.rooms.has(id);
  switch (one.do) {
    case "create":
      return server.create(one.room);
    case "say":
      if (isIn) server.say(id, BOB);
      return;
    case "change":
      if (isIn) server.change(id, one.back, one.kind);
      return;
    case "own":
      if (isIn) server.own(id, one.back, one.kind);
      return;
    case "withhold":
      return server.withhold(id);
    case "remove":
      return server.remove(id);
    case "send":
      // What is written for a room that Ann is out of is refused: that is another test.
      if (isIn && app.client.conversations.get(id)?.membership === "member") {
        app.send(id);
        await settle(0);
      }
      return;
    case "cut":
      return server.cut();
    case "down":
      server.isDown = true;
      return server.cut();
    case "up":
      server.isDown = false;
      return;
    case "loseAcks":
      server.losesAcks = true;
      return;
    case "keepAcks":
      server.losesAcks = false;
      return;
    case "close":
      // A page that is left writes what it has.
      await settle(1);
      app.client.stop();
      await settle(1);
      return app.open();
    case "kill":
      // What was put into the outbox is there: the application is killed at any moment after.
      await settle(1);
      return await killed(app, one.left);
    case "offline": {
      server.isDown = true;
      server.cut();
      for (let sent = 0; sent < one.count; sent++) await run(app, { do: "send", room: one.room });
      await killed(app, one.left);
      server.isDown = false;
      return;
    }
    case "turn":
      app.tab = one.tab % app.clients.length;
      return;
    case "wait":
      return await settle(one.ms);
  }
}

/** The application ends in the middle of a write. */
async function killed(app: Application, left: number): Promise<void> {
  app.disk.kill(app.tab, left);
  void app.client.store?.flush();
  app.client.stop();
  await settle(1);
  app.open();
}

/** Everything is well again, and the application is where the service is. */
async function check(app: Application, keep: number): Promise<void> {
  const { server } = app;
  server.isDown = false;
  server.losesAcks = false;
  await settle(5_000);
  expect(app.problems).toEqual([]);
  for (const client of app.clients) holdsAll(client, server, keep);
  for (const [key, texts] of app.written) {
    const arrived = [...new Set(server.sends.filter((text) => text.endsWith(key)))];
    // What waited while Ann was removed is refused.
    const isIn = [...server.rooms.keys()].some((id) => key.endsWith(id));
    expect(arrived).toEqual(isIn ? texts : texts.filter((text) => arrived.includes(text)));
  }
}

function holdsAll(client: ChatClient, server: ModelServer, keep: number): void {
  const { conversations, outbox } = client;
  const known = conversations.ids().filter((id) => conversations.get(id)?.membership === "member");
  expect(known.sort()).toEqual([...server.rooms.keys()].sort());
  for (const [id, { state }] of server.rooms) {
    const held = conversations.get(id);
    if (!held) throw new Error(`${id} is missing`);
    expect(viewOf(held, keep)).toEqual(viewOf(state, keep));
    // No hole: from where the client says, it has everything.
    const there = state.messages.filter(({ seq }) => seq >= held.loaded_from);
    expect(held.messages.map(({ seq }) => seq)).toEqual(there.map(({ seq }) => seq));
    expect(outbox.pending(id)).toEqual([]);
    const own = state.messages.filter((one) => one.sender_id === ANN && one.client_message_id !== null);
    const ids = own.map(({ client_message_id }) => client_message_id);
    expect(new Set(ids).size).toBe(ids.length);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("an application that is closed, killed and opened again", () => {
  it.each([
    ["all of four rooms", { keep_conversations: 10, keep_messages: 1_000 }, 1],
    ["two rooms, and the newest messages", { keep_conversations: 2, keep_messages: KEEP }, 1],
    ["all of four rooms in one store for two tabs", { keep_conversations: 10, keep_messages: KEEP }, 2],
    ["two rooms in one store for two tabs", { keep_conversations: 2, keep_messages: 1_000 }, 2],
  ])(
    "[STORE-20] that keeps %s holds what one holds that was never away; no message doubles or is out of order",
    async (_, options, tabs) => {
      const keep = Math.min(options.keep_messages, KEEP);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const app = new Application(options, tabs);
          app.server.create(0);
          app.server.create(1);
          await settle();
          for (const one of steps) await run(app, one);
          await check(app, keep);
          for (let tab = 0; tab < tabs; tab++) {
            app.clients[tab]?.stop();
            await settle();
            app.open(tab);
          }
          await check(app, keep);
          for (const client of app.clients) client.stop();
          vi.clearAllTimers();
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );
});
