/**
 * A room of many sockets: all connect, one speaks, all read, all leave. What each of them costs must not grow with the
 * others.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { OFFLINE_AFTER_MS } from "@rocket-chat-api/protocol";
import type { Person } from "../../scripts/person.ts";
import { socketPath } from "../../scripts/person.ts";
import type { Phase } from "../driver.ts";
import { type Doing, tableOf, targetsOf } from "../growing.ts";
import { settle, undisturbed } from "../measure.ts";
import { elsewhere } from "../rooms.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";
import type { Service } from "../servers.ts";
import { openSocket, phaseOf, type Socket } from "../sockets.ts";

const PHASE = "crowds: a room of many sockets";
const MESSAGES = 20;
/** Sockets that open or close at the same time. */
const AT_ONCE = 25;
/** Until everything that waits for a pause has been done: receipts of large groups are written every 10 s. */
const PAUSE_MS = OFFLINE_AFTER_MS + 1_000;

function sizesOf({ quick }: Options): [number, number] {
  return quick ? [5, 50] : [100, 1_000];
}

/** One room, and those who sit in it. */
class Crowded {
  readonly #id: string;
  readonly #url: string;
  readonly #people: Person[];
  #sockets: Socket[] = [];

  constructor(id: string, url: string, people: Person[]) {
    this.#id = id;
    this.#url = url;
    this.#people = people;
  }

  /** Everybody connects. */
  async connect(): Promise<Phase> {
    const start = performance.now();
    for (let at = 0; at < this.#people.length; at += AT_ONCE) {
      const some = this.#people.slice(at, at + AT_ONCE);
      this.#sockets.push(...(await Promise.all(some.map(({ headers }) => openSocket(this.#url, headers)))));
    }
    return phaseOf(this.#people.length, start);
  }

  /** The first one says something, and everybody hears it, a few times. */
  async speak(): Promise<Phase> {
    const start = performance.now();
    for (let n = 0; n < MESSAGES; n++) {
      const heard = this.#sockets.map((socket) => socket.next('"message.new"'));
      const data = { type: "text", content: `Message ${n}: about as long as what people write.` };
      this.#sockets[0]?.send({ type: "message.send", conversation_id: this.#id, data });
      await Promise.all(heard);
    }
    return phaseOf(this.#people.length * MESSAGES, start);
  }

  /** Everybody reads everything. */
  async read(newest: string): Promise<Phase> {
    const start = performance.now();
    const answered = this.#sockets.map((socket) => socket.next('"ack"'));
    for (const socket of this.#sockets)
      socket.send({ type: "message.read", message_id: newest, request_id: 1 });
    await Promise.all(answered);
    await sleep(PAUSE_MS);
    return phaseOf(this.#people.length, start);
  }

  /** Everybody leaves. */
  async leave(): Promise<Phase> {
    const start = performance.now();
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
    await sleep(PAUSE_MS);
    return phaseOf(this.#people.length, start);
  }

  /** The newest message, as the first one sees it. */
  async newest(): Promise<string> {
    const [person] = this.#people;
    const url = `${new URL(this.#url).origin}/api/v1/conversations/${this.#id}/messages?limit=1`;
    const answer = await fetch(url, { headers: person?.headers ?? {} });
    const { messages } = (await answer.json()) as { messages: { message_id: string }[] };
    return messages[0]?.message_id ?? "";
  }
}

/** Everything that a room of so many does, at the conversation's own socket or at the users'. */
async function crowd(bench: Bench, service: Service, size: number, kind: "own" | "hub"): Promise<void> {
  const { server, directory, checkout } = service;
  const people = await bench.crowd(service).of(size);
  const id = await bench.crowd(service).group(people);
  const room = new Crowded(id, server.url + (kind === "own" ? socketPath(id) : "/ws"), people);
  const side = { name: kind, server, directory, ...elsewhere(checkout) };
  await settle(side);
  await sleep(bench.options.settleSeconds * 1000);
  const where = kind === "own" ? "the conversation's own socket" : "/ws";
  // Once each: what has happened cannot be tried again.
  const patience = { ...bench.options, attempts: 1 };
  const keep = async (name: string, run: () => Promise<Phase>): Promise<void> => {
    const named = { ...side, name: `${kind}-${name}`, title: `${name}, at ${where}` };
    bench.keep(PHASE, size, named, await undisturbed(side, patience, run));
  };
  await keep("connect", () => room.connect());
  await room.speak();
  await settle(side);
  await keep("message", () => room.speak());
  const newest = await room.newest();
  await keep("read", () => room.read(newest));
  await keep("leave", () => room.leave());
}

export const crowds: Scenario = {
  name: "crowds",
  comparable: true,
  async run(bench) {
    const services = await bench.servers.services();
    const sides = services.map((service): Pick<Doing, "name" | "server"> & { service: Service } => {
      return { name: "service", server: service.server, service };
    });
    await bench.inTurns(sides, async ({ service }) => {
      for (const kind of ["own", "hub"] as const) {
        for (const size of sizesOf(bench.options)) await crowd(bench, service, size, kind);
      }
    });
  },
  tables: (options) => [
    tableOf(PHASE, "What each costs of a room of many sockets", "sockets", sizesOf(options)[0]),
  ],
  targets: (options) => {
    const names = ["connect", "message", "read", "leave"].flatMap((name) => [`own-${name}`, `hub-${name}`]);
    return targetsOf(PHASE, names, "sockets", sizesOf(options), "cpu_per_message");
  },
};
