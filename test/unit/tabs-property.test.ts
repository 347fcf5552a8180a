/** Whatever becomes of tabs, those that are left hold what the service has, over one socket. */
import { ChatClient } from "@rocket-chat-api/client";
import { sharedSocket } from "@rocket-chat-api/client/tabs";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BOB, token } from "./client-kit.ts";
import { ModelServer, roomId, viewOf } from "./store-model.ts";
import { FakeBrowser, type FakeTab } from "./tabs-kit.ts";

const A = roomId(0);
const TABS = 4;

type Step =
  | { do: "open" | "leave" | "kill" | "stop" | "freeze" | "thaw" | "send"; tab: number }
  | { do: "say" | "cut" | "loseAcks" | "keepAcks" }
  | { do: "wait"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("open", "open", "leave", "kill", "stop", "freeze", "thaw", "send", "send"),
      tab: fc.nat({ max: TABS - 1 }),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("say", "say", "cut", "loseAcks", "keepAcks"),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 5, 300, 20_000) }),
  },
);

interface Open {
  tab: FakeTab;
  client: ChatClient;
  written: string[];
}

class Desk {
  readonly server = new ModelServer();
  readonly chromium = new FakeBrowser();
  readonly tabs: (Open | undefined)[] = [];
  #count = 0;

  open(at: number): void {
    if (this.tabs[at]) return;
    const tab = this.chromium.tab();
    const { server } = this;
    // What a tab hears and says is over when it is dead.
    const client = new ChatClient({
      url: "https://chat.test",
      token: () => token(36_000),
      ...{ auth: "token", fetch: (url) => server.fetch(url) },
      openSocket: sharedSocket({ openSocket: server.open, platform: tab }),
      backoff: { base_ms: 40, cap_ms: 1_000, random: () => 0.5 },
    });
    client.start();
    this.tabs[at] = { tab, client, written: [] };
  }

  send({ client, written }: Open): void {
    if (client.conversations.get(A)?.membership !== "member") return;
    this.#count += 1;
    const content = `message ${this.#count}`;
    written.push(content);
    void client.send(A, { content }).catch(() => undefined);
  }

  async run(one: Step): Promise<void> {
    const { server } = this;
    if (one.do === "wait") await vi.advanceTimersByTimeAsync(one.ms);
    else if (one.do === "say") server.say(A, BOB);
    else if (one.do === "cut") server.cut();
    else if (one.do === "loseAcks" || one.do === "keepAcks") server.losesAcks = one.do === "loseAcks";
    else if ("tab" in one) this.#act(one.do, one.tab);
  }

  #act(what: string, at: number): void {
    if (what === "open") this.open(at);
    const open = this.tabs[at];
    if (!open) return;
    const { tab, client } = open;
    if (what === "freeze") tab.freeze();
    else if (what === "thaw") tab.thaw();
    else if (what === "send") this.send(open);
    else if (what !== "open") {
      if (what === "leave") tab.leave();
      if (what === "kill") tab.kill();
      client.stop();
      if (what === "stop") tab.kill();
      delete this.tabs[at];
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it("[TABS-20] whatever tabs do, the rest have one socket and all that was said, and what one sends comes once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const desk = new Desk();
      const { server } = desk;
      server.create(0);
      server.say(A, BOB);
      desk.open(0);
      desk.open(1);
      await vi.advanceTimersByTimeAsync(100);
      for (const one of steps) await desk.run(one);
      server.losesAcks = false;
      for (const open of desk.tabs) open?.tab.thaw();
      desk.open(0);
      await vi.advanceTimersByTimeAsync(90_000);
      const { state } = server.rooms.get(A) ?? expect.fail("no room");
      const first = [...new Set(server.sends)];
      for (const { client, written } of desk.tabs.filter((open) => open !== undefined)) {
        expect(client.status).toBe("open");
        expect(viewOf(client.conversations.get(A) ?? expect.fail("no state"), 100)).toEqual(
          viewOf(state, 100),
        );
        expect(client.outbox.pending(A)).toEqual([]);
        expect(first.filter((text) => written.includes(text))).toEqual(written);
      }
      const own = state.messages
        .map(({ client_message_id }) => client_message_id)
        .filter((id) => id !== null);
      expect(new Set(own).size).toBe(own.length);
      expect(server.connections).toBe(1);
      for (const open of desk.tabs) open?.client.stop();
      vi.clearAllTimers();
    }),
    { numRuns: 300 },
  );
}, 120_000);
